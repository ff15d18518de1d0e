//! From a verified HTTP request to its answer.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Frame;
use keeptrail_operation::{ApiError, Attempt, Call, Dispatcher, Identity};
use s3s::{Body, StdError};

use crate::{
    Gate, META,
    asked::Trailers,
    errors::{self, INTERNAL, INVALID_REQUEST, not_carried_out},
};

/// The caller of a request, on its way through s3s.
pub(crate) struct Signed {
    pub(crate) dispatcher: Dispatcher,
    pub(crate) call: Call,
    /// Taken by the operation that runs; what s3s itself refuses leaves it here.
    pub(crate) attempt: Mutex<Option<Attempt>>,
    pub(crate) trailers: Trailers,
}

impl Gate {
    /// Serves a request whose signature was verified and taken off (or that has none: then `attempt` is nobody's). The
    /// request is recorded, whether an operation runs or s3s refuses it.
    pub async fn serve<B>(
        &self,
        request: Request<B>,
        dispatcher: &Dispatcher,
        call: Call,
        attempt: Attempt,
    ) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
        B::Error: Into<StdError>,
    {
        let name = event_name(&request);
        let read_only = matches!(*request.method(), Method::GET | Method::HEAD);
        let identity = Arc::clone(&attempt.identity);
        if is_form(&request) {
            let error = not_carried_out("uploads by HTML forms");
            return refuse(dispatcher, &call, &identity, &name, read_only, error).await;
        }
        let trailers = Trailers::default();
        let signed = Arc::new(Signed {
            dispatcher: dispatcher.clone(),
            call,
            attempt: Mutex::new(Some(attempt)),
            trailers: Arc::clone(&trailers),
        });
        let mut request = request.map(|inner| Body::http_body_unsync(Tapped { inner, trailers }));
        // SDKs name the algorithm by a header of their own, s3s knows the other.
        if let Some(algorithm) = request.headers_mut().remove("x-amz-sdk-checksum-algorithm") {
            request.headers_mut().entry("x-amz-checksum-algorithm").or_insert(algorithm);
        }
        request.extensions_mut().insert(Arc::clone(&signed));
        let answered = self.service.call(request).await;
        let unused = signed.attempt.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut response = match answered {
            Ok(response) if unused.is_none() => response,
            Ok(response) => {
                let error = refusal(&response);
                return refuse(dispatcher, &signed.call, &identity, &name, read_only, error).await;
            }
            Err(error) => {
                let error = ApiError::new(INTERNAL, "We encountered an internal error. Please try again.")
                    .because(std::io::Error::other(StdError::from(error)));
                if unused.is_none() {
                    // The call itself is on the record; only its answer could not be written.
                    tracing::error!(?error, "an answer could not be encoded");
                    return self.error(&signed.call, &error);
                }
                return refuse(dispatcher, &signed.call, &identity, &name, read_only, error).await;
            }
        };
        stamp(&mut response, &signed.call);
        response
    }

    /// The answer to a request that was refused before; the refusal is already recorded.
    #[must_use]
    pub fn error(&self, call: &Call, error: &ApiError) -> Response<Body> {
        answer(call, error)
    }
}

async fn refuse(
    dispatcher: &Dispatcher,
    call: &Call,
    identity: &Arc<Identity>,
    name: &str,
    read_only: bool,
    error: ApiError,
) -> Response<Body> {
    let error = dispatcher.refuse(&META, name, read_only, call, identity, error).await;
    answer(call, &error)
}

fn answer(call: &Call, error: &ApiError) -> Response<Body> {
    let encoded = errors::to_s3(error, &call.request_id).to_http_response();
    let mut response = encoded.unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    });
    stamp(&mut response, call);
    response
}

fn stamp(response: &mut Response<Body>, call: &Call) {
    if let Ok(id) = HeaderValue::from_str(&call.request_id) {
        response.headers_mut().insert("x-amz-request-id", id);
    }
}

/// The error that s3s answered with, read from its own XML.
fn refusal(response: &Response<Body>) -> ApiError {
    let bytes = response.body().bytes().unwrap_or_default();
    let xml = String::from_utf8_lossy(&bytes);
    let element = |name: &str| {
        let (_, rest) = xml.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
    };
    let code = element("Code").and_then(errors::known).unwrap_or(INVALID_REQUEST);
    let message = element("Message").unwrap_or("The request is not valid.");
    let message = message.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    ApiError::new(code, message.replace("&amp;", "&"))
}

fn is_form<B>(request: &Request<B>) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    request.method() == Method::POST
        && kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/"))
}

/// The name that the record of a request without an operation bears, as near to AWS's as its form tells.
fn event_name<B>(request: &Request<B>) -> String {
    let verb = match *request.method() {
        Method::GET => "Get",
        Method::HEAD => "Head",
        Method::PUT => "Put",
        Method::POST => "Post",
        Method::DELETE => "Delete",
        _ => return "Unknown".to_owned(),
    };
    let path = request.uri().path().trim_start_matches('/');
    let kind = match path.split_once('/') {
        _ if path.is_empty() => "Service",
        Some((_, key)) if !key.is_empty() => "Object",
        _ => "Bucket",
    };
    let query = request.uri().query().unwrap_or_default();
    let parts = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    let part = parts
        .into_iter()
        .find_map(|name| SUBRESOURCES.iter().find(|(subresource, _)| *subresource == name).map(|(_, event)| *event));
    format!("{verb}{kind}{}", part.unwrap_or_default())
}

/// Parts of a bucket or object that a query string names, and how CloudTrail calls them.
const SUBRESOURCES: [(&str, &str); 24] = [
    ("accelerate", "AccelerateConfiguration"),
    ("acl", "Acl"),
    ("analytics", "AnalyticsConfiguration"),
    ("attributes", "Attributes"),
    ("cors", "Cors"),
    ("encryption", "Encryption"),
    ("intelligent-tiering", "IntelligentTieringConfiguration"),
    ("inventory", "InventoryConfiguration"),
    ("legal-hold", "LegalHold"),
    ("lifecycle", "Lifecycle"),
    ("logging", "Logging"),
    ("metrics", "MetricsConfiguration"),
    ("notification", "Notification"),
    ("object-lock", "ObjectLockConfiguration"),
    ("ownershipControls", "OwnershipControls"),
    ("policyStatus", "PolicyStatus"),
    ("publicAccessBlock", "PublicAccessBlock"),
    ("replication", "Replication"),
    ("requestPayment", "RequestPayment"),
    ("retention", "Retention"),
    ("tagging", "Tagging"),
    ("uploads", "MultipartUploads"),
    ("versioning", "Versioning"),
    ("website", "Website"),
];

/// A body that keeps its trailing headers.
struct Tapped<B> {
    inner: B,
    trailers: Arc<Mutex<Option<HeaderMap>>>,
}

impl<B> http_body::Body for Tapped<B>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: Into<StdError>,
{
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let frame = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(trailers) = frame.trailers_ref()
        {
            *self.trailers.lock().unwrap_or_else(PoisonError::into_inner) = Some(trailers.clone());
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.inner.size_hint()
    }
}
