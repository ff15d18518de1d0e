//! Requests and answers of s3s as an operation's input and output.

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::StreamExt;
use http::HeaderMap;
use keeptrail_operation::{ApiError, Context, Operation};
use s3s::dto::{ChecksumAlgorithm, StreamingBlob};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::{
    Buckets,
    blobs::{BlobError, Written},
    checksums::{Claimed, Hashes, in_trailer, verify},
    errors::{BAD_DIGEST, ENTITY_TOO_LARGE, INCOMPLETE_BODY, SIGNATURE_MISMATCH, invalid},
};

/// An operation that s3s decodes and encodes.
pub(crate) trait Ask:
    Operation<Service = Buckets, Input = Asked<<Self as Ask>::Request>, Output = Answer<<Self as Ask>::Reply>>
{
    /// s3s's request.
    type Request: Send + Sync + 'static;
    /// s3s's answer.
    type Reply: Send + Sync + 'static;

    /// What of the request may go on the record.
    fn facts(request: &Self::Request) -> Facts;

    /// Takes the request's body, if it has one.
    fn body(_: &mut Self::Request) -> Option<StreamingBlob> {
        None
    }
}

/// What of a request may go on its record, by CloudTrail's names.
#[serde_with::skip_serializing_none]
#[derive(Default, Serialize)]
pub(crate) struct Facts {
    #[serde(rename = "bucketName")]
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) prefix: Option<String>,
    pub(crate) delimiter: Option<String>,
    #[serde(rename = "max-keys")]
    pub(crate) max_keys: Option<i32>,
    #[serde(rename = "uploadId")]
    pub(crate) upload_id: Option<String>,
    #[serde(rename = "partNumber")]
    pub(crate) part_number: Option<i32>,
    #[serde(rename = "x-amz-copy-source")]
    pub(crate) copy_source: Option<String>,
    #[serde(rename = "x-amz-acl")]
    pub(crate) acl: Option<String>,
    #[serde(rename = "bucketPolicy")]
    pub(crate) policy: Option<Value>,
}

impl Facts {
    pub(crate) fn bucket(bucket: &str) -> Self {
        Self { bucket: Some(bucket.to_owned()), ..Self::default() }
    }

    pub(crate) fn object(bucket: &str, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..Self::bucket(bucket) }
    }
}

/// The trailing headers of a body, once it was read to its end.
pub(crate) type Trailers = Arc<Mutex<Option<HeaderMap>>>;

/// A request. It comes from s3s, never from serde; on a record are its facts.
pub(crate) struct Asked<T> {
    pub(crate) request: T,
    facts: Facts,
    body: Mutex<Option<StreamingBlob>>,
    trailers: Trailers,
    stored: OnceCell<Written>,
}

impl<T> Asked<T> {
    pub(crate) fn new(request: T, facts: Facts, body: Option<StreamingBlob>, trailers: Trailers) -> Self {
        Self { request, facts, body: Mutex::new(body), trailers, stored: OnceCell::new() }
    }

    /// The body as a blob. It is received once, even when the operation runs again after a conflict.
    pub(crate) async fn store(&self, cx: &Context<'_, Buckets>, claims: Claims<'_>) -> Result<&Written, ApiError> {
        self.stored.get_or_try_init(|| self.receive(cx, claims)).await
    }

    /// What `make` wrote, once.
    pub(crate) async fn store_by<F>(&self, make: impl FnOnce() -> F) -> Result<&Written, ApiError>
    where
        F: Future<Output = Result<Written, ApiError>>,
    {
        self.stored.get_or_try_init(make).await
    }

