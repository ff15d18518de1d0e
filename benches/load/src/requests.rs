//! The requests, ready to be sent.

use http::{HeaderMap, HeaderName, HeaderValue};
use keeptrail_clock::Timestamp;
use keeptrail_sigv4::{BodyHash, RequestParts, Signer, sha256};

use crate::Failure;

/// As long as what boto3 sends.
const USER_AGENT: &str = "Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11.7 \
                          md/pyimpl#CPython m/b,Z,D cfg/retry-mode#legacy Botocore/1.40.0";

/// `GetSecretValue` of each secret, with the headers of boto3. Signed once: a signature is good for 15 minutes.
pub(crate) fn keeptrail(
    address: &str,
    secrets: usize,
    access_key_id: &str,
    secret_access_key: &str,
    region: &str,
    now: Timestamp,
) -> Result<Vec<Vec<u8>>, Failure> {
    let signer = Signer {
        access_key_id,
        secret: secret_access_key.as_bytes(),
        session_token: None,
        region,
        service: "secretsmanager",
    };
    let request = |number| {
        let body = format!("{{\"SecretId\": \"bench/{number}\"}}");
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", address),
            ("accept-encoding", "identity"),
            ("x-amz-target", "secretsmanager.GetSecretValue"),
            ("content-type", "application/x-amz-json-1.1"),
            ("user-agent", USER_AGENT),
            ("amz-sdk-invocation-id", "7b5d1ba0-6c0f-4f61-a5f8-b7f3b2a1c1de"),
            ("amz-sdk-request", "attempt=1"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value)?);
        }
        let parts = RequestParts { method: "POST", path: "/", query: "", headers: &headers, authority: None };
        for (name, value) in signer.sign(&parts, BodyHash::Of(sha256(body.as_bytes())), now)? {
            headers.insert(name, HeaderValue::from_str(&value)?);
        }
        headers.insert("content-length", HeaderValue::from(body.len()));
        let mut request = b"POST / HTTP/1.1\r\n".to_vec();
        for (name, value) in &headers {
            request.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        request.extend(b"\r\n");
        request.extend(body.as_bytes());
        Ok(request)
    };
    (0..secrets).map(request).collect()
}

/// A read of each secret under the mount `secret`.
pub(crate) fn openbao(address: &str, secrets: usize, token: &str) -> Vec<Vec<u8>> {
    let request = |number| {
        format!("GET /v1/secret/data/bench/{number} HTTP/1.1\r\nHost: {address}\r\nX-Vault-Token: {token}\r\n\r\n")
            .into_bytes()
    };
    (0..secrets).map(request).collect()
}
