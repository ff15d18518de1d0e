//! Reading segments line by line with bounded memory, checking the chain on the way.

use std::io;

use crate::{
    disk::{DiskFile, read_full},
    segment::{Anchor, Header, MAX_LINE, ParsedEntry, parse_entry, parse_header},
};

const CHUNK: usize = 256 * 1024;

/// One line of a file, with the offset at which it begins.
pub(crate) enum Line<'a> {
    /// The line without its newline.
    Whole(u64, &'a [u8]),
    /// Longer than [`MAX_LINE`]; it was skipped.
    Long,
    /// The file ends without a newline.
    Unterminated,
}

/// The lines of a file.
pub(crate) struct Lines<'a> {
    file: &'a dyn DiskFile,
    /// Where reading ends, even if the file is longer.
    end: u64,
    /// The file's offset after the buffer.
    next: u64,
    buffer: Vec<u8>,
    /// The first byte of the buffer that was not returned yet.
    from: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(file: &'a dyn DiskFile, begin: u64, end: u64) -> Self {
        Self { file, end, next: begin, buffer: Vec::new(), from: 0 }
    }

    /// The offset of the next line.
    pub(crate) fn offset(&self) -> u64 {
        self.next.saturating_sub((self.buffer.len() - self.from) as u64)
    }

    /// The next line; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let offset = self.offset();
        let mut searched = 0;
        let mut long = false;
        loop {
            let rest = self.buffer.get(self.from + searched..).unwrap_or_default();
            if let Some(length) = memchr::memchr(b'\n', rest) {
                let start = self.from;
                let end = start + searched + length;
                self.from = end + 1;
                let line = self.buffer.get(start..end).filter(|line| !long && line.len() <= MAX_LINE);
                return Ok(Some(line.map_or(Line::Long, |line| Line::Whole(offset, line))));
            }
            searched += rest.len();
            if searched > MAX_LINE {
                long = true;
                self.from = self.buffer.len();
                searched = 0;
            }
            if !self.fill()? {
                self.from = self.buffer.len();
                return Ok((searched > 0 || long).then_some(Line::Unterminated));
            }
        }
    }

    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.drain(..self.from);
        self.from = 0;
        let kept = self.buffer.len();
        let wanted = usize::try_from(self.end.saturating_sub(self.next)).unwrap_or(CHUNK).min(CHUNK);
        self.buffer.resize(kept + wanted, 0);
        let read = read_full(self.file, self.buffer.get_mut(kept..).unwrap_or_default(), self.next)?;
        self.buffer.truncate(kept + read);
        self.next += read as u64;
        Ok(read > 0)
    }
}

/// The first place of a segment that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Counted from 1, the header's line.
    pub(crate) line: u64,
    /// The sequence number that the line should have.
    pub(crate) seq: Option<u64>,
    pub(crate) what: &'static str,
    /// The file ends within the line.
    pub(crate) unterminated: bool,
}

/// What a walk over a segment found.
#[derive(Debug)]
pub(crate) struct Walked {
    pub(crate) header: Option<Header>,
    /// The last good entry, or where the segment goes on from.
    pub(crate) last: Anchor,
    pub(crate) entries: u64,
    /// The offset after the last good line.
    pub(crate) end: u64,
    pub(crate) trouble: Option<Trouble>,
}

