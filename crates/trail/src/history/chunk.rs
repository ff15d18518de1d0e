//! Chunks of records: JSON lines, compressed, and the facts by which most of them need not be opened.

use std::fmt::Write;

use bytes::Bytes;
use keeptrail_clock::Timestamp;
use keeptrail_store::{Key, StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use super::index::Index;

/// The chunk that takes records, by account and region: there is a row for each place that has a history.
pub(super) const OPEN: Table<Open> = Table::new("trail.history-open");
/// A chunk takes more records until it holds so many bytes: a look-up opens a chunk in about a millisecond.
pub(super) const FULL: usize = 256 << 10;
/// Nor do its records lie further apart than this, in seconds: so a look-up finds its place by time.
pub(super) const SPAN: i64 = 300;

/// Facts by account, region, time of the newest record, first sequence number.
const FACTS: &str = "trail.history-facts";
/// Records by account, region, first sequence number.
const DATA: &str = "trail.history-data";

/// What is known of a chunk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Facts {
    /// `eventTime` of the oldest and the newest record, seconds since 1970.
    pub(super) oldest: i64,
    pub(super) newest: i64,
    /// Sequence number of the first record; with account and region it names the chunk.
    pub(super) first: u64,
    /// What its records can be found by.
    pub(super) index: Index,
}

impl Facts {
    /// Three numbers, then the index.
    fn to_bytes(&self) -> Bytes {
        let mut bytes = Vec::with_capacity(24 + self.index.bytes());
        bytes.extend(self.oldest.to_be_bytes());
        bytes.extend(self.newest.to_be_bytes());
        bytes.extend(self.first.to_be_bytes());
        self.index.write(&mut bytes);
        Bytes::from(bytes)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        let fault = || corrupt("a row of facts is too short");
        let (oldest, rest) = bytes.split_first_chunk().ok_or_else(fault)?;
        let (newest, rest) = rest.split_first_chunk().ok_or_else(fault)?;
        let (first, index) = rest.split_first_chunk().ok_or_else(fault)?;
        Ok(Self {
            oldest: i64::from_be_bytes(*oldest),
            newest: i64::from_be_bytes(*newest),
            first: u64::from_be_bytes(*first),
            index: Index::read(index),
        })
    }

    pub(super) fn put(&self, tx: &Tx, account: &str, region: &str) {
        tx.put(self.key(account, region), self.to_bytes());
    }

    pub(super) fn delete(&self, tx: &Tx, account: &str, region: &str) {
        tx.delete(self.key(account, region));
    }

    fn key(&self, account: &str, region: &str) -> Key {
        facts_from(account, region, self.newest).number(self.first)
    }
}

/// The open chunk's facts; `None` when the next record begins another.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Open {
    /// `newest` and `first` of its facts, which name their row.
    pub(super) chunk: Option<(i64, u64)>,
}

/// A record with its place in the journal.
pub(super) struct Line<'a> {
    pub(super) seq: u64,
    pub(super) time: i64,
    pub(super) record: &'a str,
}

/// Facts of a place, in the order of time.
pub(super) fn facts(account: &str, region: &str) -> Key {
    Key::of(&[FACTS, account, region])
}

/// The first facts of chunks whose newest record is of this time or later.
pub(super) fn facts_from(account: &str, region: &str, seconds: i64) -> Key {
    facts(account, region).with(&format!("{:020}", seconds.max(0)))
}

/// The open chunk's facts.
pub(super) async fn open(tx: &Tx, account: &str, region: &str) -> Result<Option<Facts>, StoreError> {
    let open = OPEN.get(tx, &[account, region]).await?;
    let Some((newest, first)) = open.and_then(|open| open.chunk) else { return Ok(None) };
    let row = tx.get(&facts_from(account, region, newest).number(first)).await?;
    row.map(|row| Facts::from_bytes(row.bytes())).transpose()
}

/// Where the records of a chunk are.
pub(super) fn data_key(account: &str, region: &str, first: u64) -> Key {
    Key::of(&[DATA, account, region]).number(first)
}

/// Reads a chunk's lines, to change them.
pub(super) async fn read(tx: &Tx, account: &str, region: &str, chunk: &Facts) -> Result<String, StoreError> {
    let row = tx.get(&data_key(account, region, chunk.first)).await?.ok_or_else(|| corrupt("the records are gone"))?;
    unpack(row.bytes())
}

/// Reads a chunk's lines, to look something up.
pub(super) async fn peek(tx: &Tx, account: &str, region: &str, chunk: &Facts) -> Result<Option<String>, StoreError> {
    let row = tx.peek(&data_key(account, region, chunk.first)).await?;
    row.map(|row| unpack(row.bytes())).transpose()
}

fn corrupt(reason: &str) -> StoreError {
    StoreError::Corrupt { table: "trail.history", reason: reason.to_owned() }
}

fn unpack(bytes: &[u8]) -> Result<String, StoreError> {
    let plain = lz4_flex::decompress_size_prepended(bytes).map_err(|error| corrupt(&error.to_string()))?;
    String::from_utf8(plain).map_err(|error| corrupt(&error.to_string()))
}

/// Writes a chunk's lines.
pub(super) fn write(tx: &Tx, account: &str, region: &str, first: u64, lines: &str) {
    let packed = lz4_flex::compress_prepend_size(lines.as_bytes());
    tx.put(data_key(account, region, first), Bytes::from(packed));
}

/// The lines of a chunk: sequence number, time and record, by tabs.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().filter_map(|line| {
        let mut fields = line.splitn(3, '\t');
        let (seq, time) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Line { seq, time, record: fields.next()? })
    })
}

/// Adds a line to a chunk. A record is one line of JSON, so it holds neither newline nor tab.
pub(super) fn push_line(chunk: &mut String, seq: u64, time: i64, record: &str) {
    // Writing to a string cannot fail.
    let _ = write!(chunk, "{seq}\t{time}\t");
    chunk.push_str(record);
    chunk.push('\n');
}

/// Seconds since 1970 of a time.
pub(super) fn seconds(time: Timestamp) -> i64 {
    time.as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_as_they_were_written_and_short_rows_are_refused() {
        let mut index = Index::default();
        index.add([7, 2, 7]);
        let facts = Facts { oldest: -5, newest: 7, first: u64::MAX, index };
        let bytes = facts.to_bytes();
        assert_eq!(Facts::from_bytes(&bytes).unwrap(), facts);
        assert!(Facts::from_bytes(&bytes[..23]).is_err());
    }
}
