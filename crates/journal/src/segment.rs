//! The text of a segment: names, header, entries, and the hash that chains them.
//!
//! A segment is a JSON-lines file. Its first line is a header, every further line an entry:
//!
//! ```text
//! {"keeptrail":"journal","version":1,"first":1,"previous":"00…00","created":"2026-11-22T10:00:00Z"}
//! {"seq":1,"hash":"5f…","record":{"eventVersion":"1.11",…}}
//! ```
//!
//! `hash` is the SHA-256 of the previous entry's hash (32 bytes), `seq` (8 bytes, big endian) and the record's bytes.
//! The form is exact, so that no byte of an entry can be changed without either the form or the hash breaking.

use std::{fmt, io::Write};

use aws_lc_rs::digest::{Context, SHA256};
use keeptrail_clock::Timestamp;

/// The longest line that is read or written, without its newline: 1 MiB.
pub const MAX_LINE: usize = 1024 * 1024;

/// The longest record: a line less the longest text around a record.
pub const MAX_RECORD: usize = MAX_LINE - 128;

const ENTRY_OPEN: &[u8] = b"{\"seq\":";
const ENTRY_HASH: &[u8] = b",\"hash\":\"";
const ENTRY_RECORD: &[u8] = b"\",\"record\":";
const HEADER_OPEN: &[u8] = b"{\"keeptrail\":\"journal\",\"version\":1,\"first\":";
const HEADER_PREVIOUS: &[u8] = b",\"previous\":\"";
const HEADER_CREATED: &[u8] = b"\",\"created\":\"";
const HEADER_CLOSE: &[u8] = b"\"}";
const HASH_HEX: usize = 64;

/// A link of the chain: a SHA-256 value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// What the journal's very first entry is chained to.
    pub const ZERO: Self = Self([0; 32]);

    /// The hash of an entry that follows the one with this hash.
    #[must_use]
    pub fn then(&self, seq: u64, record: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(&self.0);
        context.update(&seq.to_be_bytes());
        context.update(record);
        let mut hash = [0; 32];
        for (to, from) in hash.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        Self(hash)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let lower = text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let mut hash = [0; 32];
        (lower && hex::decode_to_slice(text, &mut hash).is_ok()).then_some(Self(hash))
    }

    fn write(&self, line: &mut Vec<u8>) {
        let mut text = [0; HASH_HEX];
        // Cannot fail: the text is twice as long as the hash.
        let _ = hex::encode_to_slice(self.0, &mut text);
        line.extend_from_slice(&text);
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A place in the chain: who knows it can tell whether the journal before it is still the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// An entry's sequence number; 0 is the place before the first entry.
    pub seq: u64,
    /// That entry's hash.
    pub hash: ChainHash,
}

impl Anchor {
    /// The place before the first entry of a journal.
    pub const START: Self = Self { seq: 0, hash: ChainHash::ZERO };

    /// The place after one more record.
    #[must_use]
    pub fn then(&self, record: &[u8]) -> Self {
        let seq = self.seq.saturating_add(1);
        Self { seq, hash: self.hash.then(seq, record) }
    }

    /// 40 bytes: the sequence number (big endian) and the hash.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.seq.to_be_bytes().as_slice(), self.hash.0.as_slice()].concat()
    }

    /// Reads what [`Anchor::to_bytes`] wrote.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (seq, hash) = bytes.split_first_chunk::<8>()?;
        Some(Self { seq: u64::from_be_bytes(*seq), hash: ChainHash(hash.try_into().ok()?) })
    }
}

/// A segment's first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The sequence number of the segment's first entry.
    pub first: u64,
    /// The hash that the first entry is chained to.
    pub previous: ChainHash,
    /// When the segment was begun: no entry of an earlier segment is younger.
    pub created: Timestamp,
}

impl Header {
    /// The place in the chain that the segment goes on from.
    #[must_use]
    pub fn start(&self) -> Anchor {
        Anchor { seq: self.first.saturating_sub(1), hash: self.previous }
    }

    pub(crate) fn write(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(HEADER_OPEN);
        number(self.first, line);
        line.extend_from_slice(HEADER_PREVIOUS);
        self.previous.write(line);
        line.extend_from_slice(HEADER_CREATED);
        // Writing to a vector cannot fail.
        let _ = write!(line, "{}", self.created);
        line.extend_from_slice(HEADER_CLOSE);
        line.push(b'\n');
    }
}

/// An entry's line, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedEntry<'a> {
    /// The sequence number.
    pub seq: u64,
    /// The hash that the line claims.
    pub hash: ChainHash,
    /// The record's bytes.
    pub record: &'a [u8],
}

/// Reads an entry's line (without its newline). Total: any bytes may be given.
#[must_use]
pub fn parse_entry(line: &[u8]) -> Option<ParsedEntry<'_>> {
    let (seq, rest) = parse_number(line.strip_prefix(ENTRY_OPEN)?)?;
    let (hash, rest) = rest.strip_prefix(ENTRY_HASH)?.split_at_checked(HASH_HEX)?;
    let record = rest.strip_prefix(ENTRY_RECORD)?.strip_suffix(b"}")?;
    let entry = ParsedEntry { seq, hash: ChainHash::parse(hash)?, record };
    is_record(record).then_some(entry)
}

