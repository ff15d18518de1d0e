//! Signed calls.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use keeptrail_clock::{Clock, Random, Timestamp};
use keeptrail_sigv4::{BodyHash, RequestParts, Signer, sha256};
use serde_json::Value;

use super::encoding;

/// How each service is spoken to by [`Caller::call`]: its IAM prefix, signing name, and JSON target or query version.
const SERVICES: [(&str, &str, &str); 8] = [
    ("cloudtrail", "cloudtrail", "CloudTrail_20131101"),
    ("cloudwatch", "monitoring", "GraniteServiceVersion20100801"),
    ("events", "events", "AWSEvents"),
    ("iam", "iam", "2010-05-08"),
    ("logs", "logs", "Logs_20140328"),
    ("secretsmanager", "secretsmanager", "secretsmanager"),
    ("sns", "sns", "2010-03-31"),
    ("sts", "sts", "2011-06-15"),
];

/// How long a connection is kept for the next call.
const IDLE: Duration = Duration::from_secs(5);

/// Somebody with an access key.
#[derive(Clone)]
pub(crate) struct Caller {
    http: reqwest::Client,
    url: String,
    key: String,
    secret: String,
    token: Option<String>,
}

/// A request before it is signed.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) service: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(service: &str, method: Method, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self {
            service: service.to_owned(),
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// AWS JSON.
    pub(crate) fn json(service: &str, target: &str, operation: &str, body: impl Into<Vec<u8>>) -> Self {
        let version = if service == "monitoring" { "1.0" } else { "1.1" };
        Self::new(service, Method::POST, "/")
            .header("content-type", &format!("application/x-amz-json-{version}"))
            .header("x-amz-target", &format!("{target}.{operation}"))
            .body(body)
    }

    /// A form.
    pub(crate) fn query(service: &str, version: &str, operation: &str, input: &Value) -> Self {
        let form = format!("Action={operation}&Version={version}{}", encoding::form(input));
        Self::new(service, Method::POST, "/").header("content-type", "application/x-www-form-urlencoded").body(form)
    }

    /// rpc-v2-cbor.
    pub(crate) fn cbor(service: &str, name: &str, operation: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new(service, Method::POST, &format!("/service/{name}/operation/{operation}"))
            .header("content-type", "application/cbor")
            .header("smithy-protocol", "rpc-v2-cbor")
            .body(body)
    }

    /// The service's own protocol, with the token that SDKs add to what changes a secret's value.
    pub(crate) fn of(service: &str, operation: &str, input: &Value) -> Self {
        let (_, signing, by) = SERVICES.iter().find(|(name, ..)| *name == service).unwrap();
        let mut input = input.clone();
        if ["CreateSecret", "PutSecretValue", "UpdateSecret"].contains(&operation) {
            let token = Random::system().uuid().unwrap();
            input.as_object_mut().unwrap().entry("ClientRequestToken").or_insert(Value::from(token));
        }
        if by.starts_with("20") {
            Self::query(signing, by, operation, &input)
        } else {
            Self::json(signing, by, operation, input.to_string())
        }
    }

    /// The headers that a signature by this key at this time adds, whatever the secret is.
    pub(crate) fn signature(&self, host: &str, signer: &Signer<'_>, at: Timestamp) -> Vec<(&'static str, String)> {
        let parts = RequestParts {
            method: self.method.as_str(),
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            authority: Some(host),
        };
        signer.sign(&parts, BodyHash::Of(sha256(&self.body)), at).unwrap()
    }
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The JSON of a call that must have been good.
    pub(crate) fn good(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }

    /// The content of the first XML element of this name.
    pub(crate) fn element(&self, name: &str) -> String {
        let text = self.text();
        let found = text.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once(&format!("</{name}>")));
        found.unwrap_or_else(|| panic!("no {name} in {text}")).0.to_owned()
    }

    /// The error's code, in whichever protocol.
    pub(crate) fn code(&self) -> String {
        let json = if self.is_cbor() { encoding::from_cbor(&self.body) } else { self.json() };
        if let Some(code) = json.get("__type").and_then(Value::as_str) {
            return code.rsplit('#').next().unwrap().to_owned();
        }
        if self.text().contains("<Code>") { self.element("Code") } else { String::new() }
    }

    fn is_cbor(&self) -> bool {
        self.headers.get("smithy-protocol").is_some()
    }

    /// The request's id.
    pub(crate) fn id(&self) -> String {
        let id = self.headers.get("x-amzn-requestid").or_else(|| self.headers.get("x-amz-request-id"));
        id.unwrap_or_else(|| panic!("no request id: {self:?}")).to_str().unwrap().to_owned()
    }
}

impl Caller {
    pub(crate) fn new(url: &str, key: &str, secret: &str, token: Option<&str>) -> Self {
        // The server closes connections that say nothing for 15 s: not to be the one that is in the middle of using it.
        let http = reqwest::Client::builder().no_proxy().pool_idle_timeout(IDLE).build().unwrap();
        Self {
            http,
            url: url.to_owned(),
            key: key.to_owned(),
            secret: secret.to_owned(),
            token: token.map(str::to_owned),
        }
    }

    /// The same by another HTTP client.
    pub(crate) fn through(mut self, http: reqwest::Client) -> Self {
        self.http = http;
        self
    }

    /// The same caller of a server that has another address now.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    pub(crate) fn host(&self) -> &str {
        self.url.split_once("://").unwrap().1
    }

    pub(crate) fn signer<'a>(&'a self, service: &'a str) -> Signer<'a> {
        Signer {
            access_key_id: &self.key,
            secret: self.secret.as_bytes(),
            session_token: self.token.as_deref(),
            region: "us-east-1",
            service,
        }
    }

    /// Signs and sends; an error when no whole answer came.
    pub(crate) async fn attempt(&self, request: Request) -> reqwest::Result<Answer> {
        let added = request.signature(self.host(), &self.signer(&request.service), Clock::system().now());
        let mut headers = request.headers.clone();
        for (name, value) in added {
            headers.insert(name, HeaderValue::from_str(&value).unwrap());
        }
        self.unsigned(Request { headers, ..request }).await
    }

    /// Sends as it is.
    pub(crate) async fn unsigned(&self, request: Request) -> reqwest::Result<Answer> {
        let question = if request.query.is_empty() { "" } else { "?" };
        let url = format!("{}{}{question}{}", self.url, request.path, request.query);
        let sent = self.http.request(request.method, url).headers(request.headers).body(request.body).send().await?;
        let (status, headers) = (sent.status().as_u16(), sent.headers().clone());
        Ok(Answer { status, headers, body: sent.bytes().await?.to_vec() })
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        self.attempt(request).await.unwrap()
    }

    /// Calls an operation in the service's own protocol.
    pub(crate) async fn call(&self, service: &str, operation: &str, input: Value) -> Answer {
        self.send(Request::of(service, operation, &input)).await
    }

    /// A new IAM user with this policy (or none), and its key.
    pub(crate) async fn new_user(&self, name: &str, policy: Option<&Value>) -> Self {
        let user = serde_json::json!({ "UserName": name });
        assert_eq!(self.call("iam", "CreateUser", user.clone()).await.status, 200);
        if let Some(policy) = policy {
            let input =
                serde_json::json!({"UserName": name, "PolicyName": "policy", "PolicyDocument": policy.to_string()});
            assert_eq!(self.call("iam", "PutUserPolicy", input).await.status, 200);
        }
        let key = self.call("iam", "CreateAccessKey", user).await;
        Self { key: key.element("AccessKeyId"), secret: key.element("SecretAccessKey"), ..self.clone() }
    }
}
