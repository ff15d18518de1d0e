//! The events of a file.

use std::io::{self, Read as _};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;
use serde_json::{Value, from_str};

use super::PatternTestError;

/// Longest label, in characters.
const MAX_LABEL: usize = 48;

/// The text of a file, or of standard input for `-`; gzip is unpacked.
pub(super) fn read(path: &Path) -> Result<String, PatternTestError> {
    let failed = |cause| PatternTestError::Read { path: path.to_owned(), cause };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
    } else {
        bytes = std::fs::read(path).map_err(failed)?;
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).map_err(failed)?;
        bytes = unpacked;
    }
    String::from_utf8(bytes).map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))
}

/// The events in a text: the elements of `{"Records": […]}` or of an array, one JSON value, or else one event a line.
/// Their text stays as it is, numbers and all.
pub(super) fn split(text: &str) -> Vec<&str> {
    #[derive(serde::Deserialize)]
    struct LogFile<'t> {
        #[serde(rename = "Records", borrow)]
        records: Vec<&'t RawValue>,
    }
    if let Ok(file) = from_str::<LogFile<'_>>(text) {
        return file.records.into_iter().map(RawValue::get).collect();
    }
    if let Ok(elements) = from_str::<Vec<&RawValue>>(text) {
        return elements.into_iter().map(RawValue::get).collect();
    }
    if from_str::<&RawValue>(text).is_ok() {
        return vec![text.trim()];
    }
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// What people know an event by: the name of the call, the detail type, or the beginning of its text.
pub(super) fn label(event: &str) -> String {
    let parsed: Option<Value> = from_str(event).ok();
    let name = parsed.as_ref().and_then(|event| {
        [event.get("eventName"), event.pointer("/detail/eventName"), event.get("detail-type")]
            .into_iter()
            .flatten()
            .find_map(Value::as_str)
    });
    let text = name.unwrap_or(event);
    let mut label: String =
        text.chars().take(MAX_LABEL).map(|next| if next.is_control() { ' ' } else { next }).collect();
    if text.chars().nth(MAX_LABEL).is_some() {
        label.push('…');
    }
    label
}
