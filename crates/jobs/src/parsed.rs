//! Records as readers get them.

use std::sync::Arc;

use keeptrail_clock::Timestamp;
use keeptrail_journal::Entry;
use keeptrail_pattern::document::Document;

/// A durable record, taken apart once for all who read it.
#[derive(Debug)]
pub struct Parsed<'a> {
    /// Its place in the journal.
    pub seq: u64,
    /// The record, verbatim.
    pub text: &'a str,
    /// The record, parsed.
    pub document: Document<'a>,
    /// Its `eventTime`; `None` when it has none that can be read.
    pub time: Option<Timestamp>,
}

impl<'a> Parsed<'a> {
    /// The records of `entries`. One that cannot be read is left out, so that it does not hold up those behind it.
    #[must_use]
    pub fn all(entries: &'a [Arc<Entry>]) -> Vec<Self> {
        entries.iter().filter_map(|entry| Self::one(entry)).collect()
    }

    fn one(entry: &'a Entry) -> Option<Self> {
        let unreadable = |error: &dyn std::fmt::Display| {
            tracing::error!(seq = entry.seq, %error, "a record cannot be read and has no effects");
        };
        let text = std::str::from_utf8(&entry.record).inspect_err(|error| unreadable(error)).ok()?;
        let document = Document::parse(text).inspect_err(|error| unreadable(error)).ok()?;
        let time = document.text("eventTime").and_then(|time| time.parse().ok());
        Some(Self { seq: entry.seq, text, document, time })
    }

    /// A member of the record; empty when it is no text.
    #[must_use]
    pub fn member(&self, name: &str) -> &str {
        self.document.text(name).unwrap_or_default()
    }
}
