//! Answers: an output or an error in the protocol of its request.

use bytes::Bytes;
use serde::Serialize;

use crate::{EncodeError, Protocol, Value, encode_cbor, encode_json, to_value, xml};

/// The content type of rpc-v2-cbor.
pub const CBOR_CONTENT_TYPE: &str = "application/cbor";

/// An answer, ready to be sent.
#[derive(Clone)]
pub struct Encoded {
    /// HTTP status.
    pub status: u16,
    /// Absent when there is no body.
    pub content_type: Option<&'static str>,
    /// The protocol's other headers; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body. It may hold a secret.
    pub body: Bytes,
}

/// How a service spells the member of its JSON errors that holds the message. SDKs read both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MessageKey {
    /// `message`: most services, and every rpc-v2-cbor error.
    #[default]
    Lower,
    /// `Message`: Secrets Manager's own errors.
    Upper,
}

/// An error as the wire carries it.
#[derive(Debug, Clone, Copy)]
pub struct WireError<'a> {
    /// The error's shape name, with a namespace where AWS writes one: `ResourceNotFoundException`,
    /// `com.amazon.coral.validate#ValidationException`.
    pub code: &'a str,
    /// The code under which the query protocol knows it, where it differs (awsQueryCompatible services).
    pub query_code: Option<&'a str>,
    /// The text for the caller.
    pub message: &'a str,
    /// The spelling of the message's key.
    pub message_key: MessageKey,
    /// Whether the caller is at fault (`Sender`) or the service (`Receiver`).
    pub sender_fault: bool,
    /// HTTP status.
    pub status: u16,
}

impl WireError<'_> {
    fn fault(&self) -> &'static str {
        if self.sender_fault { "Sender" } else { "Receiver" }
    }
}

/// Writes an operation's output. `operation` and `xmlns` (the service's XML namespace) are used by the query protocol only.
///
/// # Errors
/// When the output's type cannot be written (see [`to_value`]).
pub fn encode_output<T: Serialize + ?Sized>(
    protocol: Protocol,
    operation: &str,
    xmlns: &str,
    output: &T,
    request_id: &str,
) -> Result<Encoded, EncodeError> {
    let value = to_value(output)?;
    let body = match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::RestJson => encode_json(&value)?,
        Protocol::RpcV2Cbor => encode_cbor(&value)?,
        Protocol::Query => query_output(operation, xmlns, &value, request_id).into_bytes(),
    };
    Ok(encoded(protocol, 200, body, request_id))
}

/// Writes an error. `xmlns` is used by the query protocol only.
pub fn encode_error(protocol: Protocol, error: &WireError<'_>, xmlns: &str, request_id: &str) -> Encoded {
    let body = match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::RestJson => {
            encode_json(&error_value(error, error.message_key))
        }
        Protocol::RpcV2Cbor => encode_cbor(&error_value(error, MessageKey::Lower)),
        Protocol::Query => Ok(query_error(error, xmlns, request_id).into_bytes()),
    };
    // A structure of two texts can be written in every protocol; were it not so, status and headers would still tell the error.
    let mut answer = encoded(protocol, error.status, body.unwrap_or_default(), request_id);
    if protocol == Protocol::RestJson {
        answer.headers.push(("x-amzn-errortype", error.code.to_owned()));
    }
    if let (Some(code), false) = (error.query_code, protocol == Protocol::Query) {
        answer.headers.push(("x-amzn-query-error", format!("{code};{}", error.fault())));
    }
    answer
}

fn encoded(protocol: Protocol, status: u16, body: Vec<u8>, request_id: &str) -> Encoded {
    let content_type = match protocol {
        Protocol::AwsJson10 => "application/x-amz-json-1.0",
        Protocol::AwsJson11 => "application/x-amz-json-1.1",
        Protocol::Query => "text/xml",
        Protocol::RpcV2Cbor => CBOR_CONTENT_TYPE,
        Protocol::RestJson => "application/json",
    };
    let mut headers = vec![("x-amzn-requestid", request_id.to_owned())];
    if protocol == Protocol::RpcV2Cbor {
        headers.push(("smithy-protocol", "rpc-v2-cbor".to_owned()));
    }
    Encoded { status, content_type: (!body.is_empty()).then_some(content_type), headers, body: body.into() }
}

fn error_value(error: &WireError<'_>, key: MessageKey) -> Value {
    let key = match key {
        MessageKey::Lower => "message",
        MessageKey::Upper => "Message",
    };
    Value::Struct(vec![
        ("__type", Value::String(error.code.to_owned())),
        (key, Value::String(error.message.to_owned())),
    ])
}

/// An operation without output has no result element; one with an empty output has an empty one, which SDKs insist on.
fn query_output(operation: &str, xmlns: &str, value: &Value, request_id: &str) -> String {
    let mut out = String::with_capacity(256);
    root(&mut out, &format!("{operation}Response"), xmlns, |out| {
        if !value.is_null() {
            xml::element(out, &format!("{operation}Result"), value);
        }
        xml::wrapped(out, "ResponseMetadata", |out| xml::text(out, "RequestId", request_id));
    });
    out
}

fn query_error(error: &WireError<'_>, xmlns: &str, request_id: &str) -> String {
    let mut out = String::with_capacity(256);
    root(&mut out, "ErrorResponse", xmlns, |out| {
        xml::wrapped(out, "Error", |out| {
            xml::text(out, "Type", error.fault());
            xml::text(out, "Code", error.query_code.unwrap_or(error.code));
            xml::text(out, "Message", error.message);
        });
        xml::text(out, "RequestId", request_id);
    });
    out
}

fn root(out: &mut String, name: &str, xmlns: &str, content: impl FnOnce(&mut String)) {
    out.push('<');
    out.push_str(name);
    out.push_str(" xmlns=\"");
    xml::escape(out, xmlns);
    out.push_str("\">");
    content(out);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}
