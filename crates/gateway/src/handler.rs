//! One request, from its head to its answer.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header, request};
use hyper::body::Incoming;
use keeptrail_arn::{AccountId, Region};
use keeptrail_operation::{
    AnyOperation, ApiError, Attempt, Authorisation, Call, Dispatcher, ErrorCode, Identity, Service, ServiceMeta, codes,
};
use keeptrail_record::{TlsDetails, UserIdentity, cut};
use keeptrail_sigv4::{Family, PayloadHash, Presented, SigError};
use keeptrail_wire::Protocol;
use metrics::Counter;

use crate::{
    AnswerBody, Limits, ObjectApi, Pages, answer,
    authenticate::{Authenticated, Refused, SigningKeys, authenticate, head},
    body::{BodyError, collect, inflate},
    route::{Route, by_action, route, text},
};

/// What stands for the service in the record of a request that named none of ours.
static NO_SERVICE: ServiceMeta = ServiceMeta {
    name: "keeptrail",
    signing_name: "",
    event_source: "keeptrail.amazonaws.com",
    api_version: None,
    global_region: None,
    json: None,
    query: None,
    cbor: None,
    access_denied: codes::ACCESS_DENIED,
    internal: codes::INTERNAL,
};

/// The other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Option<TlsDetails>,
}

/// What the gateway is made of.
pub struct Parts {
    /// Runs the operations.
    pub dispatcher: Dispatcher,
    /// The services.
    pub services: Vec<Service>,
    /// The bucket service.
    pub objects: Option<Arc<dyn ObjectApi>>,
    /// The pages for unsigned GET requests.
    pub pages: Arc<dyn Pages>,
    /// The account that records of unknown callers go to.
    pub account: AccountId,
    /// The region of unsigned calls.
    pub region: Region,
    /// Bounds.
    pub limits: Limits,
}

/// The gateway.
pub struct Gateway {
    parts: Parts,
    keys: SigningKeys,
    /// Answers with status 200: what nearly all have is not looked up each time.
    answered: Counter,
}

/// A request that was given up, with what its record says.
struct Refusal<'a> {
    service: &'static ServiceMeta,
    event_name: &'a str,
    read_only: bool,
    protocol: Protocol,
    error: ApiError,
}

