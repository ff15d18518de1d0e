//! Request bodies: collected within limits, or streamed and verified on the way.

use std::{
    io::Read,
    pin::Pin,
    task::{Context, Poll},
};

use aws_lc_rs::digest;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header, request};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Limited, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use keeptrail_sigv4::{ChunkDecoder, Payload, SigError, SigningKey, Verified};

use crate::{Limits, route::text};

const DECODED_LENGTH: &str = "x-amz-decoded-content-length";

/// A body on its way to the bucket service.
pub type RequestBody = UnsyncBoxBody<Bytes, BodyError>;

/// Why a body cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Longer than a call may be.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// It did not arrive in time.
    #[error("the body did not arrive in time")]
    Timeout,
    /// The connection broke.
    #[error("the connection ended before the body did")]
    Broken,
    /// It says gzip and is not.
    #[error("the body is not valid gzip")]
    Gzip,
    /// Its hash is not the signed one.
    #[error("the provided 'x-amz-content-sha256' header does not match what was computed")]
    Hash,
    /// A signed chunk is not what was signed.
    #[error("the body's chunks are not what was signed: {0}")]
    Chunk(#[from] SigError),
}

/// Reads a call's whole body.
pub(crate) async fn collect<B>(body: B, limits: &Limits) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // What announces too much need not be waited for.
    if body.size_hint().lower() > limits.body as u64 {
        return Err(BodyError::TooLarge(limits.body));
    }
    let collected = tokio::time::timeout(limits.body_time, Limited::new(body, limits.body).collect()).await;
    match collected {
        Err(_) => Err(BodyError::Timeout),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(BodyError::TooLarge(limits.body)),
        Ok(Err(_)) => Err(BodyError::Broken),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
    }
}

/// Inflates a gzip body up to `limit` bytes: SDKs compress large PutMetricData bodies.
pub(crate) fn inflate(body: &[u8], limit: usize) -> Result<Bytes, BodyError> {
    let mut inflated = Vec::new();
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    flate2::read::GzDecoder::new(body).take(bound).read_to_end(&mut inflated).map_err(|_| BodyError::Gzip)?;
    if inflated.len() > limit { Err(BodyError::TooLarge(limit)) } else { Ok(Bytes::from(inflated)) }
}

/// A body that nobody signed.
pub(crate) fn unsigned(body: Incoming) -> RequestBody {
    body.map_err(|_| BodyError::Broken).boxed_unsync()
}

/// The body that a verified head announces: checked against its hash, or taken out of its chunks. A chunked body's
/// headers are mended to tell of what is left.
pub(crate) fn signed(
    parts: &mut request::Parts,
    body: Incoming,
    verified: &Verified,
    key: &SigningKey,
) -> Result<RequestBody, SigError> {
    match verified.payload() {
        Payload::Checked | Payload::Unsigned => Ok(unsigned(body)),
        Payload::Sha256(expected) => Ok(Hashed::new(body, expected).boxed_unsync()),
        Payload::Chunked(_) => {
            let length = text(&parts.headers, DECODED_LENGTH).and_then(|length| length.parse::<u64>().ok());
            let length = length.ok_or(SigError::Chunk("x-amz-decoded-content-length must be a number"))?;
            let decoder = verified.chunks(key, length).ok_or(SigError::Chunk("the body is not chunked"))?;
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            parts.headers.remove(header::TRANSFER_ENCODING);
            let encodings = text(&parts.headers, header::CONTENT_ENCODING.as_str()).unwrap_or_default();
            let rest: Vec<_> =
                encodings.split(',').map(str::trim).filter(|one| !one.is_empty() && *one != "aws-chunked").collect();
            let rest = HeaderValue::from_str(&rest.join(",")).ok().filter(|rest| !rest.is_empty());
            match rest {
                Some(rest) => drop(parts.headers.insert(header::CONTENT_ENCODING, rest)),
                None => drop(parts.headers.remove(header::CONTENT_ENCODING)),
            }
            Ok(Chunked::new(body, decoder).boxed_unsync())
        }
    }
}

/// Takes the signature off a verified request, so that the bucket service's own wire layer sees a plain one.
pub(crate) fn strip_signature(parts: &mut request::Parts) {
    for name in
        ["authorization", "x-amz-security-token", "x-amz-content-sha256", "x-amz-date", DECODED_LENGTH, "x-amz-trailer"]
    {
        parts.headers.remove(name);
    }
    let signature = [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Signature",
        "X-Amz-Security-Token",
    ];
    let Some(query) = parts.uri.query().filter(|query| query.contains("X-Amz-")) else { return };
    let own = |pair: &&str| !signature.iter().any(|name| pair.split('=').next() == Some(name));
    let kept: Vec<_> = query.split('&').filter(own).collect();
    let path = parts.uri.path();
    let target = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    // Parts of a valid URI make a valid URI.
    if let Ok(uri) = target.parse() {
        parts.uri = uri;
    }
}