/// Reads a header's line (without its newline). Total: any bytes may be given.
#[must_use]
pub fn parse_header(line: &[u8]) -> Option<Header> {
    let (first, rest) = parse_number(line.strip_prefix(HEADER_OPEN)?)?;
    let (previous, rest) = rest.strip_prefix(HEADER_PREVIOUS)?.split_at_checked(HASH_HEX)?;
    let created = rest.strip_prefix(HEADER_CREATED)?.strip_suffix(HEADER_CLOSE)?;
    let created = std::str::from_utf8(created).ok()?.parse().ok()?;
    Some(Header { first, previous: ChainHash::parse(previous)?, created })
}

/// Whether `bytes` can stand as a record on a line.
pub(crate) fn is_record(bytes: &[u8]) -> bool {
    bytes.len() <= MAX_RECORD
        && bytes.first() == Some(&b'{')
        && bytes.last() == Some(&b'}')
        && memchr::memchr2(b'\n', 0, bytes).is_none()
}

/// Appends an entry's line, with its newline.
pub(crate) fn write_entry(at: &Anchor, record: &[u8], line: &mut Vec<u8>) {
    line.extend_from_slice(ENTRY_OPEN);
    number(at.seq, line);
    line.extend_from_slice(ENTRY_HASH);
    at.hash.write(line);
    line.extend_from_slice(ENTRY_RECORD);
    line.extend_from_slice(record);
    line.extend_from_slice(b"}\n");
}

fn number(number: u64, line: &mut Vec<u8>) {
    // Writing to a vector cannot fail.
    let _ = write!(line, "{number}");
}

/// Decimal digits without leading zeros, and what follows them.
fn parse_number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(digits)?;
    if digits.len() > 1 && digits.first() == Some(&b'0') {
        return None;
    }
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, rest))
}

/// The file name of the segment whose first entry is `first`.
#[must_use]
pub fn file_name(first: u64) -> String {
    format!("{first:020}.jsonl")
}

/// The first sequence number of a segment by its file name; `None` when it is not a segment's name.
#[must_use]
pub fn parse_file_name(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".jsonl")?;
    (digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(at: &Anchor, record: &[u8]) -> Vec<u8> {
        let mut line = Vec::new();
        write_entry(at, record, &mut line);
        assert_eq!(line.pop(), Some(b'\n'));
        line
    }

    #[test]
    fn an_entry_reads_back_as_it_was_written() {
        let at = Anchor::START.then(b"{\"a\":1}");
        let line = line(&at, b"{\"a\":1}");
        assert_eq!(parse_entry(&line), Some(ParsedEntry { seq: 1, hash: at.hash, record: b"{\"a\":1}" }));
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(value["seq"], 1);
        assert_eq!(value["hash"], at.hash.to_string());
        assert_eq!(value["record"]["a"], 1);
    }

    #[test]
    fn the_hash_is_sha256_over_previous_sequence_number_and_record() {
        // printf '%064d0000000000000001' 0 | xxd -r -p | cat - <(printf '{}') | sha256sum
        let expected = aws_lc_rs::digest::digest(&SHA256, &[&[0; 39][..], &[1], b"{}"].concat());
        assert_eq!(ChainHash::ZERO.then(1, b"{}").0.as_slice(), expected.as_ref());
    }

    #[test]
    fn a_header_reads_back_as_it_was_written() {
        let header = Header {
            first: 42,
            previous: ChainHash::ZERO.then(1, b"{}"),
            created: "2026-11-22T10:00:00.5Z".parse().unwrap(),
        };
        let mut line = Vec::new();
        header.write(&mut line);
        assert_eq!(parse_header(line.strip_suffix(b"\n").unwrap()), Some(header));
    }

    #[test]
    fn other_forms_of_the_same_entry_are_refused() {
        let good = String::from_utf8(line(&Anchor::START.then(b"{}"), b"{}")).unwrap();
        for bad in [
            good.replace("\"seq\":1", "\"seq\":01"),
            good.replace("\"seq\":1", "\"seq\": 1"),
            good.replace("\"seq\":1", "\"seq\":18446744073709551616"),
            good.to_uppercase(),
            good.replace("{}", "[]"),
            good.replace("{}", "{\n}"),
            good.replace("{}", "{\0}"),
            good.trim_end_matches('}').to_owned(),
            String::new(),
        ] {
            assert_eq!(parse_entry(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_file_name_is_twenty_digits() {
        assert_eq!(file_name(1), "00000000000000000001.jsonl");
        assert_eq!(parse_file_name(&file_name(u64::MAX)), Some(u64::MAX));
        for other in
            ["1.jsonl", "00000000000000000001.jsonl.new", "+0000000000000000001.jsonl", "99999999999999999999.jsonl"]
        {
            assert_eq!(parse_file_name(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_parsed(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse_entry(&bytes);
            let _ = parse_header(&bytes);
        }

        #[test]
        fn whatever_parses_is_written_back_byte_by_byte(
            seq in any::<u64>(), hash in any::<[u8; 32]>(), inner in "[ -~]{0,40}", at in 0usize..200, byte in any::<u8>(),
        ) {
            let anchor = Anchor { seq, hash: ChainHash(hash) };
            let mut text = line(&anchor, format!("{{{inner}}}").as_bytes());
            if let Some(place) = text.get_mut(at) {
                *place = byte;
            }
            if let Some(entry) = parse_entry(&text) {
                prop_assert_eq!(line(&Anchor { seq: entry.seq, hash: entry.hash }, entry.record), text);
            }
        }
    }
}
