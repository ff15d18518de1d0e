//! Chunks: many log events in one row.
//!
//! A chunk holds events of one stream and one minute, as compressed JSON lines after a line that says what is in it. A
//! batch that spans several minutes is written as several chunks. So the place of a time is known without an index, and
//! reading from any time on touches no more than that minute's chunks for nothing.

use bytes::Bytes;
use keeptrail_store::{Key, StoreError};
use serde::{Deserialize, Serialize};

/// A chunk spans at most so much time, in milliseconds, and begins at a multiple of it.
pub(crate) const SPAN: i64 = 60_000;
/// A chunk has at most so many events.
pub(crate) const MOST_EVENTS: usize = 4_096;
/// A chunk has at most so many bytes before compression, unless its only event is larger.
pub(crate) const MOST_BYTES: usize = 256 * 1024;
/// No chunk that we wrote is larger than this before compression: the largest event, each byte of it escaped.
const BOUND: usize = 8 * 1024 * 1024;

/// A log event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Event {
    /// In milliseconds since 1970.
    #[serde(rename = "t")]
    pub(crate) timestamp: i64,
    /// The event's number in its stream: events of one time are in the order of their arrival.
    #[serde(rename = "n")]
    pub(crate) number: u64,
    /// When it arrived, in milliseconds since 1970.
    #[serde(rename = "i")]
    pub(crate) ingested: i64,
    #[serde(rename = "m")]
    pub(crate) message: String,
}

/// An [`Event`] that is being written.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    #[serde(rename = "t")]
    pub(crate) timestamp: i64,
    #[serde(rename = "n")]
    pub(crate) number: u64,
    #[serde(rename = "i")]
    pub(crate) ingested: i64,
    #[serde(rename = "m")]
    pub(crate) message: &'a str,
}

/// What is in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The earliest and the latest event's time.
    pub(crate) min: i64,
    pub(crate) max: i64,
    pub(crate) count: usize,
    /// What the events count as stored bytes.
    pub(crate) stored: u64,
    /// The length of the lines before compression.
    pub(crate) raw: usize,
}

/// A chunk as it lies in the store.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    pub(crate) header: Header,
    compressed: Bytes,
}

/// A chunk in the making.
pub(crate) struct Builder {
    header: Header,
    lines: Vec<u8>,
}

fn corrupt(reason: impl ToString) -> StoreError {
    StoreError::Corrupt { table: "logs.chunk", reason: reason.to_string() }
}

/// The begin of the minute of a time.
pub(crate) fn minute(timestamp: i64) -> i64 {
    timestamp - timestamp.rem_euclid(SPAN)
}

/// The key of a chunk: its minute, and the number of its first event.
pub(crate) fn key(stream: Key, minute: i64, number: u64) -> Key {
    stream.number(u64::try_from(minute).unwrap_or(0)).number(number)
}

/// The minute of the chunk at `key`.
pub(crate) fn minute_of(key: &Key) -> Result<i64, StoreError> {
    let parts = key.parts();
    let minute = parts.len().checked_sub(2).and_then(|place| parts.get(place));
    minute.and_then(|minute| minute.parse().ok()).ok_or_else(|| corrupt("a malformed key"))
}

impl Builder {
    /// A chunk that is still empty.
    pub(crate) fn new() -> Self {
        let header = Header { min: i64::MAX, max: i64::MIN, count: 0, stored: 0, raw: 0 };
        Self { header, lines: Vec::new() }
    }

    /// Whether nothing more should be added.
    pub(crate) fn is_full(&self) -> bool {
        self.header.count >= MOST_EVENTS || self.lines.len() >= MOST_BYTES
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.header.count == 0
    }

    /// Adds an event.
    pub(crate) fn push(&mut self, event: &Line<'_>, stored: u64) -> Result<(), StoreError> {
        serde_json::to_writer(&mut self.lines, event).map_err(corrupt)?;
        self.lines.push(b'\n');
        let Header { min, max, count, .. } = self.header;
        self.header.min = min.min(event.timestamp);
        self.header.max = max.max(event.timestamp);
        self.header.count = count + 1;
        self.header.stored += stored;
        Ok(())
    }

    /// Adds all events of a chunk.
    pub(crate) fn extend(&mut self, chunk: &Chunk) -> Result<(), StoreError> {
        self.lines.extend_from_slice(&chunk.lines()?);
        self.header.min = self.header.min.min(chunk.header.min);
        self.header.max = self.header.max.max(chunk.header.max);
        self.header.count += chunk.header.count;
        self.header.stored += chunk.header.stored;
        Ok(())
    }

