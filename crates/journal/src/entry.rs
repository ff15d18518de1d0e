//! A durable record as readers get it, and the newest of them kept in memory.

use std::{
    collections::VecDeque,
    sync::{Arc, LazyLock},
};

use bytes::Bytes;
use memchr::memmem::Finder;
use serde_json::Value;

use crate::{
    error::JournalError,
    segment::{Anchor, ChainHash, MAX_RECORD, is_record},
};

/// The begin of a record's own id.
static EVENT_ID: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"eventID\":\""));

/// What an entry costs in memory beside its record's bytes.
const OVERHEAD: usize = 256;

/// A record to append.
#[derive(Debug, Clone)]
pub struct Record {
    /// The record's `eventID`, a UUID's text.
    pub event_id: String,
    /// The record: one JSON object on one line, with the member `"eventID":"<event_id>"` written without spaces.
    pub bytes: Bytes,
}

impl Record {
    /// Whether the record can stand in the journal.
    ///
    /// # Errors
    /// [`JournalError::Invalid`], saying why not.
    pub fn check(&self) -> Result<(), JournalError> {
        let invalid = |reason| Err(JournalError::Invalid { reason });
        if self.bytes.len() > MAX_RECORD {
            return invalid("it is longer than 1 MiB");
        }
        if !is_record(&self.bytes) {
            return invalid("it is not a JSON object on one line");
        }
        if self.event_id.is_empty() || !self.event_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return invalid("its event id is not a UUID");
        }
        if !self.holds_its_id() {
            return invalid("it does not hold its event id");
        }
        Ok(())
    }

    fn holds_its_id(&self) -> bool {
        EVENT_ID.find_iter(&self.bytes).any(|at| {
            let value = self.bytes.get(at + EVENT_ID.needle().len()..).unwrap_or_default();
            value.strip_prefix(self.event_id.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'"'))
        })
    }
}

/// A durable record.
#[derive(Debug)]
pub struct Entry {
    /// The sequence number: 1, 2, 3 …; a number is missing only where the journal was damaged.
    pub seq: u64,
    /// The record's bytes, a JSON object.
    pub record: Bytes,
    hash: ChainHash,
}

impl Entry {
    /// An entry that was read from a file.
    #[must_use]
    pub fn new(at: Anchor, record: Bytes) -> Self {
        Self { seq: at.seq, record, hash: at.hash }
    }

    /// The record's `eventID`; empty when it has none.
    #[must_use]
    pub fn event_id(&self) -> String {
        let record: Value = serde_json::from_slice(&self.record).unwrap_or_else(|error| {
            tracing::error!(seq = self.seq, %error, "a record of the journal is not JSON");
            Value::Null
        });
        record.get("eventID").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The entry's place in the chain.
    #[must_use]
    pub fn anchor(&self) -> Anchor {
        Anchor { seq: self.seq, hash: self.hash }
    }
}

/// The newest durable entries, without gaps, up to a limit of memory.
#[derive(Debug)]
pub(crate) struct Tail {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    limit: usize,
}

impl Tail {
    pub(crate) fn new(limit: usize) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, limit }
    }

    /// Adds entries; the oldest go until the limit is kept.
    pub(crate) fn extend(&mut self, entries: &[Arc<Entry>]) {
        self.bytes += entries.iter().map(|entry| cost(entry)).sum::<usize>();
        self.entries.extend(entries.iter().cloned());
        while self.bytes > self.limit {
            let Some(oldest) = self.entries.pop_front() else { return };
            self.bytes -= cost(&oldest);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    /// The entries after `after`, when memory holds them all the way from there: at least one, then up to the limits.
    pub(crate) fn read(&self, after: u64, max_entries: usize, max_bytes: usize) -> Option<Vec<Arc<Entry>>> {
        let found: Vec<_> = self.after(after)?.take(max_entries.max(1)).cloned().collect();
        Some(within(found, max_bytes))
    }

    /// The oldest entry in memory.
    pub(crate) fn first(&self) -> Option<u64> {
        self.entries.front().map(|entry| entry.seq)
    }

    /// The entries after `after`; `None` when memory does not go back so far.
    pub(crate) fn after(&self, after: u64) -> Option<impl Iterator<Item = &Arc<Entry>>> {
        let skip = after.saturating_add(1).checked_sub(self.entries.front()?.seq)?;
        Some(self.entries.iter().skip(usize::try_from(skip).unwrap_or(usize::MAX)))
    }
}

fn cost(entry: &Entry) -> usize {
    entry.record.len() + OVERHEAD
}

/// The first entries, as many as `max_bytes` of records holds, but at least one.
fn within(mut entries: Vec<Arc<Entry>>, max_bytes: usize) -> Vec<Arc<Entry>> {
    let mut bytes = 0_usize;
    let fit = entries
        .iter()
        .take_while(|entry| {
            bytes = bytes.saturating_add(entry.record.len());
            bytes <= max_bytes
        })
        .count();
    entries.truncate(fit.max(1));
    entries
}

/// Makes entries out of records, chained from `from`.
pub(crate) fn chain(from: Anchor, records: Vec<Bytes>) -> Vec<Arc<Entry>> {
    let mut at = from;
    let entry = |record: Bytes| {
        at = at.then(&record);
        Arc::new(Entry { seq: at.seq, record, hash: at.hash })
    };
    records.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, text: &str) -> Record {
        Record { event_id: id.to_owned(), bytes: Bytes::from(text.to_owned()) }
    }

    fn filled(limit: usize, count: usize) -> Tail {
        let mut tail = Tail::new(limit);
        let records = (0..count).map(|n| Bytes::from(format!("{{\"eventID\":\"id-{n:04}\"}}"))).collect();
        let entries = chain(Anchor::START, records);
        tail.extend(&entries);
        tail
    }

    #[test]
    fn a_record_is_one_object_on_one_line_with_its_id() {
        assert_eq!(record("a-1", r#"{"x":1,"eventID":"a-1"}"#).check(), Ok(()));
        for (id, text) in [
            ("a", "{\"eventID\":\"a\",\n\"x\":1}"),
            ("a", r#"["eventID":"a"]"#),
            ("a", r#"{"eventID":"b"}"#),
            ("a", r#"{"x":"\"eventID\":\"a\""}"#),
            ("", r#"{"eventID":""}"#),
            ("a\"", r#"{"eventID":"a""}"#),
            ("a", ""),
        ] {
            assert!(matches!(record(id, text).check(), Err(JournalError::Invalid { .. })), "{text}");
        }
        let long = format!(r#"{{"eventID":"a","x":"{}"}}"#, "y".repeat(MAX_RECORD));
        assert!(record("a", &long).check().is_err());
    }

    #[test]
    fn the_tail_gives_what_follows_and_says_when_it_does_not_go_back_so_far() {
        let tail = filled(10 * (OVERHEAD + 21), 30);
        let seqs = |entries: Vec<Arc<Entry>>| entries.iter().map(|entry| entry.seq).collect::<Vec<_>>();
        assert_eq!(seqs(tail.read(27, 10, 1000).unwrap()), [28, 29, 30]);
        assert_eq!(seqs(tail.read(20, 2, 1000).unwrap()), [21, 22]);
        assert_eq!(seqs(tail.read(20, 10, 50).unwrap()), [21, 22]);
        assert_eq!(seqs(tail.read(20, 10, 1).unwrap()), [21]);
        assert!(tail.read(19, 10, 1000).is_none());
    }
}
