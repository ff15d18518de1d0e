//! Requests that are made to hurt: each is refused with a clear error, in bounded time and memory, and the server goes on.

use http::Method;
use serde_json::json;

use crate::support::{
    caller::{Answer, Caller, Request},
    eventually, journal,
    server::Server,
};

const MIB: usize = 1 << 20;

fn server(dir: &tempfile::TempDir) -> Server {
    Server::start(&dir.path().join("data"))
}

/// A signed call of GetSecretValue with this body.
async fn call(root: &Caller, body: impl Into<Vec<u8>>) -> Answer {
    root.send(Request::json("secretsmanager", "secretsmanager", "GetSecretValue", body)).await
}

/// The server still answers, and the refused call is on the trail without what was in it.
async fn still_well(server: &Server, refused: &Answer, status: u16, code: &str) {
    assert_eq!((refused.status, refused.code().as_str()), (status, code), "{}", refused.text());
    assert!(refused.body.len() < 1000, "a short error: {} bytes", refused.body.len());
    let record = eventually("the record", async || journal::by_request(server.data()).remove(&refused.id())).await;
    assert_eq!(record["errorCode"], json!(code), "{record}");
    assert_eq!(server.root().call("sts", "GetCallerIdentity", json!({})).await.status, 200);
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused_before_they_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(&dir);
    // The client may still be sending when the answer comes: a raw request shows what is said.
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nx-amz-target: secretsmanager.GetSecretValue\r\n\
         content-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n",
        server.address(),
        16 * MIB
    );
    let whole = [head.as_bytes(), &vec![b'x'; 16 * MIB]].concat();
    for request in [whole.as_slice(), head.as_bytes()] {
        let answer = server.raw(request);
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("RequestEntityTooLargeException"), "{answer}");
    }
    let names: Vec<_> = journal::records(server.data()).into_iter().map(|record| record["errorCode"].clone()).collect();
    assert_eq!(names, ["RequestEntityTooLargeException"; 2]);
    assert_eq!(server.health().0, 200);
}

#[tokio::test]
async fn json_that_is_no_input_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(&dir);
    let root = server.root();
    let serialisation = "SerializationException";
    let mut bodies = vec![
        b"[".repeat(10_000),
        b"{\"SecretId\":".repeat(10_000),
        [b"[".repeat(10_000), b"]".repeat(10_000)].concat(),
        b"\xff\xfe{\"SecretId\":\"s\"}".to_vec(),
        b"{\"SecretId\":\"\xc3\x28\"}".to_vec(),
        b"{\"SecretId\":\"\\ud800\"}".to_vec(),
        b"{\"SecretId\":1e999}".to_vec(),
        b"{\"SecretId\":\"s\",\"SecretId\":\"t\"}".to_vec(),
        b"{\"SecretId\":\"s\"} {}".to_vec(),
        b"nul".to_vec(),
        b"\"SecretId\"".to_vec(),
        b"\x1f\x8b\x08\x00".to_vec(),
    ];
    bodies.push([b"{\"a\":[".to_vec(), b"1,".repeat(600_000), b"1]}".to_vec()].concat());
    for body in bodies {
        let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        println!("{start}");
        still_well(&server, &call(&root, body).await, 400, serialisation).await;
    }
}

#[tokio::test]
async fn cbor_bombs_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(&dir);
    let root = server.root();
    let huge = u64::MAX.to_be_bytes();
    let mut bodies = vec![vec![0x81; 10_000], vec![0x9f; 10_000], vec![0xc1; 10_000], vec![0xd9, 0xd9], vec![0xff]];
    bodies.extend([0x9b, 0xbb, 0x5b, 0x7b].map(|head| [&[head], huge.as_slice(), b"a"].concat()));
    bodies.push([[0xa1, 0x61, b'a'].as_slice(), &[0x81; 2000]].concat());
    for body in bodies {
        let request = Request::cbor("monitoring", "GraniteServiceVersion20100801", "PutMetricData", body);
        still_well(&server, &root.send(request).await, 400, "SerializationException").await;
    }
}

