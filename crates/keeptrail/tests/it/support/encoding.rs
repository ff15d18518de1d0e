//! JSON inputs in the other protocols.

use serde_json::Value;

/// The input as parameters of a form, each with `&` before it.
pub(crate) fn form(input: &Value) -> String {
    let mut text = String::new();
    for (name, value) in input.as_object().unwrap() {
        parameter(&mut text, name, value);
    }
    text
}

fn parameter(text: &mut String, name: &str, value: &Value) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(member, value)| parameter(text, &format!("{name}.{member}"), value));
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                parameter(text, &format!("{name}.member.{}", at + 1), item);
            }
        }
        Value::String(value) => pair(text, name, value),
        value => pair(text, name, &value.to_string()),
    }
}

fn pair(text: &mut String, name: &str, value: &str) {
    let value = url_encoded(value.as_bytes());
    text.push_str(&format!("&{name}={value}"));
}

/// Percent-encoding of all but unreserved characters.
pub(crate) fn url_encoded(bytes: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    bytes.iter().map(|byte| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The input in CBOR.
pub(crate) fn cbor(input: &Value) -> Vec<u8> {
    let tree = keeptrail_wire::parse_json(input.to_string().as_bytes()).unwrap();
    keeptrail_wire::encode_cbor(&tree).unwrap()
}

/// CBOR as JSON.
pub(crate) fn from_cbor(body: &[u8]) -> Value {
    let tree = keeptrail_wire::parse_cbor(body).unwrap();
    serde_json::from_slice(&keeptrail_wire::encode_json(&tree).unwrap()).unwrap()
}
