//! Finds the journal's state at start, and repairs what a crash or a failing disk left at its end.

use std::{io, path::Path};

use crate::{
    disk::{Disk, DiskFile, read_full, write_all},
    fault::FaultKind,
    guard::Found,
    queue::BATCH_BYTES,
    scan::{Line, Lines, Walked, last_claim, read_header, walk},
    segment::{Anchor, Header, file_name, parse_entry, parse_file_name},
    shared::Sealed,
    writer::{Condition, Open, Writer},
};

/// A crash loses at most a batch, and what [`Writer`] writes to try the disk.
const TORN_LIMIT: u64 = 2 * BATCH_BYTES as u64;

/// A damaged line may claim any number; one that is further ahead than this is not believed.
const JUMP_LIMIT: u64 = 1 << 40;

/// What was found in the journal's directory.
pub(crate) struct Loaded {
    pub(crate) sealed: Vec<Sealed>,
    pub(crate) open: Option<Open>,
    pub(crate) condition: Condition,
    pub(crate) head: Anchor,
    /// Damage by segment.
    pub(crate) faults: Vec<(String, Found)>,
}

/// Reads the state of the journal in `dir`. Changes nothing, so that a disk that cannot be written does not stop a start.
pub(crate) fn load(disk: &dyn Disk, dir: &Path) -> io::Result<Loaded> {
    let mut firsts: Vec<u64> = disk.list(dir)?.iter().filter_map(|name| parse_file_name(name)).collect();
    firsts.sort_unstable();
    let mut loaded =
        Loaded { sealed: Vec::new(), open: None, condition: Condition::Good, head: Anchor::START, faults: Vec::new() };
    let Some((last, earlier)) = firsts.split_last() else { return Ok(loaded) };
    // What the next segment has to go on from; unknown at the beginning and after damage.
    let mut expected = None;
    for first in earlier {
        expected = loaded.sealed(disk, dir, *first, expected).unwrap_or_else(|error| {
            loaded.fault(*first, FaultKind::Modified, format!("it cannot be read: {error}"));
            None
        });
    }
    loaded.newest(disk, dir, *last, expected)?;
    loaded.mend_ends();
    Ok(loaded)
}

impl Loaded {
    fn fault(&mut self, first: u64, kind: FaultKind, detail: impl Into<String>) {
        self.faults.push((file_name(first), Found::new(kind, detail)));
    }

    /// Looks at the first and the last line of a segment that is not written any more.
    fn sealed(
        &mut self,
        disk: &dyn Disk,
        dir: &Path,
        first: u64,
        expected: Option<Anchor>,
    ) -> io::Result<Option<Anchor>> {
        let file = disk.open(&dir.join(file_name(first)), false)?;
        let stat = file.stat()?;
        let Some((header, length)) = read_header(file.as_ref())?.filter(|(header, _)| header.first == first) else {
            self.fault(first, FaultKind::Modified, "the header is missing or damaged");
            return Ok(None);
        };
        self.link(&header, expected);
        let claim = if stat.size == length { Some(header.start()) } else { last_claim(file.as_ref(), stat.size)? };
        let claim = claim.filter(|claim| claim.seq >= header.start().seq);
        if claim.is_none() {
            self.fault(first, FaultKind::Truncated, "it does not end with an entry");
        }
        self.head = claim.unwrap_or_else(|| header.start());
        let stat = claim.map(|_| stat);
        self.sealed.push(Sealed { header, last: self.head, size: stat.map_or(0, |stat| stat.size), stat });
        Ok(claim)
    }

    fn link(&mut self, header: &Header, expected: Option<Anchor>) {
        let Some(expected) = expected else { return };
        let next = expected.seq.saturating_add(1);
        if header.first > next {
            let lost = format!("the entries {next} to {} before it are missing", header.first - 1);
            self.fault(header.first, FaultKind::Deleted, lost);
        } else if header.start() != expected {
            self.fault(header.first, FaultKind::Modified, "the header does not continue the segment before");
        }
    }

    /// Checks every entry of the last segment.
    fn newest(&mut self, disk: &dyn Disk, dir: &Path, first: u64, expected: Option<Anchor>) -> io::Result<()> {
        let path = dir.join(file_name(first));
        let file = disk.open(&path, true).or_else(|_| disk.open(&path, false))?;
        let stat = file.stat()?;
        let header = read_header(file.as_ref())?.map(|(header, _)| header).filter(|header| header.first == first);
        let start = header.map(|header| header.start());
        let walked = walk(file.as_ref(), stat.size, start, &mut |_, _| Ok(()))?;
        let Some(header) = walked.header.filter(|_| header.is_some()) else {
            let kind = if stat.size == 0 { FaultKind::Truncated } else { FaultKind::Modified };
            self.fault(first, kind, "the header is missing or damaged");
            self.head = salvage(file.as_ref(), 0, self.head)?;
            return Ok(());
        };
        self.link(&header, expected);
        self.head = walked.last;
        if walked.trouble.is_some() && !torn(file.as_ref(), stat.size, &walked)? {
            let line = walked.trouble.map(|trouble| format!("line {}: {}", trouble.line, trouble.what));
            self.fault(first, FaultKind::Modified, line.unwrap_or_default());
            self.head = salvage(file.as_ref(), walked.end, walked.last)?;
            self.sealed.push(Sealed { header, last: self.head, size: stat.size, stat: None });
            return Ok(());
        }
        let lost = stat.size - walked.end;
        if lost > 0 {
            tracing::warn!(
                segment = file_name(first),
                bytes = lost,
                "the end of the journal was torn by a crash and is cut off"
            );
        }
        self.condition = Condition::Adopted;
        self.open = Some(Open { header, file, size: walked.end, stat });
        Ok(())
    }

