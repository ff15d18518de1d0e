//! AWS JSON: bodies of JSON 1.0, JSON 1.1 and rest-json.

use serde::de::DeserializeSeed;

use crate::limits::Budget;
use crate::value::Seed;
use crate::{DecodeError, DecodeErrorKind, EncodeError, Value};

/// Reads a JSON body. An empty body is an empty structure.
///
/// # Errors
/// When it is not UTF-8, not JSON, or beyond [`crate::limits`]. The message names the position only.
pub fn parse_json(body: &[u8]) -> Result<Value, DecodeError> {
    if body.is_empty() {
        return Ok(Value::Map(Vec::new()));
    }
    let text = std::str::from_utf8(body)
        .map_err(|e| DecodeError::malformed(format!("body is not UTF-8 at byte {}", e.valid_up_to())))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Seed::new(&Budget::new()).deserialize(&mut reader);
    value.and_then(|value| reader.end().map(|()| value)).map_err(|e| {
        let kind = if e.is_data() { DecodeErrorKind::Limit } else { DecodeErrorKind::Malformed };
        let what = if e.is_data() { "JSON is nested too deeply or holds too many values" } else { "invalid JSON" };
        DecodeError::new(kind, format!("{what} at line {} column {}", e.line(), e.column()))
    })
}

/// Writes a JSON body. An operation without output ([`Value::Null`]) answers an empty structure.
///
/// # Errors
/// None in practice: every [`Value`] has a JSON form.
pub fn encode_json(value: &Value) -> Result<Vec<u8>, EncodeError> {
    if value.is_null() {
        return Ok(b"{}".to_vec());
    }
    serde_json::to_vec(value).map_err(|e| EncodeError::Custom(e.to_string()))
}
