//! Verification.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use jiff::{SignedDuration, Timestamp};

use crate::canonical;
use crate::chunked::{ChunkDecoder, ChunkForm};
use crate::presented::{ALGORITHM, Kind, Presented, RequestParts};
use crate::{SigError, SigningKey, sha256, time};

/// How far a client's clock may be off.
const SKEW: SignedDuration = SignedDuration::from_mins(15);

/// The value of `x-amz-content-sha256` for a body that is not signed.
pub(crate) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// What the caller knows of the body while the request's head is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadHash {
    /// The whole body has been read; this is its SHA-256, as sent (before any `Content-Encoding` is undone).
    Of([u8; 32]),
    /// The body is still to come. For S3 only, where the request says what the body will be; see [`Verified::payload`].
    Deferred,
}

/// What the signature says of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// The body was at hand, and it is the signed one.
    Checked,
    /// The body still to come must have this SHA-256; the caller compares.
    Sha256([u8; 32]),
    /// The client chose not to sign the body (S3 only).
    Unsigned,
    /// The body comes in chunks, to be read by [`Verified::chunks`].
    Chunked(ChunkForm),
}

/// A request whose signature holds.
#[derive(Clone)]
pub struct Verified {
    pub(crate) signature: [u8; 32],
    /// The lines between the algorithm and the hash of a string to sign: time and scope.
    pub(crate) time_and_scope: String,
    payload: Payload,
}

impl Verified {
    /// What the signature says of the body.
    pub fn payload(&self) -> Payload {
        self.payload
    }

    /// The decoder of a chunked body; `None` when the body is not chunked. `decoded_length` is the request's
    /// `x-amz-decoded-content-length` in bytes.
    pub fn chunks(&self, key: &SigningKey, decoded_length: u64) -> Option<ChunkDecoder> {
        match self.payload {
            Payload::Chunked(form) => Some(ChunkDecoder::new(form, key.clone(), self, decoded_length)),
            _ => None,
        }
    }
}

/// What stands in the last line of the canonical request.
enum PayloadLine<'a> {
    Hash([u8; 32]),
    Literal(&'a str),
}

impl Presented {
    /// Verifies the request with the key of the presented access key. `service` is the signing name of the service that will run the
    /// request, decided by the caller's routing: a signature made for another service is worth nothing here.
    ///
    /// A presigned URL of S3 is good from 15 minutes before it was signed until its `X-Amz-Expires`; of any other service, as on AWS,
    /// within 15 minutes of its signing whatever `X-Amz-Expires` says (EKS tokens rely on it).
    ///
    /// # Errors
    /// When the signature does not match, is too old or too new, is for another service or does not cover what it must.
    pub fn verify(
        &self,
        key: &SigningKey,
        service: &str,
        parts: &RequestParts<'_>,
        body: PayloadHash,
        now: Timestamp,
    ) -> Result<Verified, SigError> {
        if self.service != service {
            return Err(SigError::ScopeService(service.to_owned()));
        }
        self.check_time(now)?;
        self.check_signed_headers(parts)?;
        let (line, payload) = self.payload(parts, body)?;
        let mut hex_hash = [0; 64];
        let line = match &line {
            PayloadLine::Literal(text) => text.as_bytes(),
            PayloadLine::Hash(hash) => lower_hex(hash, &mut hex_hash),
        };
        let canonical = canonical::request(parts, self.is_s3(), &self.signed_headers, line)?;
        let time_and_scope = time_and_scope(&time::basic(self.signed_at), &self.day, &self.region, &self.service);
        let calculated = key.sign(&string_to_sign(&time_and_scope, &canonical));
        verify_slices_are_equal(&calculated, &self.signature).map_err(|_| SigError::Mismatch)?;
        Ok(Verified { signature: self.signature, time_and_scope, payload })
    }

    fn is_s3(&self) -> bool {
        self.service == "s3"
    }

    fn check_time(&self, now: Timestamp) -> Result<(), SigError> {
        let age = now.duration_since(self.signed_at);
        if age < -SKEW {
            return Err(SigError::NotYetCurrent {
                signed: time::basic(self.signed_at),
                latest: shifted(now, SKEW),
                now: time::basic(now),
            });
        }
        match self.kind {
            Kind::Presigned { expires } if self.is_s3() => {
                if age > SignedDuration::from_secs(expires.into()) {
                    Err(SigError::PresignedExpired)
                } else {
                    Ok(())
                }
            }
            _ if age > SKEW => Err(SigError::Expired {
                signed: time::basic(self.signed_at),
                earliest: shifted(now, -SKEW),
                now: time::basic(now),
            }),
            _ => Ok(()),
        }
    }

