//! Any head of a request: what it claims is read or refused, and verifying it does not panic. What we sign ourselves is
//! read and holds.

#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use keeptrail_sigv4::{BodyHash, PayloadHash, RequestParts, Signer, SigningKey, parse, sha256};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

const SECRET: &[u8] = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NAMES: [&str; 8] = [
    "authorization",
    "host",
    "x-amz-date",
    "date",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "x-amz-meta-a",
    "content-type",
];
const VALUES: [&str; 7] = [
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, \
     Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    "20150830T123600Z",
    "localhost:7420",
    "UNSIGNED-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "  a  b  ",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
];

fn headers(bytes: &mut Unstructured<'_>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for _ in 0..bytes.int_in_range(0..=6u8)? {
        let name = HeaderName::from_static(bytes.choose(&NAMES)?);
        let value = if bytes.ratio(1u8, 2u8)? { *bytes.choose(&VALUES)? } else { bytes.arbitrary()? };
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.append(name, value);
        }
    }
    Ok(headers)
}

fn run(bytes: &mut Unstructured<'_>) -> Result<()> {
    let now = Timestamp::from_second(1_440_938_160).unwrap_or_default();
    let service = *bytes.choose(&["s3", "secretsmanager"])?;
    let mut headers = headers(bytes)?;
    let (path, query): (&str, &str) = (bytes.arbitrary()?, bytes.arbitrary()?);
    let parts = RequestParts { method: "GET", path, query, headers: &headers, authority: None };
    let key = SigningKey::derive(SECRET, "20150830", "us-east-1", service);
    if let Ok(Some(presented)) = parse(&parts) {
        let verified = presented.verify(&key, service, &parts, PayloadHash::Of(sha256(b"")), now);
        assert!(verified.is_err(), "a signature was guessed");
    }

    // The same request, signed by us.
    headers.remove("authorization");
    let signer =
        Signer { access_key_id: "AKIDEXAMPLE", secret: SECRET, session_token: None, region: "us-east-1", service };
    let parts = RequestParts { method: "GET", path, query, headers: &headers, authority: None };
    let Ok(added) = signer.sign(&parts, BodyHash::Of(sha256(b"")), now) else { return Ok(()) };
    let mut signed = headers.clone();
    for (name, value) in &added {
        if let Ok(value) = HeaderValue::from_str(value) {
            signed.insert(*name, value);
        }
    }
    let parts = RequestParts { headers: &signed, ..parts };
    if let Ok(Some(presented)) = parse(&parts) {
        assert_eq!(presented.access_key_id(), "AKIDEXAMPLE");
        presented.verify(&key, service, &parts, PayloadHash::Of(sha256(b"")), now).ok();
        assert!(presented.verify(&key, service, &parts, PayloadHash::Of(sha256(b"x")), now).is_err());
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    // Too few bytes are no case.
    run(&mut Unstructured::new(bytes)).ok();
});
