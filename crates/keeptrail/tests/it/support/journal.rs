//! What stands in the journal's files.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The segments, in order.
pub(crate) fn segments(data: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(data.join("journal")).unwrap().map(|entry| entry.unwrap().path());
    let mut segments: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "jsonl")).collect();
    segments.sort();
    segments
}

/// All records, in order. A line that is just being written is left out.
pub(crate) fn records(data: &Path) -> Vec<Value> {
    let lines = segments(data).into_iter().flat_map(|segment| {
        let text = std::fs::read_to_string(segment).unwrap();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    lines.filter_map(|line| serde_json::from_str::<Value>(&line).unwrap().get_mut("record").map(Value::take)).collect()
}

/// The records by their calls' ids; of a call that leaves several, the first.
pub(crate) fn by_request(data: &Path) -> HashMap<String, Value> {
    let mut found = HashMap::new();
    for record in records(data) {
        if let Some(id) = record["requestID"].as_str() {
            found.entry(id.to_owned()).or_insert(record);
        }
    }
    found
}