    /// `host`, the date that is used, and every `x-amz-*` header must be signed.
    fn check_signed_headers(&self, parts: &RequestParts<'_>) -> Result<(), SigError> {
        let is_signed = |name: &str| self.signed_headers.split(';').any(|signed| signed == name);
        if !is_signed("host") {
            return Err(SigError::NotSigned("host".to_owned()));
        }
        if self.kind == Kind::Header && !parts.headers.contains_key("x-amz-date") && !is_signed("date") {
            return Err(SigError::NotSigned("date".to_owned()));
        }
        match parts.headers.keys().find(|name| name.as_str().starts_with("x-amz-") && !is_signed(name.as_str())) {
            Some(name) => Err(SigError::NotSigned(name.as_str().to_owned())),
            None => Ok(()),
        }
    }

    fn payload<'a>(&self, parts: &RequestParts<'a>, body: PayloadHash) -> Result<(PayloadLine<'a>, Payload), SigError> {
        let header = parts.single("x-amz-content-sha256")?;
        if !self.is_s3() {
            let PayloadHash::Of(hash) = body else { return Err(SigError::PayloadHashInvalid) };
            return match header.map(declared) {
                None => Ok((PayloadLine::Hash(hash), Payload::Checked)),
                Some(Some(Payload::Sha256(declared))) if declared == hash => {
                    Ok((PayloadLine::Hash(hash), Payload::Checked))
                }
                Some(Some(Payload::Sha256(_))) => Err(SigError::PayloadMismatch),
                Some(_) => Err(SigError::PayloadHashInvalid),
            };
        }
        let literal = match (header, self.kind) {
            (Some(header), _) => header,
            (None, Kind::Header) => return Err(SigError::PayloadHashMissing),
            (None, Kind::Presigned { .. }) => presigned_payload(parts.query)?,
        };
        let payload = match (declared(literal).ok_or(SigError::PayloadHashInvalid)?, body) {
            (Payload::Sha256(declared), PayloadHash::Of(hash)) if declared == hash => Payload::Checked,
            (Payload::Sha256(_), PayloadHash::Of(_)) => return Err(SigError::PayloadMismatch),
            (declared, _) => declared,
        };
        Ok((PayloadLine::Literal(literal), payload))
    }
}

/// A presigned URL signs its body only if it says so (the JavaScript SDK writes the parameter, to say that it does not).
fn presigned_payload(query: &str) -> Result<&str, SigError> {
    let mut given = canonical::pairs(query).filter(|(name, _)| name.eq_ignore_ascii_case("x-amz-content-sha256"));
    match (given.next(), given.next()) {
        (None, _) => Ok(UNSIGNED),
        (Some((_, value)), None) => Ok(value),
        (Some(_), Some(_)) => Err(SigError::Duplicate("x-amz-content-sha256")),
    }
}

/// Reads a value of `x-amz-content-sha256`.
fn declared(literal: &str) -> Option<Payload> {
    match literal {
        UNSIGNED => Some(Payload::Unsigned),
        _ => match ChunkForm::read(literal) {
            Some(form) => Some(Payload::Chunked(form)),
            None => {
                let mut hash = [0; 32];
                hex::decode_to_slice(literal, &mut hash).ok().map(|()| Payload::Sha256(hash))
            }
        },
    }
}

fn shifted(at: Timestamp, by: SignedDuration) -> String {
    time::basic(at.saturating_add(by).unwrap_or(at))
}

pub(crate) fn time_and_scope(at: &str, day: &str, region: &str, service: &str) -> String {
    format!("{at}\n{day}/{region}/{service}/aws4_request\n")
}

pub(crate) fn string_to_sign(time_and_scope: &str, canonical: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(ALGORITHM.len() + time_and_scope.len() + 65);
    out.extend_from_slice(ALGORITHM.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(time_and_scope.as_bytes());
    out.extend_from_slice(lower_hex(&sha256(canonical), &mut [0; 64]));
    out
}

/// Writes a hash in lower-case hexadecimal digits.
pub(crate) fn lower_hex<'a>(hash: &[u8; 32], digits: &'a mut [u8; 64]) -> &'a [u8] {
    // It fails only for a buffer of another length.
    let _ = hex::encode_to_slice(hash, digits);
    digits
}
