//! Chunks of records: JSON lines, compressed, with what is needed to pass them over.

use bytes::Bytes;
use keeptrail_clock::Timestamp;
use keeptrail_store::{Key, StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

/// By account, region, time of the newest record, first sequence number.
pub(super) const CHUNKS: Table<Chunk> = Table::new("trail.history");
/// The newest chunk of an account and region while it is small: later records join it.
pub(super) const OPEN: Table<Open> = Table::new("trail.history-open");
/// A chunk takes more records until it holds so many bytes.
pub(super) const FULL: usize = 64 * 1024;

const DATA: &str = "trail.history-data";

/// A chunk's facts; the records stand under [`data_key`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Chunk {
    /// `eventTime` of the oldest and newest record, seconds since 1970.
    pub(super) oldest: i64,
    pub(super) newest: i64,
    /// Sequence number of the first record; with account and region it names the chunk.
    pub(super) first: u64,
    pub(super) records: usize,
    pub(super) bytes: usize,
}

/// Which chunk is open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Open {
    pub(super) chunk: Chunk,
}

/// A record with its place in the journal.
pub(super) struct Line<'a> {
    pub(super) seq: u64,
    pub(super) time: i64,
    pub(super) record: &'a str,
}

/// A time as a key part.
pub(super) fn time_part(seconds: i64) -> String {
    format!("{:020}", seconds.max(0))
}

/// The key parts of a chunk.
pub(super) fn parts(chunk: &Chunk) -> [String; 2] {
    [time_part(chunk.newest), format!("{:020}", chunk.first)]
}

/// Where the records of a chunk are.
pub(super) fn data_key(account: &str, region: &str, first: u64) -> Key {
    Key::of(&[DATA, account, region]).number(first)
}

/// Reads a chunk's lines, to change them.
pub(super) async fn read(tx: &Tx, account: &str, region: &str, chunk: &Chunk) -> Result<String, StoreError> {
    let row = tx.get(&data_key(account, region, chunk.first)).await?.ok_or_else(|| corrupt("the records are gone"))?;
    unpack(row.bytes())
}

/// Reads a chunk's lines, to look something up.
pub(super) async fn peek(tx: &Tx, account: &str, region: &str, chunk: &Chunk) -> Result<Option<String>, StoreError> {
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

/// A line as it stands in a chunk. A record is one line of JSON, so it holds neither newline nor tab.
pub(super) fn line(seq: u64, time: i64, record: &str) -> String {
    format!("{seq}\t{time}\t{record}\n")
}

/// Seconds since 1970 of a time.
pub(super) fn seconds(time: Timestamp) -> i64 {
    time.as_second()
}
