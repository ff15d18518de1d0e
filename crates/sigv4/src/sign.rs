//! Signing, for clients of our own and for tests.

use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;

use crate::chunked::ChunkForm;
use crate::presented::{ALGORITHM, RequestParts};
use crate::verify::{UNSIGNED, lower_hex, string_to_sign, time_and_scope};
use crate::{SigError, SigningKey, canonical, sha256, time};

/// Headers that a proxy may change or add, so SDKs leave them unsigned.
const NOT_SIGNED: [&str; 9] = [
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// What a signature says of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyHash {
    /// The body's SHA-256.
    Of([u8; 32]),
    /// Nothing (S3 only).
    Unsigned,
    /// It comes in chunks (S3 only).
    Chunked(ChunkForm),
}

/// Credentials and the scope to sign for.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// The access key's id.
    pub access_key_id: &'a str,
    /// The access key's secret.
    pub secret: &'a [u8],
    /// The session token of temporary credentials.
    pub session_token: Option<&'a str>,
    /// The region.
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
}

impl Signer<'_> {
    /// Signs a request by header: gives the headers to add, in lower case, replacing any of that name. All headers in `parts` are
    /// signed except those that proxies change; the host is the `Host` header or the authority.
    ///
    /// # Errors
    /// When there is no host, or the session token cannot be a header's value.
    pub fn sign(
        &self,
        parts: &RequestParts<'_>,
        body: BodyHash,
        at: Timestamp,
    ) -> Result<Vec<(&'static str, String)>, SigError> {
        let line = payload_line(body);
        let mut added = vec![("x-amz-date", time::basic(at))];
        if let Some(token) = self.session_token {
            added.push(("x-amz-security-token", token.to_owned()));
        }
        if self.service == "s3" {
            added.push(("x-amz-content-sha256", line.clone()));
        }
        let mut headers = parts.headers.clone();
        for (name, value) in &added {
            let value = HeaderValue::from_str(value).map_err(|_| SigError::Incomplete("Not a header's value."))?;
            headers.insert(*name, value);
        }
        let signed_headers = signed_headers(&headers);
        let signed = RequestParts { headers: &headers, ..*parts };
        let signature = self.signature(&signed, &signed_headers, line.as_bytes(), at)?;
        let authorization = format!(
            "{ALGORITHM} Credential={}, SignedHeaders={signed_headers}, Signature={signature}",
            self.credential(at)
        );
        added.push(("authorization", authorization));
        Ok(added)
    }

    /// Signs a request by query string: gives the whole query string, which replaces the one of `parts`. The body is not signed
    /// (S3), or empty (any other service).
    ///
    /// # Errors
    /// When there is no host.
    pub fn presign(&self, parts: &RequestParts<'_>, expires: u32, at: Timestamp) -> Result<String, SigError> {
        let signed_headers = signed_headers(parts.headers);
        let credential = self.credential(at);
        let (date, expires) = (time::basic(at), expires.to_string());
        let mut parameters = vec![
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", &date),
            ("X-Amz-Expires", &expires),
            ("X-Amz-SignedHeaders", &signed_headers),
        ];
        parameters.extend(self.session_token.map(|token| ("X-Amz-Security-Token", token)));
        let mut query = parts.query.to_owned();
        for (name, value) in parameters {
            let mut encoded = Vec::with_capacity(value.len());
            canonical::encode(&mut encoded, value.as_bytes());
            let separator = if query.is_empty() { "" } else { "&" };
            query.push_str(&format!("{separator}{name}={}", String::from_utf8_lossy(&encoded)));
        }
        let line = payload_line(if self.service == "s3" { BodyHash::Unsigned } else { BodyHash::Of(sha256(b"")) });
        let signed = RequestParts { query: &query, ..*parts };
        let signature = self.signature(&signed, &signed_headers, line.as_bytes(), at)?;
        Ok(format!("{query}&X-Amz-Signature={signature}"))
    }

    fn credential(&self, at: Timestamp) -> String {
        format!("{}/{}/{}/{}/aws4_request", self.access_key_id, time::day(at), self.region, self.service)
    }

    fn signature(
        &self,
        parts: &RequestParts<'_>,
        signed_headers: &str,
        payload: &[u8],
        at: Timestamp,
    ) -> Result<String, SigError> {
        if parts.host()?.is_none() {
            return Err(SigError::NotSigned("host".to_owned()));
        }
        let day = time::day(at);
        let canonical = canonical::request(parts, self.service == "s3", signed_headers, payload)?;
        let scope = time_and_scope(&time::basic(at), &day, self.region, self.service);
        let key = SigningKey::derive(self.secret, &day, self.region, self.service);
        Ok(hex::encode(key.sign(&string_to_sign(&scope, &canonical))))
    }
}

fn signed_headers(headers: &HeaderMap) -> String {
    let mut names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
    names.retain(|name| !NOT_SIGNED.contains(name) && *name != "host");
    names.push("host");
    names.sort_unstable();
    names.join(";")
}

fn payload_line(body: BodyHash) -> String {
    match body {
        BodyHash::Of(hash) => String::from_utf8_lossy(lower_hex(&hash, &mut [0; 64])).into_owned(),
        BodyHash::Unsigned => UNSIGNED.to_owned(),
        BodyHash::Chunked(form) => form.name().to_owned(),
    }
}
