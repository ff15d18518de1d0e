//! What must be refused although its signature may be right, and the words it is refused with.
#![expect(clippy::unwrap_used, reason = "tests")]

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use keeptrail_sigv4::{
    BodyHash, ChunkForm, Family, Payload, PayloadHash, Presented, RequestParts, SigError, Signer, SigningKey, Verified,
    parse, sha256,
};

const BODY: &[u8] = b"{\"SecretId\":\"prod/db\"}";

/// A request under construction: sign it, change it, see what becomes of it.
#[derive(Clone)]
struct Request {
    service: &'static str,
    method: &'static str,
    path: &'static str,
    query: String,
    headers: HeaderMap,
    authority: Option<&'static str>,
    body: Vec<u8>,
}

impl Request {
    fn new(service: &'static str) -> Self {
        let mut new = Self {
            service,
            method: "POST",
            path: "/",
            query: String::new(),
            headers: HeaderMap::new(),
            authority: None,
            body: BODY.to_vec(),
        };
        new.add("host", "localhost:7420");
        new.add("content-type", "application/x-amz-json-1.1");
        new
    }

    fn signed(service: &'static str) -> Self {
        let mut new = Self::new(service);
        new.sign(BodyHash::Of(sha256(BODY)));
        new
    }

    fn add(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers.append(name, HeaderValue::from_str(value).unwrap());
    }

    fn set(&mut self, name: &str, value: &str) {
        self.headers.remove(name);
        self.add(name, value);
    }

    fn replace(&mut self, name: &str, from: &str, to: &str) {
        let value = self.headers.get(name).unwrap().to_str().unwrap().replace(from, to);
        self.set(name, &value);
    }

    fn parts(&self) -> RequestParts<'_> {
        RequestParts {
            method: self.method,
            path: self.path,
            query: &self.query,
            headers: &self.headers,
            authority: self.authority,
        }
    }

    fn signer(&self) -> Signer<'static> {
        Signer {
            access_key_id: "AKIDEXAMPLE",
            secret: b"secret",
            session_token: None,
            region: "eu-west-1",
            service: self.service,
        }
    }

    fn sign(&mut self, body: BodyHash) {
        for (name, value) in self.signer().sign(&self.parts(), body, signed_at()).unwrap() {
            self.set(name, &value);
        }
    }

    fn presign(&mut self, expires: u32) {
        self.method = "GET";
        self.body.clear();
        self.query = self.signer().presign(&self.parts(), expires, signed_at()).unwrap();
    }

    fn presented(&self) -> Result<Presented, SigError> {
        parse(&self.parts())?.ok_or(SigError::Missing)
    }

    fn verify_at(&self, now: &str, body: PayloadHash) -> Result<Verified, SigError> {
        let presented = self.presented()?;
        let key = SigningKey::derive(b"secret", presented.day(), presented.region(), presented.service());
        presented.verify(&key, self.service, &self.parts(), body, now.parse().unwrap())
    }

    fn verify(&self) -> Result<Payload, SigError> {
        self.verify_at("2026-03-04T05:06:07Z", PayloadHash::Of(sha256(&self.body))).map(|verified| verified.payload())
    }
}

fn signed_at() -> Timestamp {
    "2026-03-04T05:06:07Z".parse().unwrap()
}

#[test]
fn what_our_signer_signs_verifies() {
    assert_eq!(Request::signed("secretsmanager").verify(), Ok(Payload::Checked));
    let mut temporary = Request::new("secretsmanager");
    let signer = Signer { session_token: Some("token"), ..temporary.signer() };
    for (name, value) in signer.sign(&temporary.parts(), BodyHash::Of(sha256(BODY)), signed_at()).unwrap() {
        temporary.set(name, &value);
    }
    assert_eq!(temporary.verify(), Ok(Payload::Checked));
    assert_eq!(temporary.presented().unwrap().session_token(), Some("token"));
    let mut presigned = Request::new("sts");
    presigned.query = "Action=GetCallerIdentity&Version=2011-06-15".to_owned();
    presigned.presign(60);
    assert_eq!(presigned.verify(), Ok(Payload::Checked));
}

