//! JSON: parsing, paths, arrays, and casts from and to it.

mod cast;
mod encode;
mod path;

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, FieldRef},
};
use datafusion::common::Result;
use serde_json::Value;

pub(crate) use cast::JsonCast;
pub(crate) use encode::Values;

use self::path::Path;
use super::function::{
    Function, Kind, Returns, argument, data_error, rows, text, text_at, texts, truths, whole, whole_at, wholes,
};

pub(crate) fn table() -> Vec<Function> {
    const WHOLE: Returns = Returns::Type(&DataType::Int64);
    const TEXT: Returns = Returns::Type(&DataType::Utf8);
    const TRUTH: Returns = Returns::Type(&DataType::Boolean);
    const PATH: &[Kind] = &[Kind::Json, Kind::Text];
    vec![
        Function::new("json_parse", &[Kind::Text], Returns::Json, json_parse),
        Function::new("json_format", &[Kind::Json], TEXT, json_format),
        Function::new("json_extract", PATH, Returns::Json, json_extract),
        Function::new("json_extract_scalar", PATH, TEXT, json_extract_scalar),
        Function::new("json_array_get", &[Kind::Json, Kind::Whole], Returns::Json, json_array_get),
        Function::new("json_array_length", &[Kind::Json], WHOLE, json_array_length),
        Function::new("json_array_contains", &[Kind::Json, Kind::Any], TRUTH, json_array_contains),
        Function::new("json_size", PATH, WHOLE, json_size),
        Function::new("is_json_scalar", &[Kind::Json], TRUTH, is_json_scalar),
        Function::new("$to_json", &[Kind::Any], Returns::Json, encode::to_json),
    ]
}

/// A document; nothing for NULL and for what is no JSON.
fn parsed(text: Option<&str>) -> Option<Value> {
    serde_json::from_str(text?).ok()
}

fn json_parse(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let documents = text(arguments, 0)?;
    texts(documents.len(), |row| match text_at(documents, row) {
        None => Ok(None),
        Some(document) => match serde_json::from_str::<Value>(document) {
            Ok(value) => Ok(Some(value.to_string())),
            Err(error) => data_error(format!("{:?} is not JSON: {error}", shortened(document))),
        },
    })
}

/// The beginning of a text, for messages.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

fn json_format(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    argument(arguments, 0).map(std::sync::Arc::clone)
}

/// The path compiled last.
#[derive(Default)]
struct Paths(Option<(String, Path)>);

impl Paths {
    fn get(&mut self, text: &str) -> Result<&Path> {
        if self.0.as_ref().is_none_or(|(known, _)| known != text) {
            match Path::parse(text) {
                Ok(path) => self.0 = Some((text.to_owned(), path)),
                Err(wrong) => return data_error(format!("the JSON path {text:?} is not supported: {wrong}")),
            }
        }
        match &self.0 {
            Some((_, path)) => Ok(path),
            None => data_error("no JSON path"),
        }
    }
}

/// Runs `of` with the value at the path of each row; NULL where there is no document, no JSON, or nothing at the path.
fn at_path<T>(
    arguments: &[ArrayRef],
    row: usize,
    paths: &mut Paths,
    of: impl Fn(&Value) -> Option<T>,
) -> Result<Option<T>> {
    let (documents, texts) = (text(arguments, 0)?, text(arguments, 1)?);
    let Some(path) = text_at(texts, row) else { return Ok(None) };
    let path = paths.get(path)?;
    let document = parsed(text_at(documents, row));
    Ok(document.as_ref().and_then(|document| path.find(document)).and_then(of))
}

fn json_extract(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let mut paths = Paths::default();
    texts(rows(arguments), |row| at_path(arguments, row, &mut paths, |value| Some(value.to_string())))
}

fn json_extract_scalar(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let mut paths = Paths::default();
    texts(rows(arguments), |row| at_path(arguments, row, &mut paths, scalar))
}

/// The text of a string, number or truth value.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// 0-based, from the end when negative.
fn json_array_get(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (documents, places) = (text(arguments, 0)?, whole(arguments, 1)?);
    texts(rows(arguments), |row| {
        let (Some(Value::Array(items)), Some(place)) = (parsed(text_at(documents, row)), whole_at(places, row)) else {
            return Ok(None);
        };
        let steps = usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX);
        let place = if place < 0 { items.len().checked_sub(steps) } else { Some(steps) };
        Ok(place.and_then(|place| items.get(place)).map(Value::to_string))
    })
}

fn json_array_length(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let documents = text(arguments, 0)?;
    wholes(documents.len(), |row| match parsed(text_at(documents, row)) {
        Some(Value::Array(items)) => Ok(i64::try_from(items.len()).ok()),
        _ => Ok(None),
    })
}

fn json_array_contains(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let documents = text(arguments, 0)?;
    let wanted = encode::values(argument(arguments, 1)?);
    truths(rows(arguments), |row| {
        let Some(Value::Array(items)) = parsed(text_at(documents, row)) else { return Ok(None) };
        let wanted = wanted.value(row)?;
        if wanted.is_null() {
            return Ok(None);
        }
        Ok(Some(items.iter().any(|item| same(item, &wanted))))
    })
}

fn same(item: &Value, wanted: &Value) -> bool {
    match (item, wanted) {
        (Value::Number(a), Value::Number(b)) => a == b || (a.as_f64().is_some() && a.as_f64() == b.as_f64()),
        _ => item == wanted,
    }
}

/// The members of an object or array at the path; 0 for a scalar.
fn json_size(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let mut paths = Paths::default();
    wholes(rows(arguments), |row| {
        at_path(arguments, row, &mut paths, |value| {
            let size = match value {
                Value::Array(items) => items.len(),
                Value::Object(members) => members.len(),
                _ => 0,
            };
            i64::try_from(size).ok()
        })
    })
}

fn is_json_scalar(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let documents = text(arguments, 0)?;
    truths(documents.len(), |row| match text_at(documents, row) {
        None => Ok(None),
        document => match parsed(document) {
            Some(value) => Ok(Some(!value.is_array() && !value.is_object())),
            None => data_error("is_json_scalar takes JSON"),
        },
    })
}
