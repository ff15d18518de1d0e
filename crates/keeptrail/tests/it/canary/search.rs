//! Looks for a text in all that a server left behind, through every container that the server has.

use std::{collections::BTreeSet, io::Read, path::Path};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde_json::json;

use crate::support::{caller::Answer, encoding};

/// The longest chunk that the server packs, and more.
const LARGEST: usize = 4 << 20;

/// A search. It fails the test at once when it finds the canary.
pub(crate) struct Search {
    needles: Vec<(&'static str, Vec<u8>)>,
    control: String,
    /// Where the control was found: there the canary would have been found, too.
    seen: BTreeSet<String>,
}

impl Search {
    pub(crate) fn new(canary: &str, control: &str) -> Self {
        let bytes = canary.as_bytes();
        let escaped = json!(canary).to_string();
        let twice = json!(escaped).to_string();
        let mut needles = vec![
            ("plain", bytes.to_vec()),
            ("JSON", escaped.trim_matches('"').as_bytes().to_vec()),
            ("JSON in JSON", twice.trim_matches('"').trim_matches(['\\', '"']).as_bytes().to_vec()),
            ("hex", hex::encode(bytes).into_bytes()),
            ("HEX", hex::encode_upper(bytes).into_bytes()),
            ("URL", encoding::url_encoded(bytes).into_bytes()),
            // Its two halves have no character that anything escapes.
            ("first half", bytes[..24].to_vec()),
            ("second half", bytes[bytes.len() - 24..].to_vec()),
        ];
        // In base64 of something longer, the canary may begin at any of three places; what surrounds it changes the edges.
        for shift in 0..3 {
            let shifted = [&vec![b'-'; shift], bytes].concat();
            for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                let text = engine.encode(&shifted);
                needles.push(("base64", text.as_bytes()[4..text.len() - 4].to_vec()));
            }
        }
        Self { needles, control: control.to_owned(), seen: BTreeSet::new() }
    }

    fn bytes(&mut self, place: &str, bytes: &[u8]) {
        for (form, needle) in &self.needles {
            let at = memchr::memmem::find(bytes, needle);
            assert!(at.is_none(), "the canary is in {place}, {form}: …{}…", around(bytes, at.unwrap_or(0)));
        }
        if memchr::memmem::find(bytes, self.control.as_bytes()).is_some() {
            self.seen.insert(place.to_owned());
        }
    }

    pub(crate) fn text(&mut self, place: &str, text: &str) {
        self.bytes(place, text.as_bytes());
    }

    pub(crate) fn answer(&mut self, answer: &Answer) {
        self.bytes("answer", &answer.body);
        for (name, value) in &answer.headers {
            self.bytes("answer", name.as_str().as_bytes());
            self.bytes("answer", value.as_bytes());
        }
    }

    /// A file, and what it unpacks to.
    pub(crate) fn file(&mut self, place: &str, path: &Path) {
        let bytes = std::fs::read(path).unwrap();
        self.bytes(place, &bytes);
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut inflated = Vec::new();
            flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut inflated).unwrap();
            self.bytes(&format!("{place}, inflated"), &inflated);
        }
    }

    /// Everything below a directory; places are called by its direct entries.
    pub(crate) fn directory(&mut self, directory: &Path) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            self.below(&entry.file_name().to_string_lossy(), &entry.path());
        }
    }

    fn below(&mut self, place: &str, path: &Path) {
        self.bytes("a file's name", path.as_os_str().as_encoded_bytes());
        if path.is_dir() {
            std::fs::read_dir(path).unwrap().for_each(|entry| self.below(place, &entry.unwrap().path()));
        } else {
            self.file(place, path);
        }
    }

    /// Every row of a SQLite database, its pages having been searched as they are; what may be an lz4 block is unpacked.
    pub(crate) fn rows(&mut self, database: &Path) {
        let connection = rusqlite::Connection::open(database).unwrap();
        for (table, columns) in [("kv", "key, value"), ("outbox", "event_id, record"), ("fact", "name, value")] {
            let mut statement = connection
                .prepare(&format!("SELECT CAST({} AS BLOB) FROM {table}", columns.replace(", ", " AS BLOB), CAST(")))
                .unwrap();
            let rows =
                statement.query_map([], |row| Ok([row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?])).unwrap();
            for bytes in rows.flat_map(Result::unwrap) {
                self.bytes("row", &bytes);
                for unpacked in unpacked(&bytes) {
                    self.bytes("row, lz4", &unpacked);
                }
            }
        }
    }

    /// Fails unless the control was found in each of these places.
    pub(crate) fn must_have_seen(&self, places: &[&str]) {
        for place in places {
            assert!(self.seen.contains(*place), "the search saw nothing in {place}: {:?}", self.seen);
        }
    }
}

/// What a row unpacks to: with its size before it, or after a header line.
fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let header = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
    let sized = bytes.first_chunk().map(|size| u32::from_le_bytes(*size) as usize).filter(|size| *size <= LARGEST);
    let with_size = sized.and_then(|_| lz4_flex::block::decompress_size_prepended(bytes).ok());
    let after_header = lz4_flex::block::decompress(&bytes[header..], LARGEST).ok();
    with_size.into_iter().chain(after_header).collect()
}

fn around(bytes: &[u8], at: usize) -> String {
    String::from_utf8_lossy(&bytes[at.saturating_sub(200)..bytes.len().min(at + 200)]).into_owned()
}