    /// The row.
    pub(crate) fn finish(self) -> Result<Bytes, StoreError> {
        let header = Header { raw: self.lines.len(), ..self.header };
        let mut row = serde_json::to_vec(&header).map_err(corrupt)?;
        row.push(b'\n');
        row.extend(lz4_flex::block::compress(&self.lines));
        Ok(row.into())
    }
}

impl Chunk {
    /// Reads the first line of a row.
    pub(crate) fn open(row: &Bytes) -> Result<Self, StoreError> {
        let end = row.iter().position(|byte| *byte == b'\n').ok_or_else(|| corrupt("no header"))?;
        let header: Header = serde_json::from_slice(&row.slice(..end)).map_err(corrupt)?;
        if header.raw > BOUND {
            return Err(corrupt("too large"));
        }
        Ok(Self { header, compressed: row.slice(end + 1..) })
    }

    fn lines(&self) -> Result<Vec<u8>, StoreError> {
        let lines = lz4_flex::block::decompress(&self.compressed, self.header.raw).map_err(corrupt)?;
        if lines.len() == self.header.raw { Ok(lines) } else { Err(corrupt("cut off")) }
    }

    /// The events, in no particular order.
    pub(crate) fn events(&self) -> Result<Vec<Event>, StoreError> {
        let lines = self.lines()?;
        serde_json::Deserializer::from_slice(&lines).into_iter().collect::<Result<_, _>>().map_err(corrupt)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(event: &Event) -> Line<'_> {
        let Event { timestamp, number, ingested, message } = event;
        Line { timestamp: *timestamp, number: *number, ingested: *ingested, message }
    }

    fn event(number: u64, message: &str) -> Event {
        Event { timestamp: 60_000 + number.cast_signed(), number, ingested: 99, message: message.into() }
    }

    #[test]
    fn what_is_put_in_comes_out() {
        let events = [event(3, "one"), event(1, "two\nlines, \"quoted\" \u{1F980}"), event(2, "")];
        let mut first = Builder::new();
        events.iter().for_each(|event| first.push(&line(event), 10).unwrap());
        let first = Chunk::open(&first.finish().unwrap()).unwrap();
        assert_eq!(
            (first.header.min, first.header.max, first.header.count, first.header.stored),
            (60_001, 60_003, 3, 30)
        );
        assert_eq!(first.events().unwrap(), events);

        let mut merged = Builder::new();
        merged.extend(&first).unwrap();
        merged.push(&line(&event(9, "three")), 5).unwrap();
        let merged = Chunk::open(&merged.finish().unwrap()).unwrap();
        assert_eq!((merged.header.max, merged.header.count, merged.header.stored), (60_009, 4, 35));
        assert_eq!(merged.events().unwrap().len(), 4);
    }

    #[test]
    fn a_damaged_row_is_an_error_and_no_panic() {
        let mut builder = Builder::new();
        builder.push(&line(&event(1, &"text ".repeat(100))), 1).unwrap();
        let row = builder.finish().unwrap();
        for cut in 0..row.len() {
            let damaged = row.slice(..cut);
            assert!(Chunk::open(&damaged).and_then(|chunk| chunk.events()).is_err(), "{cut}");
        }
        for place in 0..row.len() {
            let mut damaged = row.to_vec();
            damaged[place] ^= 0x55;
            let _ = Chunk::open(&damaged.into()).and_then(|chunk| chunk.events());
        }
        assert!(
            Chunk::open(&Bytes::from_static(b"{\"min\":0,\"max\":0,\"count\":1,\"stored\":0,\"raw\":99999999999}\n"))
                .is_err()
        );
    }

    proptest! {
        #[test]
        fn any_row_is_read_or_is_an_error(
            raw in prop_oneof![0_usize..200, Just(8 * 1024 * 1024), any::<usize>()],
            body in prop::collection::vec(any::<u8>(), 0..200),
            lines in prop::option::of("(\\{\"t\":1,\"n\":2,\"i\":3,\"m\":\"x\"\\}\n|[{}\":a0,]{0,9}){0,5}"),
        ) {
            let raw = lines.as_ref().map_or(raw, String::len);
            let mut row = format!("{{\"min\":0,\"max\":0,\"count\":1,\"stored\":0,\"raw\":{raw}}}\n").into_bytes();
            row.extend(lines.map_or(body, |lines| lz4_flex::block::compress(lines.as_bytes())));
            if let Ok(events) = Chunk::open(&row.into()).and_then(|chunk| chunk.events()) {
                prop_assert!(events.len() <= raw.min(BOUND));
            }
        }
    }
}