/// A body whose SHA-256 was signed: its last frame comes only if the hash is right.
pub(crate) struct Hashed<B> {
    inner: B,
    digest: Option<digest::Context>,
    expected: [u8; 32],
}

impl<B> Hashed<B> {
    pub(crate) fn new(inner: B, expected: [u8; 32]) -> Self {
        Self { inner, digest: Some(digest::Context::new(&digest::SHA256)), expected }
    }
}

impl<B> Body for Hashed<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
            Some(Ok(frame)) => {
                if let (Some(data), Some(digest)) = (frame.data_ref(), self.digest.as_mut()) {
                    digest.update(data);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(_)) => Poll::Ready(Some(Err(BodyError::Broken))),
            None => {
                let matches = self.digest.take().is_none_or(|digest| digest.finish().as_ref() == self.expected);
                Poll::Ready(if matches { None } else { Some(Err(BodyError::Hash)) })
            }
        }
    }
}

/// An aws-chunked body, decoded and verified chunk by chunk.
pub(crate) struct Chunked<B> {
    inner: B,
    decoder: Option<ChunkDecoder>,
}

impl<B> Chunked<B> {
    pub(crate) fn new(inner: B, decoder: ChunkDecoder) -> Self {
        Self { inner, decoder: Some(decoder) }
    }
}

impl<B> Body for Chunked<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            match std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let (Ok(data), Some(decoder)) = (frame.into_data(), self.decoder.as_mut()) else { continue };
                    let mut decoded = Vec::with_capacity(data.len());
                    match decoder.feed(&data, &mut decoded) {
                        Ok(()) if decoded.is_empty() => {}
                        Ok(()) => return Poll::Ready(Some(Ok(Frame::data(Bytes::from(decoded))))),
                        Err(error) => return Poll::Ready(Some(Err(error.into()))),
                    }
                }
                Some(Err(_)) => return Poll::Ready(Some(Err(BodyError::Broken))),
                None => {
                    return Poll::Ready(match self.decoder.take().map(ChunkDecoder::finish) {
                        None => None,
                        // The checksum of the content: whoever stores it compares.
                        Some(Ok(trailers)) => trailing(trailers).map(|trailers| Ok(Frame::trailers(trailers))),
                        Some(Err(error)) => Some(Err(error.into())),
                    });
                }
            }
        }
    }
}

/// Trailing headers as a frame; what is no header is left out.
fn trailing(trailers: Vec<(String, String)>) -> Option<HeaderMap> {
    let header = |(name, value): (String, String)| Some((name.parse::<HeaderName>().ok()?, value.parse().ok()?));
    Some(trailers.into_iter().filter_map(header).collect::<HeaderMap>()).filter(|trailers| !trailers.is_empty())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use http_body_util::Full;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_compressed_body_is_inflated_up_to_the_limit() {
        assert_eq!(inflate(&gzip(b"metric data"), 100).unwrap().as_ref(), b"metric data");
        let bomb = gzip(&vec![0; 1 << 20]);
        assert!(matches!(inflate(&bomb, 1000), Err(BodyError::TooLarge(1000))));
        assert!(matches!(inflate(b"not gzip", 100), Err(BodyError::Gzip)));
    }

    #[tokio::test]
    async fn a_body_with_another_hash_than_the_signed_one_ends_in_an_error() {
        let good: [u8; 32] = digest::digest(&digest::SHA256, b"body").as_ref().try_into().unwrap();
        let body = |hash| Hashed::new(Full::new(Bytes::from_static(b"body")), hash).collect();
        assert_eq!(body(good).await.unwrap().to_bytes().as_ref(), b"body");
        assert!(matches!(body([0; 32]).await, Err(BodyError::Hash)));
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let limits = Limits { body_time: std::time::Duration::from_millis(20), ..Limits::default() };
        let never = http_body_util::StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, BodyError>>());
        assert!(matches!(collect(never, &limits).await, Err(BodyError::Timeout)));
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused() {
        let limits = Limits { body: 3, ..Limits::default() };
        let result = collect(Full::new(Bytes::from_static(b"four")), &limits).await;
        assert!(matches!(result, Err(BodyError::TooLarge(3))));
    }
}