#[test]
fn an_unsigned_request_is_not_an_error_by_itself() {
    let request = Request::new("secretsmanager");
    assert!(parse(&request.parts()).unwrap().is_none());
}

#[test]
fn http2s_authority_stands_for_the_host_but_may_not_differ_from_it() {
    let mut request = Request::signed("secretsmanager");
    request.authority = Some("localhost:7420");
    assert_eq!(request.verify(), Ok(Payload::Checked));
    request.authority = Some("evil");
    assert_eq!(request.verify(), Err(SigError::Duplicate("host")));
    request.headers.remove("host");
    assert_eq!(request.verify(), Err(SigError::Mismatch));
    request.authority = Some("localhost:7420");
    assert_eq!(request.verify(), Ok(Payload::Checked));
    request.authority = None;
    assert_eq!(request.verify(), Err(SigError::Mismatch));
}

#[test]
fn what_is_interpreted_may_be_given_once() {
    for name in ["authorization", "x-amz-date", "host"] {
        let mut request = Request::signed("secretsmanager");
        let value = request.headers.get(name).unwrap().to_str().unwrap().to_owned();
        request.add(name, &value);
        assert_eq!(request.verify(), Err(SigError::Duplicate(name)));
    }
    let mut request = Request::new("s3");
    request.add("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    request.sign(BodyHash::Unsigned);
    request.add("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    assert_eq!(request.verify(), Err(SigError::Duplicate("x-amz-content-sha256")));
    for again in ["X-Amz-Date=20260304T050607Z", "X-Amz-Signature=0", "X%2DAmz-Expires=1"] {
        let mut request = Request::new("sts");
        request.presign(60);
        request.query = format!("{}&{again}", request.query);
        assert!(matches!(request.verify(), Err(SigError::Duplicate(_))), "{again}");
    }
    let mut request = Request::signed("secretsmanager");
    let authorization = request.headers.get("authorization").unwrap().to_str().unwrap().to_owned();
    request.set("authorization", &format!("{authorization}, Credential=x"));
    assert_eq!(request.verify(), Err(SigError::Duplicate("Authorization parameter")));
}

#[test]
fn a_request_signed_by_header_and_by_query_is_refused() {
    let mut request = Request::signed("sts");
    let mut presigned = Request::new("sts");
    presigned.presign(60);
    request.query = presigned.query;
    assert_eq!(request.verify(), Err(SigError::Duplicate("authorization")));
}

#[test]
fn host_and_every_amz_header_must_be_signed() {
    let mut request = Request::signed("secretsmanager");
    request.replace("authorization", "content-type;host;x-amz-date", "content-type;x-amz-date");
    assert_eq!(request.verify(), Err(SigError::NotSigned("host".to_owned())));
    let mut request = Request::signed("secretsmanager");
    request.replace("authorization", ";x-amz-date", "");
    assert_eq!(request.verify(), Err(SigError::NotSigned("x-amz-date".to_owned())));
    let mut request = Request::signed("secretsmanager");
    request.add("x-amz-target", "secretsmanager.DeleteSecret");
    assert_eq!(request.verify(), Err(SigError::NotSigned("x-amz-target".to_owned())));
    // A tracing header is put in by proxies and means nothing to us.
    let mut request = Request::signed("secretsmanager");
    request.add("x-amzn-trace-id", "Root=1");
    assert_eq!(request.verify(), Ok(Payload::Checked));
    // A Date header that nobody signed must not set the time.
    let mut request = Request::signed("secretsmanager");
    request.replace("authorization", ";x-amz-date", "");
    request.headers.remove("x-amz-date");
    request.add("date", "Wed, 04 Mar 2026 05:06:07 GMT");
    assert_eq!(request.verify(), Err(SigError::NotSigned("date".to_owned())));
}

#[test]
fn a_signature_is_good_for_fifteen_minutes_either_way() {
    let request = Request::signed("secretsmanager");
    let at = |now| request.verify_at(now, PayloadHash::Of(sha256(BODY))).map(drop);
    assert_eq!(at("2026-03-04T05:21:07Z"), Ok(()));
    assert_eq!(at("2026-03-04T04:51:07Z"), Ok(()));
    let late = at("2026-03-04T05:21:08Z").unwrap_err();
    assert_eq!(
        late.message(Family::Json),
        "Signature expired: 20260304T050607Z is now earlier than 20260304T050608Z (20260304T052108Z - 15 min.)"
    );
    let early = at("2026-03-04T04:51:06Z").unwrap_err();
    assert_eq!(
        early.message(Family::Json),
        "Signature not yet current: 20260304T050607Z is still later than 20260304T050606Z (20260304T045106Z + 15 min.)"
    );
    assert_eq!((late.code(Family::Json), late.code(Family::S3)), ("InvalidSignatureException", "RequestTimeTooSkewed"));
    assert_eq!((early.code(Family::Query), early.status(Family::Query)), ("SignatureDoesNotMatch", 403));
}

#[test]
fn a_presigned_call_to_another_service_than_s3_is_good_for_fifteen_minutes_whatever_it_says() {
    let mut request = Request::new("sts");
    request.presign(1);
    assert!(request.verify_at("2026-03-04T05:21:07Z", PayloadHash::Of(sha256(b""))).is_ok());
    request = Request::new("sts");
    request.presign(604_800);
    let late = request.verify_at("2026-03-04T05:21:08Z", PayloadHash::Of(sha256(b"")));
    assert!(matches!(late, Err(SigError::Expired { .. })));
}

#[test]
fn a_presigned_url_lives_from_a_second_to_a_week() {
    for (expires, accepted) in
        [("1", true), ("604800", true), ("0", false), ("604801", false), ("-1", false), ("x", false)]
    {
        let mut request = Request::new("s3");
        request.presign(7);
        request.query = request.query.replace("X-Amz-Expires=7", &format!("X-Amz-Expires={expires}"));
        let outcome = request.verify();
        let expected = if accepted {
            outcome == Err(SigError::Mismatch)
        } else {
            matches!(outcome, Err(SigError::IncompleteQuery(_)))
        };
        assert!(expected, "{expires}: {outcome:?}");
    }
}

#[test]
fn the_scopes_day_is_the_requests() {
    let mut request = Request::signed("secretsmanager");
    request.replace("authorization", "/20260304/", "/20260303/");
    let refused = request.verify().unwrap_err();
    assert_eq!(
        refused.message(Family::Json),
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
         '20260303' != '20260304', from '20260304T050607Z'."
    );
}

#[test]
fn the_scope_has_five_parts_that_can_be() {
    for (from, to) in [
        ("/aws4_request", "/aws5_request"),
        ("/aws4_request", ""),
        ("/aws4_request", "/aws4_request/more"),
        ("/eu-west-1/", "//"),
        ("/eu-west-1/", "/eu_west/"),
        ("AKIDEXAMPLE", ""),
        ("secretsmanager", "secrets.manager"),
        ("content-type;host;", "host;content-type;"),
        ("content-type;host;", "content-type;host;host;"),
        ("content-type;host;", "Content-Type;host;"),
        ("Signature=", "Signature=0"),
        ("Signature=", "Signed="),
        ("Credential=", "Credential"),
    ] {
        let mut request = Request::signed("secretsmanager");
        request.replace("authorization", from, to);
        let outcome = request.verify();
        assert!(matches!(outcome, Err(SigError::Incomplete(_))), "{from} → {to}: {outcome:?}");
        assert_eq!(outcome.unwrap_err().code(Family::Json), "IncompleteSignatureException");
    }
}

#[test]
fn other_algorithms_are_refused() {
    for authorization in ["AWS AKID:c2ln", "Bearer token", "AWS4-ECDSA-P256-SHA256 Credential=a", "AWS4-HMAC-SHA256"] {
        let mut request = Request::new("s3");
        request.set("authorization", authorization);
        assert_eq!(request.verify(), Err(SigError::Algorithm), "{authorization}");
    }
}

#[test]
fn a_missing_part_is_named_in_aws_words() {
    let message = |change: &dyn Fn(&mut Request)| {
        let mut request = Request::signed("secretsmanager");
        change(&mut request);
        request.verify().unwrap_err().message(Family::Json).into_owned()
    };
    assert_eq!(
        message(&|request| request.set("authorization", "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0")),
        "Authorization header requires 'Credential' parameter."
    );
    assert_eq!(
        message(&|request| drop(request.headers.remove("x-amz-date"))),
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
    );
}

#[test]
fn only_s3_may_leave_its_body_unsigned() {
    for literal in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "nonsense"] {
        let mut request = Request::new("secretsmanager");
        request.add("x-amz-content-sha256", literal);
        request.sign(BodyHash::Of(sha256(BODY)));
        assert_eq!(request.verify(), Err(SigError::PayloadHashInvalid), "{literal}");
    }
    let deferred = Request::signed("secretsmanager").verify_at("2026-03-04T05:06:07Z", PayloadHash::Deferred);
    assert_eq!(deferred.err(), Some(SigError::PayloadHashInvalid));
    let mut request = Request::new("s3");
    request.sign(BodyHash::Unsigned);
    assert_eq!(request.verify(), Ok(Payload::Unsigned));
    request = Request::new("s3");
    request.sign(BodyHash::Chunked(ChunkForm::SignedTrailer));
    assert_eq!(request.verify(), Ok(Payload::Chunked(ChunkForm::SignedTrailer)));
}

#[test]
fn s3_wants_the_bodys_hash_and_checks_it() {
    let mut request = Request::signed("s3");
    assert_eq!(request.verify(), Ok(Payload::Checked));
    let deferred = request.verify_at("2026-03-04T05:06:07Z", PayloadHash::Deferred).unwrap();
    assert_eq!(deferred.payload(), Payload::Sha256(sha256(BODY)));
    request.body.push(b' ');
    assert_eq!(request.verify(), Err(SigError::PayloadMismatch));
    request.set("x-amz-content-sha256", &"0".repeat(64));
    assert_eq!(request.verify_at("2026-03-04T05:06:07Z", PayloadHash::Deferred).err(), Some(SigError::Mismatch));
    request.set("x-amz-content-sha256", "nonsense");
    assert_eq!(request.verify(), Err(SigError::PayloadHashInvalid));
    request.headers.remove("x-amz-content-sha256");
    assert_eq!(request.verify(), Err(SigError::PayloadHashMissing));
}

#[test]
fn another_services_declared_hash_must_be_the_bodys() {
    let mut request = Request::new("secretsmanager");
    request.add("x-amz-content-sha256", &"0".repeat(64));
    request.sign(BodyHash::Of(sha256(BODY)));
    assert_eq!(request.verify(), Err(SigError::PayloadMismatch));
}

/// Every error in every family: code, status, message.
#[test]
fn errors_speak_as_aws_does() {
    let table = [
        (SigError::Missing, "MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied"),
        (SigError::UnknownKey, "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"),
        (SigError::InvalidToken, "UnrecognizedClientException", "InvalidClientTokenId", "InvalidToken"),
        (SigError::ExpiredToken, "ExpiredTokenException", "ExpiredToken", "ExpiredToken"),
        (SigError::Mismatch, "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"),
        (
            SigError::Incomplete(""),
            "IncompleteSignatureException",
            "IncompleteSignature",
            "AuthorizationHeaderMalformed",
        ),
        (SigError::PresignedExpired, "InvalidSignatureException", "SignatureDoesNotMatch", "AccessDenied"),
    ];
    for (error, json, query, s3) in table {
        let codes = (error.code(Family::Json), error.code(Family::Query), error.code(Family::S3));
        assert_eq!(codes, (json, query, s3));
    }
    assert_eq!(SigError::Missing.message(Family::Json), "Missing Authentication Token");
    assert_eq!(SigError::Missing.status(Family::Json), 403);
    assert_eq!(SigError::UnknownKey.message(Family::Json), "The security token included in the request is invalid.");
    assert_eq!(SigError::ExpiredToken.message(Family::Json), "The security token included in the request is expired");
    assert_eq!(SigError::PresignedExpired.message(Family::S3), "Request has expired");
    assert_eq!(
        SigError::Mismatch.message(Family::Json),
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details."
    );
}
