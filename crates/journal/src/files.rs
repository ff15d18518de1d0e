//! Reading entries from the segments, for readers that are further behind than memory reaches.

use std::{io, sync::Arc};

use bytes::Bytes;

use crate::{
    entry::Entry,
    error::JournalError,
    fault::FaultKind,
    scan::{Line, Lines, read_header},
    segment::{Anchor, ChainHash, Header, file_name, parse_entry},
    shared::Shared,
};

/// A point of an index stands for so many bytes of a segment.
const STRIDE: u64 = 64 * 1024;
/// So many segments have an index; the oldest goes first.
const INDEXED: usize = 16;

/// Where some entries of a segment begin; grows as far as the segment was read.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The place in the chain before the line at the offset, in order.
    points: Vec<(Anchor, u64)>,
    /// A fault was reported of this segment.
    reported: bool,
}

/// Entries after `after`, from the files: at least one when there is one, then up to the limits.
pub(crate) fn read(
    shared: &Shared,
    after: u64,
    max_entries: usize,
    max_bytes: usize,
) -> Result<Vec<Arc<Entry>>, JournalError> {
    let head = shared.head().seq;
    let mut page = Page { after, head, max_entries: max_entries.max(1), max_bytes, bytes: 0, entries: Vec::new() };
    for header in segments(shared, after) {
        if page.is_full() || header.first > head {
            break;
        }
        match page.segment(shared, &header) {
            Ok(()) => {}
            // A fault was or will be reported; what comes after it is still worth reading.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                report(shared, &header, FaultKind::Deleted, "its entries are gone");
            }
            Err(_) if !page.entries.is_empty() => break,
            Err(error) => return Err(JournalError::unreadable(&error)),
        }
    }
    Ok(page.entries)
}

/// The segments that may hold entries after `after`.
fn segments(shared: &Shared, after: u64) -> Vec<Header> {
    let catalog = shared.catalog();
    let sealed = catalog.sealed.partition_point(|segment| segment.last.seq <= after);
    catalog.sealed.iter().skip(sealed).map(|segment| segment.header).chain(catalog.open).collect()
}

struct Page {
    after: u64,
    head: u64,
    max_entries: usize,
    max_bytes: usize,
    bytes: usize,
    entries: Vec<Arc<Entry>>,
}

impl Page {
    fn is_full(&self) -> bool {
        !self.entries.is_empty() && (self.entries.len() >= self.max_entries || self.bytes >= self.max_bytes)
    }

    fn segment(&mut self, shared: &Shared, header: &Header) -> io::Result<()> {
        let name = file_name(header.first);
        let file = shared.disk.open(&shared.path(&name), false)?;
        let (mut previous, offset) = match point(shared, header.first, self.after) {
            Some((at, offset)) => (Some(at), offset),
            None => match read_header(file.as_ref())? {
                Some((found, length)) if found.start() == header.start() => (Some(header.start()), length),
                _ => {
                    report(shared, header, FaultKind::Modified, "the header is missing or damaged");
                    return Ok(());
                }
            },
        };
        let mut lines = Lines::new(file.as_ref(), offset, u64::MAX);
        let mut good = true;
        while !self.is_full() {
            let entry = match lines.next()? {
                Some(Line::Whole(offset, line)) => parse_entry(line).map(|entry| (offset, entry)),
                Some(Line::Long) => None,
                Some(Line::Unterminated) | None => break,
            };
            let Some((offset, entry)) = entry else {
                (previous, good) = (None, false);
                report(shared, header, FaultKind::Modified, "a line is not an entry");
                continue;
            };
            if entry.seq > self.head {
                break;
            }
            let at = Anchor { seq: entry.seq, hash: entry.hash };
            let proven = previous.is_some_and(|previous| follows(previous, &at, entry.record));
            if let Some(previous) = previous.filter(|_| good && proven) {
                remember(shared, header.first, previous, offset);
            }
            previous = Some(at);
            if !proven {
                // Nothing is handed on that cannot be shown to be what was written.
                good = false;
                report(shared, header, FaultKind::Modified, "an entry is not what was written");
            } else if entry.seq > self.after {
                self.bytes = self.bytes.saturating_add(entry.record.len());
                if self.bytes > self.max_bytes && !self.entries.is_empty() {
                    break;
                }
                self.entries.push(Arc::new(Entry::new(at, Bytes::copy_from_slice(entry.record))));
            }
        }
        Ok(())
    }
}

fn follows(previous: Anchor, at: &Anchor, record: &[u8]) -> bool {
    previous.then(record) == *at
}

/// The last known point at or before `after` in a segment.
fn point(shared: &Shared, first: u64, after: u64) -> Option<(Anchor, u64)> {
    let indexes = shared.indexes();
    let index = indexes.get(&first)?;
    let next = index.points.partition_point(|(at, _)| at.seq <= after);
    index.points.get(next.checked_sub(1)?).copied()
}

fn remember(shared: &Shared, first: u64, before: Anchor, offset: u64) {
    let mut indexes = shared.indexes();
    let points = &mut indexes.entry(first).or_default().points;
    if points.last().is_none_or(|(_, last)| offset >= last.saturating_add(STRIDE)) {
        points.push((before, offset));
    }
    if indexes.len() > INDEXED {
        let oldest = indexes.keys().copied().find(|key| *key != first);
        oldest.map(|oldest| indexes.remove(&oldest));
    }
}

/// Reports a fault that a reader met, once a segment.
fn report(shared: &Shared, header: &Header, kind: FaultKind, detail: &str) {
    let reported = {
        let mut catalog = shared.catalog();
        if let Some(sealed) = catalog.sealed.iter_mut().find(|segment| segment.header == *header) {
            // Without `stat` somebody has reported it before.
            sealed.stat.take().is_none()
        } else if catalog.open == Some(*header) {
            false
        } else {
            // It was retired meanwhile.
            return;
        }
    };
    let mut indexes = shared.indexes();
    let index = indexes.entry(header.first).or_default();
    index.points.clear();
    let reported = std::mem::replace(&mut index.reported, true) || reported;
    drop(indexes);
    if !reported {
        shared.report(file_name(header.first), kind, detail.to_owned());
    }
}

/// The hash of the entry `seq`, if it is still there.
pub(crate) fn hash_at(shared: &Shared, seq: u64) -> Result<Option<ChainHash>, JournalError> {
    let head = shared.head();
    if head.seq == seq {
        return Ok(Some(head.hash));
    }
    let start = {
        let catalog = shared.catalog();
        let starts = catalog.sealed.iter().map(|segment| segment.header).chain(catalog.open);
        starts.map(|header| header.start()).find(|start| start.seq == seq)
    };
    if let Some(start) = start {
        return Ok(Some(start.hash));
    }
    let entry = read(shared, seq.saturating_sub(1), 1, 0)?.pop();
    Ok(entry.filter(|entry| entry.seq == seq).map(|entry| entry.anchor().hash))
}
