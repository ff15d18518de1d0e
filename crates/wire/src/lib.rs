//! AWS's wire protocols: JSON 1.0 and 1.1, query, rpc-v2-cbor, and the JSON half of rest-json.
//!
//! Every protocol is read into and written from one tree, [`Value`], so an operation's input and output are plain serde types that
//! know nothing of the protocol they travel by:
//!
//! - [`decode`] reads a body into an input type, [`decode_rest_json`] also takes members from the path and the query string;
//! - [`encode_output`] and [`encode_error`] write an answer;
//! - [`target`] and [`rpc_path`] say which operation is asked for.
//!
//! Conventions an operation's types follow:
//!
//! - members carry AWS's names (`#[serde(rename_all = "PascalCase")]`); a member that is `None` is not written, and a member sent as
//!   `null` counts as not sent;
//! - points in time are [`Timestamp`], bytes are [`Blob`];
//! - an operation without an output shape returns `()`, one with an empty output shape an empty struct;
//! - `#[serde(flatten)]` and `#[serde(untagged)]` are not used: they hide from the query protocol what is a list and what is a map.
//!
//! Decoders are total: depth, number of values and memory are bounded by [`limits`], and no error message repeats what the body
//! held, because that may be a secret.

mod access;
mod blob;
mod cbor;
mod de;
mod encode;
mod error;
mod json;
pub mod limits;
mod protocol;
mod query;
mod route;
mod ser;
mod timestamp;
mod value;
mod xml;

pub use blob::Blob;
pub use cbor::{encode_cbor, parse_cbor};
pub use de::{Style, from_value};
pub use encode::{CBOR_CONTENT_TYPE, Encoded, MessageKey, WireError, encode_error, encode_output};
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use json::{encode_json, parse_json};
pub use protocol::{Protocol, decode, decode_cbor, decode_json, decode_query, decode_rest_json, parse};
pub use query::{parse_form, parse_pairs};
pub use route::{Target, rpc_path, target};
pub use ser::to_value;
pub use timestamp::Timestamp;
pub use value::Value;
