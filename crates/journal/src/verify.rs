//! Checks a journal's files from the first to the last byte; needs no server.

use std::{io, path::Path};

use keeptrail_store::Sqlite;

use crate::{
    disk::{Disk, SystemDisk},
    error::JournalError,
    ledger::{ANCHOR, FIRST, first_kept},
    scan::walk,
    segment::{Anchor, file_name, parse_file_name},
};

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Segments, the one with the fault included.
    pub segments: usize,
    /// Good entries.
    pub entries: u64,
    /// The first good entry's sequence number; 0 when there is none.
    pub first: u64,
    /// The last good entry's sequence number, or where the journal goes on from.
    pub last: u64,
    /// The last good entry's hash: the head of the chain. Who keeps it elsewhere can prove later that nothing before it
    /// was changed.
    pub head_hash: String,
    /// Bytes of an unfinished line at the very end: a batch that is being written, or one that a crash cut short and
    /// the next start cuts off. Nobody was told that it is durable.
    pub unfinished_bytes: u64,
    /// The first bad place; checking stops there.
    pub fault: Option<FaultAt>,
}

/// A place that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultAt {
    /// The segment's file name.
    pub segment: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The sequence number of the entry that should be there.
    pub seq: Option<u64>,
    /// What is wrong.
    pub what: String,
}

/// Checks every segment of the journal in `dir` and the links between them. Memory is bounded by the longest line.
///
/// # Errors
/// When the files cannot be read. Damage is no error but the report's `fault`.
pub fn verify(dir: &Path) -> Result<Report, JournalError> {
    check(&SystemDisk, dir, None).map_err(|error| JournalError::unreadable(&error))
}

/// As [`verify`], and the entry that `anchor` names must have its hash: so a journal whose end was cut off, or that was
/// written anew as a whole, shows. An anchor before the first kept entry says nothing.
///
/// # Errors
/// When the files cannot be read.
pub fn verify_against(dir: &Path, anchor: Anchor) -> Result<Report, JournalError> {
    check(&SystemDisk, dir, Some(anchor)).map_err(|error| JournalError::unreadable(&error))
}

/// As [`verify`], and the journal must be the one that the store in the file `store` remembers: it must reach as far and begin
/// as early. A server may be using both.
///
/// # Errors
/// When the files or the store cannot be read.
pub fn verify_remembered(dir: &Path, store: &Path) -> Result<Report, JournalError> {
    let fact = |name| {
        Sqlite::read_fact(store, name)
            .map_err(|error| JournalError::Unreadable { reason: format!("{}: {error}", store.display()) })
    };
    // The anchor is read before the files and the beginning after them: what a server does meanwhile is no fault then.
    let anchor = fact(ANCHOR)?.as_deref().and_then(Anchor::from_bytes);
    let mut report = check(&SystemDisk, dir, anchor).map_err(|error| JournalError::unreadable(&error))?;
    let kept = first_kept(fact(FIRST)?);
    if report.fault.is_none() && report.first > kept {
        let what = format!("the entries {kept} to {} are missing at its beginning", report.first - 1);
        report.fault = Some(FaultAt { segment: file_name(kept), line: 1, seq: Some(kept), what });
    }
    Ok(report)
}

struct Check<'a> {
    disk: &'a dyn Disk,
    dir: &'a Path,
    anchor: Option<Anchor>,
    report: Report,
    end: Option<Anchor>,
    segment: String,
}

pub(crate) fn check(disk: &dyn Disk, dir: &Path, anchor: Option<Anchor>) -> io::Result<Report> {
    let mut firsts: Vec<u64> = disk.list(dir)?.iter().filter_map(|name| parse_file_name(name)).collect();
    firsts.sort_unstable();
    let report = Report {
        segments: 0,
        entries: 0,
        first: 0,
        last: 0,
        head_hash: Anchor::START.hash.to_string(),
        unfinished_bytes: 0,
        fault: None,
    };
    let mut check = Check { disk, dir, anchor, report, end: None, segment: file_name(1) };
    let newest = firsts.last().copied();
    for first in firsts {
        check.segment(first, Some(first) == newest)?;
        if check.report.fault.is_some() {
            return Ok(check.report);
        }
    }
    if let Some(anchor) = anchor {
        check.reaches(anchor);
    }
    Ok(check.report)
}

impl Check<'_> {
    fn fault(&mut self, line: u64, seq: Option<u64>, what: impl Into<String>) {
        self.report.fault = Some(FaultAt { segment: self.segment.clone(), line, seq, what: what.into() });
    }

    fn segment(&mut self, first: u64, newest: bool) -> io::Result<()> {
        self.segment = file_name(first);
        self.report.segments += 1;
        let file = self.disk.open(&self.dir.join(&self.segment), false)?;
        let expected = self.end.or((first == 1).then_some(Anchor::START));
        if let Some(end) = expected.filter(|end| end.seq.saturating_add(1) != first) {
            let next = end.seq.saturating_add(1);
            let what = if first > next {
                format!("the entries {next} to {} before it are missing", first - 1)
            } else {
                format!("the segment before it ends with {}", end.seq)
            };
            self.fault(1, Some(next), what);
            return Ok(());
        }
        let anchor = self.anchor;
        let mut differs = None;
        let mut line = 1;
        let walked = walk(file.as_ref(), u64::MAX, expected, &mut |_, entry| {
            line += 1;
            if anchor.is_some_and(|anchor| anchor.seq == entry.seq && anchor.hash != entry.hash) {
                differs = Some((line, entry.seq));
            }
            Ok(())
        })?;
        self.report.entries += walked.entries;
        if walked.header.is_some_and(|header| header.first == first) {
            if self.report.first == 0 && walked.entries > 0 {
                self.report.first = first;
            }
            (self.report.last, self.report.head_hash) = (walked.last.seq, walked.last.hash.to_string());
            self.end = Some(walked.last);
        } else if walked.trouble.is_none() {
            self.fault(1, Some(first), "the header does not belong to the file's name");
        }
        match walked.trouble {
            Some(trouble) if trouble.unterminated && newest => {
                self.report.unfinished_bytes = file.stat()?.size.saturating_sub(walked.end);
            }
            Some(trouble) => self.fault(trouble.line, trouble.seq, trouble.what),
            None => {}
        }
        if let Some((line, seq)) = differs {
            self.fault(line, Some(seq), "the entry is not the one that the anchor names");
        }
        Ok(())
    }

    /// An anchor after the last entry shows that the end is missing.
    fn reaches(&mut self, anchor: Anchor) {
        let end = self.end.unwrap_or(Anchor::START);
        if end.seq < anchor.seq {
            let next = end.seq.saturating_add(1);
            self.fault(
                0,
                Some(next),
                format!("the journal ends with entry {}, but it went on to {}", end.seq, anchor.seq),
            );
        } else if end.seq == anchor.seq && end.hash != anchor.hash {
            self.fault(0, Some(end.seq), "the entry is not the one that the anchor names");
        }
    }
}
