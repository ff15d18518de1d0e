//! The query protocol's requests: form-encoded, with dotted names for what is nested.
//!
//! `Tags.member.1.Key=a&Tags.member.1.Value=b` is a list of structures, `Attributes.entry.1.key=a&Attributes.entry.1.value=b` a map.
//! Lists may leave `member` out and maps `entry` (the flattened form); a map's key and value may also be called `Name` and `Value`.
//! The names alone do not tell a list from a structure, so numbered structures stay as they are until a type asks for a list.

use percent_encoding::percent_decode;

use crate::limits::{Budget, MAX_NAME_PARTS, MAX_PARAMETERS};
use crate::{DecodeError, Value};

/// Splits a form-encoded body or query string into decoded names and values.
///
/// # Errors
/// When a decoded part is not UTF-8, or there are more than [`MAX_PARAMETERS`].
pub fn parse_form(body: &[u8]) -> Result<Vec<(String, String)>, DecodeError> {
    let mut pairs = Vec::new();
    for pair in body.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        if pairs.len() >= MAX_PARAMETERS {
            return Err(DecodeError::limit("too many parameters"));
        }
        let mut halves = pair.splitn(2, |b| *b == b'=');
        let name = decode(halves.next().unwrap_or_default())?;
        pairs.push((name, decode(halves.next().unwrap_or_default())?));
    }
    Ok(pairs)
}

fn decode(part: &[u8]) -> Result<String, DecodeError> {
    let spaced: Vec<u8> = part.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    match percent_decode(&spaced).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(DecodeError::malformed("parameter is not UTF-8")),
    }
}

/// Builds the tree from decoded parameters, leaving out what is not the operation's: `Action`, `Version` and `X-Amz-…`.
///
/// # Errors
/// When a name is malformed or given twice, or the parameters are beyond [`crate::limits`].
pub fn parse_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Value, DecodeError> {
    let mut parameters: Vec<(String, String)> =
        pairs.into_iter().filter(|(name, _)| !is_envelope(name)).take(MAX_PARAMETERS + 1).collect();
    if parameters.len() > MAX_PARAMETERS {
        return Err(DecodeError::limit("too many parameters"));
    }
    let mut leaves = Vec::with_capacity(parameters.len());
    for (name, text) in &mut parameters {
        let path: Vec<&str> = name.split('.').collect();
        if path.len() > MAX_NAME_PARTS {
            return Err(DecodeError::limit("parameter name is nested too deeply"));
        }
        if path.iter().any(|part| part.is_empty()) {
            return Err(DecodeError::malformed("parameter name has an empty part"));
        }
        leaves.push(Leaf { path, text: std::mem::take(text) });
    }
    leaves.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    build(&mut leaves, 0, &Budget::new())
}

fn is_envelope(name: &str) -> bool {
    name == "Action" || name == "Version" || name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("x-amz-"))
}

struct Leaf<'a> {
    path: Vec<&'a str>,
    text: String,
}

/// Builds the structure from sorted leaves that agree in their first `depth` parts.
fn build(leaves: &mut [Leaf<'_>], depth: usize, budget: &Budget) -> Result<Value, DecodeError> {
    if !budget.take() {
        return Err(DecodeError::limit("too many values"));
    }
    let mut members = Vec::new();
    for group in leaves.chunk_by_mut(|a, b| a.path.get(depth) == b.path.get(depth)) {
        let several = group.len() > 1;
        let Some(first) = group.first_mut() else { continue };
        // A path that ends here sorts before those that go on.
        let Some(name) = first.path.get(depth).map(|name| (*name).to_owned()) else {
            return Err(DecodeError::malformed("parameter is given both as a value and as a structure"));
        };
        let ends = first.path.len() == depth + 1;
        let value = match (ends, several) {
            (true, false) => Value::String(std::mem::take(&mut first.text)),
            (true, true) => return Err(DecodeError::malformed("parameter is given twice")),
            (false, _) => build(group, depth + 1, budget)?,
        };
        members.push((name, value));
    }
    Ok(Value::Map(members))
}

/// Reads a numbered structure as a list. An empty list is written as an empty parameter.
pub(crate) fn list(value: Value) -> Result<Vec<Value>, DecodeError> {
    numbered(value, "member")
}

/// Reads a numbered structure as a map's entries.
pub(crate) fn map(value: Value) -> Result<Vec<(String, Value)>, DecodeError> {
    let malformed = || DecodeError::shape("expected a key and a value in each entry");
    let mut entries: Vec<(String, Value)> = Vec::new();
    for entry in numbered(value, "entry")? {
        let Value::Map(parts) = entry else { return Err(malformed()) };
        let (mut key, mut content) = (None, None);
        for (name, part) in parts {
            match name.as_str() {
                "key" | "Name" if key.is_none() => key = Some(part),
                "value" | "Value" if content.is_none() => content = Some(part),
                _ => return Err(malformed()),
            }
        }
        let (Some(Value::String(key)), Some(content)) = (key, content) else { return Err(malformed()) };
        entries.push((key, content));
    }
    Ok(entries)
}

/// The items of `X.1`, `X.2` or of `X.wrapper.1`, `X.wrapper.2`, in the order of their numbers.
fn numbered(value: Value, wrapper: &str) -> Result<Vec<Value>, DecodeError> {
    let mut members = match value {
        Value::String(text) if text.is_empty() => return Ok(Vec::new()),
        Value::Map(members) => members,
        _ => return Err(DecodeError::shape("expected numbered parameters")),
    };
    if matches!(members.as_slice(), [(name, _)] if name == wrapper) {
        members = match members.pop() {
            Some((_, Value::Map(inner))) => inner,
            Some((_, Value::String(text))) if text.is_empty() => return Ok(Vec::new()),
            _ => return Err(DecodeError::shape("expected numbered parameters")),
        };
    }
    let mut items = Vec::with_capacity(members.len());
    for (name, item) in members {
        let number = name.parse::<u32>().ok().filter(|n| n.to_string() == name);
        let number = number.ok_or_else(|| DecodeError::shape("expected numbered parameters"))?;
        items.push((number, item));
    }
    items.sort_unstable_by_key(|(number, _)| *number);
    Ok(items.into_iter().map(|(_, item)| item).collect())
}
