//! Requests whose signature does not hold: each is refused with AWS's code, and on the trail with nothing believed of it.

use http::{HeaderValue, Method};
use keeptrail_clock::{Clock, Timestamp, after, before};
use keeptrail_sigv4::{RequestParts, Signer};
use serde_json::{Value, json};
use std::time::Duration;

use crate::support::{
    caller::{Answer, Caller, Request},
    eventually, journal,
    server::{ACCOUNT, ROOT, Server},
};

const DAY: Duration = Duration::from_secs(24 * 3600);
const MINUTE: Duration = Duration::from_secs(60);

/// A server with a secret, and a good request for its value.
async fn server(dir: &tempfile::TempDir) -> (Server, Caller, Request) {
    let server = Server::start(&dir.path().join("data"));
    let root = server.root();
    root.call("secretsmanager", "CreateSecret", json!({"Name": "s", "SecretString": "the value"})).await.good();
    (server, root, Request::of("secretsmanager", "GetSecretValue", &json!({"SecretId": "s"})))
}

/// The request with its signature.
fn signed(caller: &Caller, request: &Request, at: Timestamp) -> Request {
    signed_as(caller, request, &caller.signer(&request.service), at)
}

fn signed_as(caller: &Caller, request: &Request, signer: &Signer<'_>, at: Timestamp) -> Request {
    let mut request = request.clone();
    for (name, value) in request.signature(caller.host(), signer, at) {
        request.headers.insert(name, HeaderValue::from_str(&value).unwrap());
    }
    request
}

fn set(mut request: Request, name: &'static str, change: impl FnOnce(&str) -> String) -> Request {
    let value = change(request.headers.get(name).map_or("", |value| value.to_str().unwrap()));
    request.headers.insert(name, HeaderValue::from_str(&value).unwrap());
    request
}

fn twice(mut request: Request, name: &'static str) -> Request {
    let value = request.headers[name].clone();
    request.headers.append(name, value);
    request
}

/// Sends it as it is: it must be refused with one of these codes, and recorded with nobody's name.
async fn refused(server: &Server, caller: &Caller, request: Request, codes: &[&str]) -> Answer {
    let answer = caller.unsigned(request).await.unwrap();
    assert!([400, 403].contains(&answer.status), "{} {}", answer.status, answer.text());
    assert!(codes.contains(&answer.code().as_str()), "{codes:?}: {}", answer.text());
    assert!(!answer.text().contains("the value"));
    let record = recorded(server, &answer.id()).await;
    assert_eq!(record["errorCode"], json!(answer.code()), "{record}");
    assert_eq!(record["userIdentity"].get("arn"), None, "nothing is believed: {record}");
    assert_eq!(record["requestParameters"], Value::Null);
    answer
}

async fn recorded(server: &Server, id: &str) -> Value {
    eventually("the record", async || journal::by_request(server.data()).remove(id)).await
}

#[tokio::test]
async fn wrong_signatures_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (server, root, request) = server(&dir).await;
    let now = Clock::system().now();
    let good = signed(&root, &request, now);
    assert_eq!(root.unsigned(good.clone()).await.unwrap().status, 200);
    let wrong = "InvalidSignatureException";
    let flipped = |text: &str| {
        let mut text = text.to_owned();
        let other = if text.pop() == Some('0') { '1' } else { '0' };
        text.push(other);
        text
    };
    refused(&server, &root, set(good.clone(), "authorization", flipped), &[wrong]).await;
    refused(&server, &root, good.clone().body(r#"{"SecretId":"t"}"#), &[wrong]).await;
    refused(&server, &root, set(good.clone(), "x-amz-target", |_| "secretsmanager.DeleteSecret".to_owned()), &[wrong])
        .await;
    refused(&server, &root, Request { query: "a=b".to_owned(), ..good.clone() }, &[wrong]).await;
    let another = Caller::new(server.url(), ROOT.0, "another-secret", None);
    refused(&server, &root, signed(&another, &request, now), &[wrong]).await;
    let nobody = Caller::new(server.url(), "AKIANOBODY", ROOT.1, None);
    refused(&server, &root, signed(&nobody, &request, now), &["UnrecognizedClientException"]).await;
    // Right, but for another service or with nothing behind the algorithm.
    let signer = Signer { service: "sts", ..root.signer("secretsmanager") };
    refused(&server, &root, signed_as(&root, &request, &signer, now), &[wrong]).await;
    for text in ["AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a", "Basic cm9vdA==", "AWS3 x", ""] {
        let request = set(good.clone(), "authorization", |_| text.to_owned());
        let codes =
            ["IncompleteSignatureException", "MissingAuthenticationTokenException", "InvalidSignatureException"];
        refused(&server, &root, request, &codes).await;
    }
    refused(&server, &root, request, &["MissingAuthenticationTokenException"]).await;
}

#[tokio::test]
async fn a_signature_is_good_for_a_few_minutes_and_for_its_own_time_only() {
    let dir = tempfile::tempdir().unwrap();
    let (server, root, request) = server(&dir).await;
    let now = Clock::system().now();
    for (at, good) in [
        (before(now, 4 * MINUTE), true),
        (after(now, 4 * MINUTE), true),
        (before(now, 16 * MINUTE), false),
        (after(now, 16 * MINUTE), false),
        (before(now, DAY), false),
    ] {
        let request = signed(&root, &request, at);
        if good {
            assert_eq!(root.unsigned(request).await.unwrap().status, 200, "{at}");
        } else {
            refused(&server, &root, request, &["InvalidSignatureException", "RequestExpired"]).await;
        }
    }
    // An old request that is sent again with a new date.
    let old = signed(&root, &request, before(now, 16 * MINUTE));
    let today = signed(&root, &request, now).headers["x-amz-date"].to_str().unwrap().to_owned();
    refused(&server, &root, set(old, "x-amz-date", |_| today.clone()), &["InvalidSignatureException"]).await;
}

#[tokio::test]
async fn what_could_be_read_in_two_ways_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (server, root, request) = server(&dir).await;
    let good = signed(&root, &request, Clock::system().now());
    let codes = ["IncompleteSignatureException", "InvalidSignatureException", "MissingAuthenticationTokenException"];
    for name in ["authorization", "x-amz-date", "x-amz-target", "content-type"] {
        let answer = root.unsigned(twice(good.clone(), name)).await.unwrap();
        assert!(
            [400, 403].contains(&answer.status) && codes.contains(&answer.code().as_str()),
            "{name}: {}",
            answer.text()
        );
    }
    let presigned =
        Request { query: "X-Amz-Signature=abc&X-Amz-Algorithm=AWS4-HMAC-SHA256".to_owned(), ..good.clone() };
    refused(&server, &root, presigned, &codes).await;
    // What the server acts by must be signed.
    let bare = Request { headers: http::HeaderMap::new(), ..request.clone() }
        .header("content-type", "application/x-amz-json-1.1");
    let unsigned_target =
        signed(&root, &bare, Clock::system().now()).header("x-amz-target", "secretsmanager.GetSecretValue");
    refused(&server, &root, unsigned_target, &codes).await;
    let token = good.header("x-amz-security-token", "token");
    refused(
        &server,
        &root,
        token,
        &["InvalidSignatureException", "IncompleteSignatureException", "UnrecognizedClientException"],
    )
    .await;
}

