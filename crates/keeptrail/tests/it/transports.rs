//! HTTP/1.1 and HTTP/2, with and without TLS.

use http::Version;
use serde_json::json;

use crate::support::{
    caller::{Caller, Request},
    eventually, journal,
    server::{ROOT, Server},
};

/// What the server says of a call by this client.
async fn call(server: &Server, http: reqwest::Client) -> Caller {
    let root = server.root().through(http);
    root.call("secretsmanager", "CreateSecret", json!({"Name": "s", "SecretString": "v"})).await.good();
    let read = root.call("secretsmanager", "GetSecretValue", json!({"SecretId": "s"})).await;
    assert_eq!(read.good()["SecretString"], "v");
    root
}

#[tokio::test]
async fn http_2_without_tls_is_spoken_by_prior_knowledge() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let http = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let page = http.get(format!("{}/healthz", server.url())).send().await.unwrap();
    assert_eq!(page.version(), Version::HTTP_2);
    let root = call(&server, http).await;
    // Many calls on one connection.
    let calls = (0..100).map(|_| {
        let root = root.clone();
        tokio::spawn(async move { root.call("sts", "GetCallerIdentity", json!({})).await.status })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), 200);
    }
    let refused =
        root.unsigned(Request::of("secretsmanager", "GetSecretValue", &json!({"SecretId": "s"}))).await.unwrap();
    assert_eq!(refused.code(), "MissingAuthenticationTokenException");
}

#[tokio::test]
async fn tls_offers_both_and_is_on_the_record() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(&dir.path().join("data"), |command| {
        command.args(["--tls-self-signed", "localhost,127.0.0.1"]);
    });
    let pem = std::fs::read(server.data().join("tls-certificate.pem")).unwrap();
    let certificate = reqwest::Certificate::from_pem(&pem).unwrap();
    let builder = || reqwest::Client::builder().no_proxy().tls_certs_only([certificate.clone()]);
    for (http, version) in [(builder(), Version::HTTP_2), (builder().http1_only(), Version::HTTP_11)] {
        let http = http.build().unwrap();
        let page = http.get(format!("{}/healthz", server.url())).send().await.unwrap();
        assert_eq!((page.version(), page.status().as_u16()), (version, 200));
        let root = Caller::new(server.url(), ROOT.0, ROOT.1, None).through(http);
        let answer = root.call("sts", "GetCallerIdentity", json!({})).await;
        assert_eq!(answer.status, 200);
        let record = eventually("the record", async || journal::by_request(server.data()).remove(&answer.id())).await;
        assert_eq!(record["tlsDetails"]["tlsVersion"], "TLSv1.3", "{record}");
        assert_eq!(record["tlsDetails"]["clientProvidedHostHeader"], json!(server.address()));
    }
    let stranger = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(stranger.get(format!("{}/healthz", server.url())).send().await.is_err(), "nobody trusts it unasked");
    // Plain HTTP on the TLS port ends at once.
    let plain = server.raw(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n");
    assert!(!plain.contains("200 OK"), "{plain}");
}