    async fn receive(&self, cx: &Context<'_, Buckets>, claims: Claims<'_>) -> Result<Written, ApiError> {
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner).take();
        let body = body.ok_or_else(|| ApiError::new(INCOMPLETE_BODY, "The request has no body."))?;
        let mut algorithms: Vec<&str> = claims.values.keys().copied().collect();
        algorithms.extend(claims.algorithm.map(ChecksumAlgorithm::as_str));
        if algorithms.is_empty() {
            // What S3 computes when nobody asks for anything else.
            algorithms.push("CRC64NVME");
        }
        let blobs = &cx.service().blobs;
        let mut written = blobs.write(cx.random(), body, Hashes::of(algorithms)?).await.map_err(failed)?;
        let checked = match self.complete(cx, &mut written, &claims.values).await {
            Ok(claimed) => check(&written, &claimed, claims.md5),
            Err(error) => Err(error),
        };
        if let Err(error) = checked {
            if let Err(error) = blobs.remove(&written.piece.blob).await {
                tracing::warn!(%error, "a refused upload could not be removed; it is swept later");
            }
            return Err(error);
        }
        Ok(written)
    }

    /// Adds the claims that came behind the body; what they are about and was not announced is computed now.
    async fn complete(
        &self,
        cx: &Context<'_, Buckets>,
        written: &mut Written,
        claimed: &Claimed,
    ) -> Result<Claimed, ApiError> {
        let mut claimed = claimed.clone();
        if let Some(trailers) = self.trailers.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            for (name, value) in trailers {
                if let Some(algorithm) = in_trailer(name.as_str()) {
                    let value = value.to_str().map_err(|_| invalid("A checksum is not text."))?;
                    claimed.insert(algorithm, value.to_owned());
                }
            }
        }
        let unknown: Vec<&str> =
            claimed.keys().copied().filter(|algorithm| !written.checksums.contains_key(*algorithm)).collect();
        if !unknown.is_empty() {
            let mut hashes = Hashes::of(unknown)?;
            let pieces = std::slice::from_ref(&written.piece);
            let mut content = cx.service().blobs.read(pieces, 0..written.piece.size);
            while let Some(chunk) = content.next().await {
                hashes.update(&chunk.map_err(ApiError::internal)?);
            }
            written.checksums.extend(hashes.finish());
        }
        Ok(claimed)
    }
}

/// Compares what arrived with what the uploader claims.
fn check(written: &Written, claimed: &Claimed, md5: Option<&str>) -> Result<(), ApiError> {
    if let Some(md5) = md5 {
        let md5 = STANDARD.decode(md5).ok().filter(|md5| md5.len() == 16).map(hex::encode);
        let md5 = md5.ok_or_else(|| ApiError::new(BAD_DIGEST, "The Content-MD5 you specified was invalid."))?;
        if md5 != written.md5 {
            return Err(ApiError::new(BAD_DIGEST, "The Content-MD5 you specified did not match what we received."));
        }
    }
    verify(&written.checksums, claimed)
}

/// What the uploader says about the body.
pub(crate) struct Claims<'a> {
    /// Checksums by algorithm, in base64.
    pub(crate) values: Claimed,
    /// The algorithm that it wants computed.
    pub(crate) algorithm: Option<&'a ChecksumAlgorithm>,
    /// `Content-MD5`.
    pub(crate) md5: Option<&'a str>,
}

/// The claims that a request's members make.
macro_rules! claims {
    ($request:expr) => {{
        let request = $request;
        let values = [
            ("CRC32", &request.checksum_crc32),
            ("CRC32C", &request.checksum_crc32c),
            ("CRC64NVME", &request.checksum_crc64nvme),
            ("SHA1", &request.checksum_sha1),
            ("SHA256", &request.checksum_sha256),
        ];
        $crate::asked::Claims {
            values: values.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect(),
            algorithm: request.checksum_algorithm.as_ref(),
            md5: request.content_md5.as_deref(),
        }
    }};
}
pub(crate) use claims;

/// A failed write as the caller sees it.
pub(crate) fn failed(error: BlobError) -> ApiError {
    match error {
        BlobError::TooLarge => ApiError::new(ENTITY_TOO_LARGE, "Your proposed upload exceeds the maximum allowed size"),
        BlobError::Source(source) => {
            let text = source.to_string();
            let code = if text.contains("x-amz-content-sha256") { SIGNATURE_MISMATCH } else { INCOMPLETE_BODY };
            ApiError::new(code, format!("The request's body could not be accepted: {text}."))
        }
        error => ApiError::internal(error),
    }
}

impl<T> Serialize for Asked<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.facts.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Asked<T> {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom("requests to buckets are decoded by s3s"))
    }
}

/// An answer. s3s encodes it; nothing of it goes on a record.
pub(crate) struct Answer<T>(pub(crate) T);

impl<T> Serialize for Answer<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}