#[tokio::test]
async fn forms_and_gzip_that_grow_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(&dir);
    let root = server.root();
    let form = |body: String| Request::query("sns", "2010-03-31", "ListTopics", &json!({})).body(body);
    let many = "&a=".repeat(120_000);
    for rest in [
        many,
        format!("&{}=1", "a.".repeat(100)),
        "&NextToken=%ff%fe".to_owned(),
        "&NextToken=1&NextToken=2".to_owned(),
    ] {
        let answer = root.send(form(format!("Action=ListTopics&Version=2010-03-31{rest}"))).await;
        still_well(&server, &answer, 400, "MalformedInput").await;
    }
    let bomb = gzip(&vec![b' '; 8 * MIB]);
    assert!(bomb.len() < MIB, "{}", bomb.len());
    let request = |body: Vec<u8>| {
        Request::json("monitoring", "GraniteServiceVersion20100801", "PutMetricData", body)
            .header("content-encoding", "gzip")
    };
    still_well(&server, &root.send(request(bomb)).await, 413, "RequestEntityTooLargeException").await;
    still_well(&server, &root.send(request(b"no gzip".to_vec())).await, 400, "SerializationException").await;
    let data = json!({"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.0}]});
    assert_eq!(root.send(request(gzip(data.to_string().as_bytes()))).await.status, 200);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn heads_that_are_too_large_or_malformed_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(&dir);
    let host = server.address().to_owned();
    let many: String = (0..200).map(|number| format!("x-{number}: a\r\n")).collect();
    let long = format!("x-long: {}\r\n", "a".repeat(200 * 1024));
    for (headers, status) in
        [(many, "431"), (long, "431"), ("no colon\r\n".to_owned(), "400"), ("x: \0\r\n".to_owned(), "400")]
    {
        let answer = server.raw(format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n").as_bytes());
        // The answer may be lost when the server closes on a client that is still sending.
        assert!(answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status}")), "{status}: {answer}");
    }
    for line in ["GET  HTTP/1.1", "BREW /pot HTTP/9.9", "\u{1}\u{2}\u{3}", "GET /\u{7f}\u{0} HTTP/1.1"] {
        let answer = server.raw(format!("{line}\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes());
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{line}: {answer}");
    }
    // Two lengths are two ways to read one request (RFC 9112, section 6.3).
    for lengths in ["content-length: 2\r\ncontent-length: 3\r\n", "content-length: 2\r\ntransfer-encoding: chunked\r\n"]
    {
        let answer = server.raw(
            format!("POST / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{lengths}\r\n{{}}0\r\n\r\n").as_bytes(),
        );
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), usize::from(!answer.is_empty()), "one answer: {answer}");
    }
    assert_eq!(server.health().0, 200);
}

#[tokio::test]
async fn strange_paths_and_targets_are_refused_and_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(&dir);
    let root = server.root();
    for target in
        ["", ".", "secretsmanager", "secretsmanager.", ".GetSecretValue", "a.b.c.d", "secretsmanager.Get/../Secret"]
    {
        let request = Request::json("secretsmanager", "x", "x", "{}");
        let mut request = Request { headers: http::HeaderMap::new(), ..request };
        request = request.header("content-type", "application/x-amz-json-1.1").header("x-amz-target", target);
        let answer = root.send(request).await;
        still_well(&server, &answer, 400, "UnknownOperationException").await;
    }
    for path in ["/..%2f..%2fetc%2fpasswd", "/bucket/%00", "/bucket/%ff%fe", "/%2e%2e/key"] {
        let answer = root.send(Request::new("s3", Method::GET, path)).await;
        assert!((400..500).contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
        eventually("the record", async || journal::by_request(server.data()).remove(&answer.id())).await;
    }
}