impl Gateway {
    /// A gateway of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let answered = metrics::counter!("keeptrail_requests_total", "status" => "200");
        Self { parts, keys: SigningKeys::default(), answered }
    }

    /// The services, for the tests that walk all operations.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.parts.services
    }

    pub(crate) async fn handle(&self, request: Request<Incoming>, peer: &Peer) -> Response<AnswerBody> {
        let (parts, body) = request.into_parts();
        let presented = keeptrail_sigv4::parse(&head(&parts));
        // A link with an Action, as in a subscription's confirmation, is a call.
        let asks = parts.uri.query().is_some_and(|query| query.contains("Action="));
        if matches!(presented, Ok(None))
            && matches!(parts.method, Method::GET | Method::HEAD)
            && !asks
            && let Some(page) = self.parts.pages.page(parts.uri.path()).await
        {
            return answer::page(page);
        }
        let mut call = match self.call(&parts, peer) {
            Ok(call) => call,
            Err(error) => {
                tracing::error!(%error, "no request id could be made");
                return answer::page(answer::text(500, "the system's random generator failed\n"));
            }
        };
        let response = match presented {
            Ok(presented) => {
                if let Some(presented) = &presented {
                    call.access_key_id = Some(presented.access_key_id().to_owned());
                    call.session_token = presented.session_token().map(str::to_owned);
                    if let Ok(region) = presented.region().parse() {
                        call.region = region;
                    }
                }
                self.routed(parts, body, call, presented.as_ref()).await
            }
            Err(error) => self.unreadable(&parts, &call, &error).await,
        };
        self.count(response.status());
        response
    }

    fn count(&self, status: StatusCode) {
        if status == StatusCode::OK {
            self.answered.increment(1);
        } else {
            metrics::counter!("keeptrail_requests_total", "status" => status.as_str().to_owned()).increment(1);
        }
    }

    fn call(&self, parts: &request::Parts, peer: &Peer) -> Result<Call, keeptrail_clock::NoRandomness> {
        let host = text(&parts.headers, header::HOST.as_str())
            .or_else(|| parts.uri.authority().map(http::uri::Authority::as_str));
        let tls = peer
            .tls
            .clone()
            .map(|tls| TlsDetails { client_provided_host_header: cut(host.unwrap_or_default(), 256), ..tls });
        Ok(Call {
            request_id: self.parts.dispatcher.random().uuid()?,
            region: self.parts.region.clone(),
            access_key_id: None,
            session_token: None,
            source_ip: peer.address.ip().to_canonical(),
            user_agent: text(&parts.headers, header::USER_AGENT.as_str()).map(|agent| cut(agent, 1024)),
            tls,
        })
    }

    async fn routed(
        &self,
        parts: request::Parts,
        body: Incoming,
        call: Call,
        presented: Option<&Presented>,
    ) -> Response<AnswerBody> {
        let found = route(&self.parts.services, &parts);
        if matches!(found, Route::Objects) {
            return self.objects(parts, body, call, presented).await;
        }
        let body = match collect(body, &self.parts.limits).await {
            Ok(body) => body,
            Err(error) => return self.refuse(&call, refusal(&found, body_error(&error))).await,
        };
        match found {
            Route::Form => {
                let pairs = match form(&parts, &body) {
                    Ok(pairs) => pairs,
                    Err(error) => return self.refuse(&call, refusal(&found, error)).await,
                };
                let found = by_action(&self.parts.services, presented.map(Presented::service), &pairs);
                let body = if parts.method == Method::GET { query_body(&parts) } else { body.clone() };
                self.operation(&parts, body, call, presented, &found).await
            }
            found => self.operation(&parts, body, call, presented, &found).await,
        }
    }

    async fn operation(
        &self,
        parts: &request::Parts,
        body: Bytes,
        call: Call,
        presented: Option<&Presented>,
        found: &Route<'_>,
    ) -> Response<AnswerBody> {
        let Route::Operation { service, operation, protocol, .. } = found else {
            let error = ApiError::new(
                codes::UNKNOWN_OPERATION,
                "The requested service or operation is not one of this server's.",
            );
            return self.refuse(&call, refusal(found, error)).await;
        };
        let attempt =
            match self.caller(parts, &body, presented, service.meta, operation.map(|operation| &**operation)).await {
                Ok(attempt) => attempt,
                Err(refused) => {
                    return self.refuse(&call, refusal(found, signature_error(refused, family(*protocol)))).await;
                }
            };
        let Some(operation) = operation else {
            let error = match protocol {
                Protocol::Query => "Could not find operation for the given Action and Version.",
                _ => "The requested operation is not recognized by the service.",
            };
            let refusal = refusal(found, ApiError::new(codes::UNKNOWN_OPERATION, error));
            return self.refuse_as(&call, &attempt.identity, refusal).await;
        };
        match self.decompressed(parts, body) {
            Ok(body) => answer::encoded(operation.call(&self.parts.dispatcher, &call, attempt, *protocol, body).await),
            Err(error) => self.refuse_as(&call, &attempt.identity, refusal(found, error)).await,
        }
    }

    /// The verified caller, or nobody where the operation is open to everyone.
    async fn caller(
        &self,
        parts: &request::Parts,
        body: &[u8],
        presented: Option<&Presented>,
        service: &ServiceMeta,
        operation: Option<&dyn AnyOperation>,
    ) -> Result<Attempt, Refused> {
        let Some(presented) = presented else {
            if operation.is_some_and(|operation| operation.meta().authorisation == Authorisation::Anyone) {
                let identity = Arc::new(Identity::anonymous(self.parts.account.clone()));
                return Ok(Attempt { tx: self.parts.dispatcher.begin(), identity });
            }
            return Err(Refused::Signature(SigError::Missing));
        };
        if presented.region().parse::<Region>().is_err() {
            return Err(Refused::Signature(SigError::Incomplete("Credential should be scoped to a valid region.")));
        }
        let payload = PayloadHash::Of(keeptrail_sigv4::sha256(body));
        let authenticated =
            authenticate(&self.parts.dispatcher, &self.keys, parts, presented, service.signing_name, payload).await?;
        Ok(authenticated.attempt)
    }

    fn decompressed(&self, parts: &request::Parts, body: Bytes) -> Result<Bytes, ApiError> {
        match text(&parts.headers, header::CONTENT_ENCODING.as_str()) {
            None | Some("" | "identity") => Ok(body),
            Some("gzip") => inflate(&body, self.parts.limits.body).map_err(|error| body_error(&error)),
            Some(_) => Err(ApiError::new(
                ErrorCode::sender("SerializationException"),
                "The Content-Encoding must be gzip or identity.",
            )),
        }
    }

    async fn objects(
        &self,
        mut parts: request::Parts,
        body: Incoming,
        call: Call,
        presented: Option<&Presented>,
    ) -> Response<AnswerBody> {
        let Some(objects) = &self.parts.objects else {
            let error = ApiError::new(codes::UNKNOWN_OPERATION, "This server has no bucket service.");
            return self.refuse(&call, refusal(&Route::Objects, error)).await;
        };
        let dispatcher = &self.parts.dispatcher;
        let (attempt, body) = match presented {
            None => {
                let identity = Arc::new(Identity::anonymous(self.parts.account.clone()));
                (Attempt { tx: dispatcher.begin(), identity }, crate::body::unsigned(body))
            }
            Some(presented) => {
                let service = objects.meta().signing_name;
                let verified =
                    authenticate(dispatcher, &self.keys, &parts, presented, service, PayloadHash::Deferred).await;
                let framed = verified.and_then(|Authenticated { attempt, verified, key }| {
                    let body = crate::body::signed(&mut parts, body, &verified, &key)?;
                    Ok((attempt, body))
                });
                match framed {
                    Ok(both) => both,
                    Err(refused) => {
                        let error = signature_error(refused, Family::S3);
                        let identity = Arc::new(self.unknown(&call));
                        let name = cut(parts.method.as_str(), 32);
                        let error = dispatcher.refuse(objects.meta(), &name, false, &call, &identity, error).await;
                        return objects.error(&call, &error);
                    }
                }
            }
        };
        crate::body::strip_signature(&mut parts);
        objects.serve(Request::from_parts(parts, body), dispatcher, call, attempt).await
    }

    /// A request whose signature cannot even be read.
    async fn unreadable(&self, parts: &request::Parts, call: &Call, error: &SigError) -> Response<AnswerBody> {
        let found = route(&self.parts.services, parts);
        if let (Route::Objects, Some(objects)) = (&found, &self.parts.objects) {
            let error = signature_error(Refused::Signature(error.clone()), Family::S3);
            let identity = Arc::new(self.unknown(call));
            let name = cut(parts.method.as_str(), 32);
            let error = self.parts.dispatcher.refuse(objects.meta(), &name, false, call, &identity, error).await;
            return objects.error(call, &error);
        }
        let protocol = match &found {
            Route::Operation { protocol, .. } | Route::Unknown { protocol, .. } => *protocol,
            Route::Form => Protocol::Query,
            Route::Objects => Protocol::RestJson,
        };
        let error = signature_error(Refused::Signature(error.clone()), family(protocol));
        self.refuse(call, refusal(&found, error)).await
    }

    async fn refuse(&self, call: &Call, refusal: Refusal<'_>) -> Response<AnswerBody> {
        let identity = Arc::new(self.unknown(call));
        self.refuse_as(call, &identity, refusal).await
    }

    async fn refuse_as(&self, call: &Call, identity: &Arc<Identity>, refusal: Refusal<'_>) -> Response<AnswerBody> {
        let Refusal { service, event_name, read_only, protocol, error } = refusal;
        let name = event_name_of(event_name);
        let error = self.parts.dispatcher.refuse(service, &name, read_only, call, identity, error).await;
        answer::encoded(self.parts.dispatcher.encode_error(service, protocol, call, &error))
    }

    /// The record's identity when nobody could be made out: the access key that was presented, and nothing believed of it.
    fn unknown(&self, call: &Call) -> Identity {
        let mut identity = Identity::anonymous(self.parts.account.clone());
        if let Some(key) = &call.access_key_id {
            identity.user_identity = UserIdentity {
                kind: Some("Unknown".to_owned()),
                access_key_id: Some(cut(key, 128)),
                ..UserIdentity::default()
            };
        }
        identity
    }
}

