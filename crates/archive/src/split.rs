//! Splits a file into raw records.

use std::{io::Read, ops::Range};

use crate::{
    Fault, FaultReason, Limits,
    decode::Decoded,
    head::{Head, Member},
    skip::Skip,
};

/// Bytes asked for at a time.
const CHUNK: usize = 256 * 1024;
/// After so many faults the rest of a file is left alone.
const MAX_FAULTS: u32 = 20;

/// The records of one file, in the order in which they stand in it.
pub struct Records<R> {
    source: Decoded<R>,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that hold content.
    filled: usize,
    /// What is read next.
    at: usize,
    /// From here on bytes are kept when more are read.
    keep: usize,
    /// The content's byte that `buffer` begins with.
    base: u64,
    ended: bool,
    place: Place,
    record_limit: usize,
    yielded: bool,
    faults: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before a top-level value.
    Top,
    /// Inside the array of records; `wrapped` when it is a member of an object.
    Array {
        wrapped: bool,
    },
    /// Behind the array of records in its object.
    Rest,
    Done,
}

impl<R: Read> Records<R> {
    /// The records of `content`. `stored` is the file's size as it is stored, for the limit on its ratio.
    pub fn new(content: R, stored: u64, limits: &Limits) -> Self {
        Self::reusing(Vec::new(), content, stored, limits)
    }

    /// As [`Records::new`], with the memory of an earlier reader (see [`Records::into_buffer`]).
    pub fn reusing(buffer: Vec<u8>, content: R, stored: u64, limits: &Limits) -> Self {
        Self {
            source: Decoded::new(content, stored, limits),
            buffer,
            filled: 0,
            at: 0,
            keep: 0,
            base: 0,
            ended: false,
            place: Place::Top,
            record_limit: limits.record,
            yielded: false,
            faults: 0,
        }
    }

    /// The reader's memory, for the next file.
    #[must_use]
    pub fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// The next record's text: one JSON object, not checked further. `None` at the end.
    ///
    /// # Errors
    /// What is wrong at this place. Calling again goes on behind it where that is possible, and ends otherwise.
    #[expect(clippy::should_implement_trait, reason = "a record borrows the reader's memory")]
    pub fn next(&mut self) -> Result<Option<&str>, Fault> {
        match self.advance() {
            Ok(None) => Ok(None),
            Ok(Some(range)) => {
                self.yielded = true;
                let offset = self.base.saturating_add(range.start as u64);
                str::from_utf8(self.buffer.get(range).unwrap_or_default())
                    .map(Some)
                    .map_err(|_| Fault { reason: FaultReason::NotUtf8, offset })
            }
            Err(reason) => {
                self.faults += 1;
                if self.faults >= MAX_FAULTS {
                    self.place = Place::Done;
                }
                Err(Fault { reason, offset: self.base.saturating_add(self.at as u64) })
            }
        }
    }

    /// What is at hand of the array of records, from between two of them on; empty elsewhere. [`Records::pass`] says how much of it
    /// was read, which saves looking for the records' ends first.
    pub fn ahead(&self) -> &[u8] {
        match self.place {
            Place::Array { .. } => self.buffer.get(self.at..self.filled).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Passes over `read` bytes of what [`Records::ahead`] gave: whole records and the commas behind and between them.
    pub fn pass(&mut self, read: usize) {
        self.at = (self.at + read).min(self.filled);
        self.yielded |= read > 0;
    }

    fn advance(&mut self) -> Result<Option<Range<usize>>, FaultReason> {
        loop {
            if self.place == Place::Done {
                return Ok(None);
            }
            let byte = self.token().inspect_err(|_| self.place = Place::Done)?;
            match (self.place, byte) {
                (Place::Done | Place::Top, None) => {
                    self.place = Place::Done;
                }
                (_, None) => {
                    self.place = Place::Done;
                    return Err(FaultReason::Truncated);
                }
                (Place::Array { .. }, Some(b',')) => self.at += 1,
                (Place::Array { wrapped }, Some(b']')) => {
                    self.at += 1;
                    self.place = if wrapped { Place::Rest } else { Place::Top };
                }
                (Place::Array { .. }, Some(byte)) => {
                    let range = self.value().inspect_err(|_| self.place = Place::Done)?;
                    if byte != b'{' {
                        // `at` is behind the odd element, so the next call goes on.
                        return Err(FaultReason::NotJson);
                    }
                    return Ok(Some(range));
                }
                (Place::Top, Some(b'[')) => {
                    self.at += 1;
                    self.place = Place::Array { wrapped: false };
                }
                (Place::Top, Some(b'{')) => {
                    self.at += 1;
                    if let Some(range) = self.object(Head::default())? {
                        return Ok(Some(range));
                    }
                }
                (Place::Rest, Some(_)) => {
                    if let Some(range) = self.object(Head::after_records())? {
                        return Ok(Some(range));
                    }
                }
                (Place::Top | Place::Done, Some(_)) => return Err(self.resume(FaultReason::NotJson)),
            }
        }
    }

    /// Reads a top-level object member by member: it is either a record or what wraps the array of records.
    fn object(&mut self, mut head: Head) -> Result<Option<Range<usize>>, FaultReason> {
        loop {
            let Some(byte) = self.peek().map_err(|reason| self.resume(reason))? else {
                return Err(self.resume(FaultReason::Truncated));
            };
            match byte {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    self.place = Place::Top;
                    return match head.verdict() {
                        Ok(record) => Ok(record.then_some(self.keep..self.at)),
                        Err(kind) => Err(FaultReason::Other(kind)),
                    };
                }
                b'"' => match self.member(&mut head).map_err(|reason| self.resume(reason))? {
                    Member::Records => {
                        self.place = Place::Array { wrapped: true };
                        return Ok(None);
                    }
                    Member::Proves(kind) => {
                        self.place = Place::Done;
                        return Err(FaultReason::Other(kind));
                    }
                    Member::Plain => {}
                },
                _ => return Err(self.resume(FaultReason::NotJson)),
            }
        }
    }

    /// Reads `"name": value`, or `"Records": [` up to its first element.
    fn member(&mut self, head: &mut Head) -> Result<Member, FaultReason> {
        let from = self.at - self.keep;
        self.value()?;
        let name = self.buffer.get(self.keep + from + 1..self.at.saturating_sub(1)).unwrap_or_default();
        let member = head.see(name);
        if self.peek()? != Some(b':') {
            return Err(if self.ended && self.at >= self.filled {
                FaultReason::Truncated
            } else {
                FaultReason::NotJson
            });
        }
        self.at += 1;
        let first = self.peek()?;
        match (member, first) {
            (Member::Records, Some(b'[')) => {
                self.at += 1;
                return Ok(Member::Records);
            }
            (Member::Proves(_), _) => return Ok(member),
            _ => self.value()?,
        };
        Ok(Member::Plain)
    }

    /// After damage in a top-level value: goes on at the line behind its first, if there is one.
    fn resume(&mut self, reason: FaultReason) -> FaultReason {
        let lines = self.place == Place::Top
            && match reason {
                FaultReason::Truncated => true,
                // A file that begins with something else holds no records at all.
                FaultReason::NotJson => self.yielded || self.faults > 0,
                _ => false,
            };
        match lines.then(|| self.next_line()).flatten() {
            Some(line) => self.at = line,
            None => self.place = Place::Done,
        }
        reason
    }

    /// Where the line behind the one at `keep` begins.
    fn next_line(&mut self) -> Option<usize> {
        let mut searched = 0;
        loop {
            let rest = self.buffer.get(self.keep + searched..self.filled).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', rest) {
                return Some(self.keep + searched + end + 1);
            }
            searched += rest.len();
            if self.ended || self.fill().is_err() {
                return None;
            }
        }
    }