/// Walks over the first `size` bytes of a segment that should go on from `expected`, and stops at the first line that is
/// not as it was written. `each` gets every good entry's line (without newline) and what it says.
pub(crate) fn walk(
    file: &dyn DiskFile,
    size: u64,
    expected: Option<Anchor>,
    each: &mut dyn FnMut(&[u8], &ParsedEntry<'_>) -> io::Result<()>,
) -> io::Result<Walked> {
    let mut lines = Lines::new(file, 0, size);
    let mut walked =
        Walked { header: None, last: expected.unwrap_or(Anchor::START), entries: 0, end: 0, trouble: None };
    let mut number = 1;
    let header = match lines.next()? {
        Some(Line::Whole(_, line)) => parse_header(line),
        _ => None,
    };
    let trouble = |line, seq, what, unterminated| Some(Trouble { line, seq, what, unterminated });
    let Some(header) = header else {
        walked.trouble = trouble(1, None, "the header is missing or damaged", false);
        return Ok(walked);
    };
    let expected = expected.unwrap_or_else(|| header.start());
    if header.start() != expected || header.first == 0 {
        walked.trouble = trouble(1, None, "the header does not continue the segment before", false);
        return Ok(walked);
    }
    walked.header = Some(header);
    walked.last = header.start();
    loop {
        walked.end = lines.offset();
        number += 1;
        let seq = walked.last.seq.saturating_add(1);
        let line = match lines.next()? {
            None => return Ok(walked),
            Some(Line::Whole(_, line)) => line,
            Some(Line::Long) => {
                walked.trouble = trouble(number, Some(seq), "the line is longer than any entry", false);
                return Ok(walked);
            }
            Some(Line::Unterminated) => {
                walked.trouble = trouble(number, Some(seq), "the file ends within the line", true);
                return Ok(walked);
            }
        };
        let what = match parse_entry(line) {
            None => "the line is not an entry",
            Some(entry) if entry.seq != seq => "the sequence number does not continue the entry before",
            Some(entry) if walked.last.then(entry.record).hash != entry.hash => "the hash does not match the record",
            Some(entry) => {
                each(line, &entry)?;
                walked.last = Anchor { seq, hash: entry.hash };
                walked.entries += 1;
                continue;
            }
        };
        walked.trouble = trouble(number, Some(seq), what, false);
        return Ok(walked);
    }
}

/// The header of a segment and its line's length with the newline; `None` when the first line is not a header.
pub(crate) fn read_header(file: &dyn DiskFile) -> io::Result<Option<(Header, u64)>> {
    let mut buffer = [0; 512];
    let read = read_full(file, &mut buffer, 0)?;
    let line = buffer.get(..read).unwrap_or_default().split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(parse_header(line).filter(|_| line.len() < read).map(|header| (header, line.len() as u64 + 1)))
}

/// The last entry's claim in the first `size` bytes, without checking the chain: `None` when the last line is not an
/// entry's.
pub(crate) fn last_claim(file: &dyn DiskFile, size: u64) -> io::Result<Option<Anchor>> {
    let mut span = 16 * 1024;
    loop {
        let begin = size.saturating_sub(span);
        let mut buffer = vec![0; usize::try_from(size - begin).unwrap_or(0)];
        let read = read_full(file, &mut buffer, begin)?;
        buffer.truncate(read);
        let Some(text) = buffer.strip_suffix(b"\n") else { return Ok(None) };
        let start = memchr::memrchr(b'\n', text).map(|at| at + 1);
        if start.is_none() && begin > 0 && span <= MAX_LINE as u64 {
            span = MAX_LINE as u64 + 2;
            continue;
        }
        let entry = parse_entry(text.get(start.unwrap_or(0)..).unwrap_or_default());
        return Ok(entry.map(|entry| Anchor { seq: entry.seq, hash: entry.hash }));
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    fn lines(content: &[u8], end: u64) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, content).unwrap();
        let file = File::open(&path).unwrap();
        let mut lines = Lines::new(&file, 0, end);
        let mut seen = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            seen.push(match line {
                Line::Whole(at, line) => format!("{at}:{}", String::from_utf8_lossy(&line[..line.len().min(9)])),
                Line::Long => "long".to_owned(),
                Line::Unterminated => "unterminated".to_owned(),
            });
        }
        seen
    }

    #[test]
    fn lines_come_with_their_offsets_and_the_last_one_may_be_cut() {
        assert_eq!(lines(b"a\n\nbcd\nef", 100), ["0:a", "2:", "3:bcd", "unterminated"]);
        assert_eq!(lines(b"a\nb\n", 100), ["0:a", "2:b"]);
        assert_eq!(lines(b"", 100), [""; 0]);
    }

    #[test]
    fn reading_ends_where_told() {
        assert_eq!(lines(b"a\nbcd\n", 2), ["0:a"]);
        assert_eq!(lines(b"a\nbcd\n", 4), ["0:a", "unterminated"]);
    }

    #[test]
    fn a_line_over_the_limit_is_skipped_without_being_kept() {
        let long = vec![b'x'; 3 * MAX_LINE];
        let content = [b"a\n", long.as_slice(), b"\nb\n"].concat();
        assert_eq!(lines(&content, u64::MAX), ["0:a", "long", &format!("{}:b", 3 + long.len())]);
        assert_eq!(lines(&content[..content.len() - 3], u64::MAX), ["0:a", "unterminated"]);
        let just = [vec![b'x'; MAX_LINE], b"\n".to_vec()].concat();
        assert_eq!(lines(&just, u64::MAX), ["0:xxxxxxxxx"]);
    }
}