/// The operation's name as a record may show it: whatever is not a name is left out.
fn event_name_of(name: &str) -> String {
    let named = !name.is_empty() && name.len() <= 128 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if named { name.to_owned() } else { "Unknown".to_owned() }
}

fn refusal<'a>(found: &'a Route<'_>, error: ApiError) -> Refusal<'a> {
    match found {
        Route::Operation { service, operation, name, protocol } => Refusal {
            service: service.meta,
            event_name: name,
            read_only: operation.is_some_and(|operation| operation.meta().read_only),
            protocol: *protocol,
            error,
        },
        Route::Unknown { name, protocol } => {
            Refusal { service: &NO_SERVICE, event_name: name, read_only: false, protocol: *protocol, error }
        }
        Route::Form => {
            Refusal { service: &NO_SERVICE, event_name: "", read_only: false, protocol: Protocol::Query, error }
        }
        Route::Objects => {
            Refusal { service: &NO_SERVICE, event_name: "", read_only: false, protocol: Protocol::RestJson, error }
        }
    }
}

fn family(protocol: Protocol) -> Family {
    if protocol == Protocol::Query { Family::Query } else { Family::Json }
}

fn signature_error(refused: Refused, family: Family) -> ApiError {
    match refused {
        Refused::Signature(error) => {
            let code = ErrorCode { name: error.code(family), query: None, status: error.status(family) };
            ApiError::new(code, error.message(family)).because(error)
        }
        Refused::Store(error) => error.into(),
    }
}

fn body_error(error: &BodyError) -> ApiError {
    let (name, status) = match error {
        BodyError::TooLarge(_) => ("RequestEntityTooLargeException", 413),
        BodyError::Timeout => ("RequestTimeout", 408),
        _ => ("SerializationException", 400),
    };
    ApiError::new(ErrorCode::sender(name).with_status(status), error.to_string())
}

fn form(parts: &request::Parts, body: &[u8]) -> Result<Vec<(String, String)>, ApiError> {
    let malformed = |error: keeptrail_wire::DecodeError| {
        ApiError::new(ErrorCode::sender(error.code(Protocol::Query)), error.wire_message())
    };
    let text = if parts.method == Method::GET { parts.uri.query().unwrap_or_default().as_bytes() } else { body };
    keeptrail_wire::parse_form(text).map_err(malformed)
}

/// The form of a GET request without the signature's own parameters.
fn query_body(parts: &request::Parts) -> Bytes {
    let pairs = parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.starts_with("X-Amz-"));
    Bytes::from(pairs.collect::<Vec<_>>().join("&"))
}