#[tokio::test]
async fn a_session_token_belongs_to_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let (server, root, request) = server(&dir).await;
    let user = root.new_user("somebody", None).await;
    let session = async |user: &Caller| {
        let session = user.call("sts", "GetSessionToken", json!({})).await;
        (session.element("AccessKeyId"), session.element("SecretAccessKey"), session.element("SessionToken"))
    };
    let (first, second) = (session(&user).await, session(&user).await);
    let with = |key: &(String, String, String), token: Option<&str>| Caller::new(server.url(), &key.0, &key.1, token);
    let good = with(&first, Some(&first.2)).call("sts", "GetCallerIdentity", json!({})).await;
    assert_eq!(good.element("Arn"), format!("arn:aws:iam::{ACCOUNT}:user/somebody"));
    let now = Clock::system().now();
    let mut changed = first.2.clone().into_bytes();
    let middle = changed.len() / 2;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    for token in [None, Some(second.2.as_str()), Some(changed.as_str()), Some("token")] {
        let swapped = with(&first, token);
        let codes = ["UnrecognizedClientException", "InvalidClientTokenId"];
        refused(&server, &swapped, signed(&swapped, &request, now), &codes).await;
    }
}

#[tokio::test]
async fn a_presigned_request_is_good_until_it_expires() {
    let dir = tempfile::tempdir().unwrap();
    let (server, root, _) = server(&dir).await;
    assert_eq!(root.send(Request::new("s3", Method::PUT, "/bucket")).await.status, 200);
    assert_eq!(root.send(Request::new("s3", Method::PUT, "/bucket/key").body("content")).await.status, 200);
    let now = Clock::system().now();
    let presigned = |path: &'static str, at: Timestamp, expires: u32| {
        let request = Request::new("s3", Method::GET, path);
        let parts =
            RequestParts { method: "GET", path, query: "", headers: &request.headers, authority: Some(root.host()) };
        let query = root.signer("s3").presign(&parts, expires, at).unwrap();
        Request { query, ..request }
    };
    let good = presigned("/bucket/key", now, 60);
    assert_eq!(root.unsigned(good.clone()).await.unwrap().text(), "content");
    for (request, code) in [
        (presigned("/bucket/key", before(now, 2 * MINUTE), 60), "AccessDenied"),
        (presigned("/bucket/key", now, 8 * 24 * 3600), "AuthorizationQueryParametersError"),
        (Request { path: "/bucket/other".to_owned(), ..good.clone() }, "SignatureDoesNotMatch"),
        (Request { method: Method::DELETE, ..good.clone() }, "SignatureDoesNotMatch"),
        (Request { query: good.query.replace("Expires=60", "Expires=600"), ..good.clone() }, "SignatureDoesNotMatch"),
        (Request { query: format!("{}&X-Amz-Expires=600", good.query), ..good.clone() }, "InvalidArgument"),
    ] {
        let answer = root.unsigned(request).await.unwrap();
        assert_eq!(answer.code(), code, "{}", answer.text());
        assert_eq!(recorded(&server, &answer.id()).await["errorCode"], json!(code));
    }
}
