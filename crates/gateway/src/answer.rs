//! Answers.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use keeptrail_wire::Encoded;

use crate::Page;

/// An answer's body: whole, or a stream for objects.
pub type AnswerBody = UnsyncBoxBody<Bytes, StreamError>;

/// A streamed answer broke off; the connection is closed, so that the client sees it too.
#[derive(Debug, thiserror::Error)]
#[error("the answer's body cannot be read: {0}")]
pub struct StreamError(String);

/// A whole body.
pub(crate) fn whole(body: Bytes) -> AnswerBody {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}

/// An encoded answer of an operation.
pub(crate) fn encoded(encoded: Encoded) -> Response<AnswerBody> {
    let mut response = Response::new(whole(encoded.body));
    *response.status_mut() = StatusCode::from_u16(encoded.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(content_type) = encoded.content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    for (name, value) in encoded.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A page, which no other site may frame and whose type no browser may guess.
pub(crate) fn page(page: Page) -> Response<AnswerBody> {
    let mut response = Response::new(whole(page.body));
    *response.status_mut() = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(page.content_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A plain-text page.
#[must_use]
pub fn text(status: u16, body: impl Into<Bytes>) -> Page {
    Page { status, content_type: "text/plain; charset=utf-8", body: body.into() }
}

/// An HTML page.
#[must_use]
pub fn html(status: u16, body: impl Into<Bytes>) -> Page {
    Page { status, content_type: "text/html; charset=utf-8", body: body.into() }
}

/// Turns any body into a streamed answer's body.
pub fn streamed<B>(body: B) -> AnswerBody
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: std::fmt::Display,
{
    body.map_err(|error| StreamError(error.to_string())).boxed_unsync()
}