    /// A damaged segment holds at most what its successor goes on from.
    fn mend_ends(&mut self) {
        let starts: Vec<u64> = self
            .sealed
            .iter()
            .map(|sealed| sealed.header)
            .chain(self.open.as_ref().map(|open| open.header))
            .skip(1)
            .map(|header| header.start().seq)
            .collect();
        for (segment, next) in self.sealed.iter_mut().zip(starts) {
            if segment.stat.is_none() {
                segment.last.seq = segment.last.seq.max(next);
            }
        }
    }
}

/// Whether the trouble is what a crash leaves: an unfinished last line, or pages of the last batch that never reached
/// the disk and read as zeros.
fn torn(file: &dyn DiskFile, size: u64, walked: &Walked) -> io::Result<bool> {
    let span = size.saturating_sub(walked.end);
    if walked.header.is_none() || span > TORN_LIMIT {
        return Ok(false);
    }
    if walked.trouble.as_ref().is_some_and(|trouble| trouble.unterminated) {
        return Ok(true);
    }
    let mut rest = vec![0; usize::try_from(span).unwrap_or(0)];
    let read = read_full(file, &mut rest, walked.end)?;
    Ok(memchr::memchr(0, rest.get(..read).unwrap_or_default()).is_some())
}

/// The last entry that the rest of a damaged segment claims, so that no sequence number is given twice.
fn salvage(file: &dyn DiskFile, from: u64, mut last: Anchor) -> io::Result<Anchor> {
    let mut lines = Lines::new(file, from, u64::MAX);
    while let Some(line) = lines.next()? {
        if let Line::Whole(_, line) = line
            && let Some(entry) = parse_entry(line)
            && entry.seq > last.seq
            && entry.seq - last.seq < JUMP_LIMIT
        {
            last = Anchor { seq: entry.seq, hash: entry.hash };
        }
    }
    Ok(last)
}

/// Writes as much of the file's end again as one batch may have written, so that the next sync takes it to the disk.
fn write_again(file: &dyn DiskFile, size: u64) -> io::Result<()> {
    let begin = size.saturating_sub(BATCH_BYTES as u64);
    let mut bytes = vec![0; usize::try_from(size - begin).unwrap_or(0)];
    let read = read_full(file, &mut bytes, begin)?;
    write_all(file, bytes.get(..read).unwrap_or_default(), begin)
}

impl Writer {
    /// Makes the open segment fit to be appended to again.
    pub(crate) fn heal(&mut self) -> io::Result<()> {
        match self.condition {
            Condition::Good => {}
            Condition::Restore => self.rewrite(&[])?,
            Condition::Cut { seal } => self.cut(seal, false)?,
            Condition::Adopted => self.cut(false, true)?,
        }
        if self.shared.head() != self.head {
            self.shared.set_head(self.head);
        }
        self.shared.adopt();
        Ok(())
    }

    /// Cuts off what is not durable, through a file handle of its own: after a failed write or sync the page cache
    /// behind the old one is not to be trusted.
    fn cut(&mut self, seal: bool, adopted: bool) -> io::Result<()> {
        let Some(open) = &mut self.segment else {
            self.condition = Condition::Good;
            return Ok(());
        };
        let path = self.shared.path(&open.name());
        let found = match self.shared.disk.stat(&path)? {
            None => Some(Found::new(FaultKind::Deleted, "the file that is written is not in the directory any more")),
            Some(there) if there.id != open.stat.id => {
                Some(Found::new(FaultKind::Replaced, "another file stands in the place of the one that is written"))
            }
            Some(there) if there.size < open.size => {
                Some(Found::new(FaultKind::Truncated, format!("{} of {} bytes are left", there.size, open.size)))
            }
            Some(_) => None,
        };
        if let Some(found) = found {
            return self.restore(found, &[]);
        }
        let file = self.shared.disk.open(&path, true)?;
        file.truncate(open.size)?;
        if adopted {
            write_again(file.as_ref(), open.size)?;
        }
        file.sync()?;
        self.shared.disk.sync_dir(&self.shared.dir)?;
        let empty = open.header.start() == self.head;
        if !empty && last_claim(file.as_ref(), open.size)? != Some(self.head) {
            return self.restore(Found::new(FaultKind::Modified, "the last entry is not what was written"), &[]);
        }
        open.stat = file.stat()?;
        open.file = file;
        self.condition = Condition::Good;
        if seal {
            self.seal();
        }
        Ok(())
    }
}
