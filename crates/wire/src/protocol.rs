//! The protocols, and reading an input by any of them.

use serde::de::DeserializeOwned;

use crate::de::{Style, from_value};
use crate::{DecodeError, Value, cbor, json, query};

/// How a request is written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `application/x-amz-json-1.0` (CloudWatch from boto3 and JavaScript, SQS).
    AwsJson10,
    /// `application/x-amz-json-1.1` (Secrets Manager, CloudTrail, Logs, EventBridge, KMS).
    AwsJson11,
    /// Form-encoded requests, XML answers (STS, IAM, SNS, CloudWatch from older SDKs).
    Query,
    /// `application/cbor` under `/service/S/operation/O` (CloudWatch from Rust and Go).
    RpcV2Cbor,
    /// Resource paths with JSON bodies (cloudtrail-data, Lambda).
    RestJson,
}

/// Reads a body into the common tree.
///
/// # Errors
/// When the body does not follow the protocol's syntax or is beyond [`crate::limits`].
pub fn parse(protocol: Protocol, body: &[u8]) -> Result<Value, DecodeError> {
    match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::RestJson => json::parse_json(body),
        Protocol::Query => query::parse_pairs(query::parse_form(body)?),
        Protocol::RpcV2Cbor => cbor::parse_cbor(body),
    }
}

/// Reads a body into an operation's input.
///
/// # Errors
/// As [`parse`]; and when the input does not have the shape of `T`.
pub fn decode<T: DeserializeOwned>(protocol: Protocol, body: &[u8]) -> Result<T, DecodeError> {
    from_value(parse(protocol, body)?, Style::of(protocol))
}

/// Reads a JSON body into an operation's input.
///
/// # Errors
/// As [`decode`].
pub fn decode_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    from_value(json::parse_json(body)?, Style::Typed)
}

/// Reads a CBOR body into an operation's input.
///
/// # Errors
/// As [`decode`].
pub fn decode_cbor<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    from_value(cbor::parse_cbor(body)?, Style::Typed)
}

/// Reads query parameters, already percent-decoded (see [`crate::parse_form`]), into an operation's input. `Action`, `Version` and a
/// presigned request's `X-Amz-…` are not part of it.
///
/// # Errors
/// As [`decode`].
pub fn decode_query<T: DeserializeOwned>(pairs: impl IntoIterator<Item = (String, String)>) -> Result<T, DecodeError> {
    from_value(query::parse_pairs(pairs)?, Style::Query)
}

/// Reads a rest-json input: the body's members, and those that travel in the path, the query string or a header, as text.
///
/// # Errors
/// As [`decode`]; and when a member is in the body and outside it.
pub fn decode_rest_json<T: DeserializeOwned>(
    body: &[u8],
    outside: impl IntoIterator<Item = (&'static str, String)>,
) -> Result<T, DecodeError> {
    let Value::Map(mut members) = json::parse_json(body)? else {
        return Err(DecodeError::shape("expected a structure"));
    };
    members.extend(outside.into_iter().map(|(name, text)| (name.to_owned(), Value::String(text))));
    from_value(Value::Map(members), Style::Text)
}