    /// The range of the value that begins at `at`.
    fn value(&mut self) -> Result<Range<usize>, FaultReason> {
        let from = self.at - self.keep;
        let mut skip = Skip::default();
        loop {
            let filled = self.buffer.get(..self.filled).unwrap_or_default();
            if skip.run(filled, &mut self.at) || (self.ended && skip.may_end()) {
                return Ok(self.keep + from..self.at);
            }
            if self.ended {
                return Err(FaultReason::Truncated);
            }
            self.fill()?;
        }
    }

    /// The first byte of the next token, from which on content is kept.
    fn token(&mut self) -> Result<Option<u8>, FaultReason> {
        loop {
            self.keep = self.at;
            if self.space() {
                self.keep = self.at;
                return Ok(self.buffer.get(self.at).copied());
            }
            if self.ended {
                return Ok(None);
            }
            self.keep = self.at;
            self.fill()?;
            if self.base == 0 && self.at == 0 {
                self.byte_order_mark()?;
            }
        }
    }

    /// The next byte that is no white space, inside of what is kept.
    fn peek(&mut self) -> Result<Option<u8>, FaultReason> {
        while !self.space() {
            if self.ended {
                return Ok(None);
            }
            self.fill()?;
        }
        Ok(self.buffer.get(self.at).copied())
    }

    /// Passes over white space; whether something else follows in what was read.
    fn space(&mut self) -> bool {
        while let Some(byte) = self.buffer.get(self.at).filter(|_| self.at < self.filled) {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x1e) {
                return true;
            }
            self.at += 1;
        }
        false
    }

    /// Passes over the mark that some editors put before UTF-8.
    fn byte_order_mark(&mut self) -> Result<(), FaultReason> {
        const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
        while self.filled < MARK.len()
            && MARK.starts_with(self.buffer.get(..self.filled).unwrap_or_default())
            && !self.ended
        {
            self.fill()?;
        }
        if self.buffer.get(..self.filled).is_some_and(|content| content.starts_with(&MARK)) {
            self.at = MARK.len();
        }
        Ok(())
    }

    /// Reads more content behind what is kept.
    fn fill(&mut self) -> Result<(), FaultReason> {
        if self.keep > 0 {
            self.buffer.copy_within(self.keep..self.filled, 0);
            self.filled -= self.keep;
            self.at -= self.keep;
            self.base = self.base.saturating_add(self.keep as u64);
            self.keep = 0;
        }
        if self.filled > self.record_limit {
            return Err(FaultReason::TooLarge(self.record_limit));
        }
        if self.buffer.len() < self.filled + CHUNK {
            self.buffer.resize((self.filled + CHUNK).next_power_of_two(), 0);
        }
        let space = self.buffer.get_mut(self.filled..).unwrap_or_default();
        match self.source.read(space) {
            Ok(0) => self.ended = true,
            Ok(read) => self.filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                self.ended = true;
                return Err(FaultReason::of(&error, self.source.is_gzip()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
