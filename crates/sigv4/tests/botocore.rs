//! Requests as botocore signs them, made by `botocore_requests.py`.
#![expect(clippy::unwrap_used, reason = "tests")]

use base64::Engine;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use keeptrail_sigv4::{
    ChunkForm, Kind, Payload, PayloadHash, RequestParts, SigError, SigningKey, Verified, parse, sha256,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    now: String,
    secret: String,
    requests: Vec<Request>,
}

#[derive(Deserialize)]
struct Request {
    name: String,
    service: String,
    region: String,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    fn body(&self) -> Vec<u8> {
        base64::engine::general_purpose::STANDARD.decode(&self.body).unwrap()
    }

    fn header_map(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    fn parts<'a>(&'a self, headers: &'a HeaderMap) -> RequestParts<'a> {
        RequestParts { method: &self.method, path: &self.path, query: &self.query, headers, authority: None }
    }

    fn is_version_2(&self) -> bool {
        self.query.starts_with("AWSAccessKeyId=")
    }
}

impl Fixture {
    fn now(&self) -> Timestamp {
        self.now.parse().unwrap()
    }
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("botocore_requests.json")).unwrap()
}

fn key(fixture: &Fixture, request: &Request) -> SigningKey {
    SigningKey::derive(fixture.secret.as_bytes(), "20260304", &request.region, &request.service)
}

fn verify(fixture: &Fixture, request: &Request, body: PayloadHash) -> Result<Verified, SigError> {
    let headers = request.header_map();
    let parts = request.parts(&headers);
    let presented = parse(&parts)?.ok_or(SigError::Missing)?;
    assert_eq!((presented.access_key_id(), presented.region()), ("AKIDEXAMPLE", request.region.as_str()));
    presented.verify(&key(fixture, request), &request.service, &parts, body, fixture.now())
}

#[test]
fn every_request_verifies() {
    let fixture = fixture();
    assert!(fixture.requests.len() > 45);
    for request in fixture.requests.iter().filter(|request| !request.is_version_2()) {
        let verified = verify(&fixture, request, PayloadHash::Of(sha256(&request.body())));
        let payload = verified.unwrap_or_else(|e| panic!("{}: {e}", request.name)).payload();
        match payload {
            Payload::Checked => {}
            Payload::Unsigned => assert!(request.query.contains("X-Amz-Signature"), "{}", request.name),
            Payload::Chunked(form) => assert_eq!(form, ChunkForm::UnsignedTrailer),
            Payload::Sha256(_) => panic!("{}: the body is at hand", request.name),
        }
    }
}

#[test]
fn a_body_that_is_signed_cannot_be_changed() {
    let fixture = fixture();
    for request in fixture.requests.iter().filter(|request| !request.is_version_2()) {
        let mut body = request.body();
        body.push(b' ');
        let expected = match verify(&fixture, request, PayloadHash::Of(sha256(&body))) {
            Ok(verified) => {
                verified.payload() == Payload::Unsigned || matches!(verified.payload(), Payload::Chunked(_))
            }
            Err(e) if request.service == "s3" => e == SigError::PayloadMismatch,
            Err(e) => e == SigError::Mismatch,
        };
        assert!(expected, "{}", request.name);
    }
}

#[test]
fn a_body_with_a_trailer_decodes() {
    let fixture = fixture();
    let request = fixture.requests.iter().find(|request| request.name == "put with a trailer").unwrap();
    let verified = verify(&fixture, request, PayloadHash::Deferred).unwrap();
    let mut decoder = verified.chunks(&key(&fixture, request), 450).unwrap();
    let mut decoded = Vec::new();
    request.body().chunks(3).try_for_each(|piece| decoder.feed(piece, &mut decoded)).unwrap();
    assert_eq!(decoded, b"streamed ".repeat(50));
    let trailers = decoder.finish().unwrap();
    assert!(matches!(trailers.as_slice(), [(name, _)] if name == "x-amz-checksum-crc32"), "{trailers:?}");
}

#[test]
fn a_session_token_is_found_in_the_header_and_in_the_query() {
    let fixture = fixture();
    let token = |name: &str| {
        let request = fixture.requests.iter().find(|request| request.name == name).unwrap();
        let headers = request.header_map();
        let presented = parse(&request.parts(&headers)).unwrap().unwrap();
        (presented.session_token().map(str::to_owned), presented.kind())
    };
    let given = Some("FwoGZXIvYXdzEBYaD//+token==/with+signs".to_owned());
    assert_eq!(token("secret"), (None, Kind::Header));
    assert_eq!(token("secret with a token"), (given.clone(), Kind::Header));
    assert_eq!(token("identity, presigned with a token"), (given, Kind::Presigned { expires: 60 }));
}

#[test]
fn a_url_presigned_in_version_2_is_refused_and_not_taken_for_unsigned() {
    let fixture = fixture();
    let request = fixture.requests.iter().find(|request| request.is_version_2()).unwrap();
    assert_eq!(verify(&fixture, request, PayloadHash::Deferred).err(), Some(SigError::Algorithm));
}

#[test]
fn a_request_of_another_service_or_another_secret_is_refused() {
    let fixture = fixture();
    let request = fixture.requests.iter().find(|request| request.name == "secret").unwrap();
    let headers = request.header_map();
    let parts = request.parts(&headers);
    let body = PayloadHash::Of(sha256(&request.body()));
    let presented = parse(&parts).unwrap().unwrap();
    let with = |key: &SigningKey, service| presented.verify(key, service, &parts, body, fixture.now()).map(drop);
    let good = key(&fixture, request);
    assert_eq!(with(&good, "secretsmanager"), Ok(()));
    assert_eq!(with(&good, "s3"), Err(SigError::ScopeService("s3".to_owned())));
    let other = SigningKey::derive(b"another secret", "20260304", &request.region, "secretsmanager");
    assert_eq!(with(&other, "secretsmanager"), Err(SigError::Mismatch));
}
