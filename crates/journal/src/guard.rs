//! Notices when somebody touches the journal's files while it runs, and puts the open one right.

use std::{io, sync::Arc};

use crate::{
    disk::{DiskFile, Stat, write_all},
    entry::Entry,
    fault::FaultKind,
    scan::walk,
    segment::{Anchor, write_entry},
    shared::{Sealed, Shared},
    writer::{Condition, Open, Writer, create_new, put, remove_new},
};

/// A restored file is written in pieces of this size.
const PIECE: usize = 1024 * 1024;

/// What is wrong with a segment.
pub(crate) struct Found {
    pub(crate) kind: FaultKind,
    pub(crate) detail: String,
}

impl Found {
    pub(crate) fn new(kind: FaultKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

/// Whether the open file (`stat`, with `size` bytes of the journal in it) still is the one at its path and has no other
/// size.
pub(crate) fn inspect(shared: &Shared, open: &Open, stat: &Stat, size: u64) -> io::Result<Option<Found>> {
    let found = match shared.disk.stat(&shared.path(&open.name()))? {
        None => Found::new(FaultKind::Deleted, "the file that is written is not in the directory any more"),
        Some(there) if there.id != stat.id => {
            Found::new(FaultKind::Replaced, "another file stands in the place of the one that is written")
        }
        Some(_) if stat.size < size => {
            Found::new(FaultKind::Truncated, format!("{} of {size} bytes are left", stat.size))
        }
        Some(_) if stat.size > size => {
            Found::new(FaultKind::Modified, format!("{} bytes were added by somebody else", stat.size - size))
        }
        Some(_) => return Ok(None),
    };
    Ok(Some(found))
}

impl Writer {
    /// Sees that nobody touched the open segment since it was written last, and puts it right if so.
    pub(crate) fn look_after(&mut self) -> io::Result<()> {
        let Some(open) = &mut self.segment else { return Ok(()) };
        let stat = open.file.stat()?;
        let mut found = inspect(&self.shared, open, &stat, open.size)?;
        if found.is_none() && stat.changed != open.stat.changed {
            // Touched, but perhaps only its mode or its links.
            let walked = walk(open.file.as_ref(), open.size, Some(open.header.start()), &mut |_, _| Ok(()))?;
            if walked.last != self.head || walked.end != open.size {
                let what = walked.trouble.map_or_else(
                    || "its entries are not those that were written".to_owned(),
                    |trouble| format!("line {}: {}", trouble.line, trouble.what),
                );
                found = Some(Found::new(FaultKind::Modified, what));
            }
            open.stat = stat;
        }
        found.map_or(Ok(()), |found| self.restore(found, &[]))
    }

    /// Reports the fault and writes the open segment anew: from the file that is still open and from memory, with
    /// `more` entries at its end. When that does not give every entry back, goes on in a new segment.
    pub(crate) fn restore(&mut self, found: Found, more: &[Arc<Entry>]) -> io::Result<()> {
        let Some(open) = &self.segment else { return Ok(()) };
        self.shared.report(open.name(), found.kind, found.detail);
        self.condition = Condition::Restore;
        self.rewrite(more)
    }

    pub(crate) fn rewrite(&mut self, more: &[Arc<Entry>]) -> io::Result<()> {
        let Some(open) = &self.segment else { return Ok(()) };
        let shared = Arc::clone(&self.shared);
        shared.disk.prepare(&shared.dir)?;
        let name = open.name();
        let file = create_new(&shared, &name)?;
        let rewritten = self.copy(open, file.as_ref(), more).and_then(|size| match size {
            Some(size) => file.sync().and_then(|()| put(&shared, &name)).map(|()| Some(size)),
            None => Ok(None),
        });
        let header = open.header;
        match rewritten {
            Ok(Some(size)) => {
                let stat = file.stat()?;
                self.segment = Some(Open { header, file, size, stat });
                self.condition = Condition::Good;
                tracing::warn!(segment = name, "the segment was restored with all its entries");
                Ok(())
            }
            Ok(None) => {
                remove_new(&shared, &name);
                tracing::error!(segment = name, "entries of the segment are lost; going on in a new one");
                self.abandon();
                self.begin()?;
                if more.is_empty() { Ok(()) } else { self.append(more) }
            }
            Err(error) => {
                remove_new(&shared, &name);
                Err(error)
            }
        }
    }

    /// Writes the segment as it should be; `None` when not all of its entries can be found.
    fn copy(&self, open: &Open, to: &dyn DiskFile, more: &[Arc<Entry>]) -> io::Result<Option<u64>> {
        let start = open.header.start();
        // What memory holds is certain; only what is older has to come from the file.
        let kept: Vec<Arc<Entry>> = {
            let tail = self.shared.tail();
            let from = tail.first().unwrap_or(u64::MAX).saturating_sub(1).max(start.seq);
            tail.after(from).map(|entries| entries.cloned().collect()).unwrap_or_default()
        };
        let until = kept.iter().chain(more).next().map_or(u64::MAX, |entry| entry.seq);
        let mut output = Output { file: to, bytes: Vec::new(), at: 0 };
        open.header.write(&mut output.bytes);
        let mut last = start;
        walk(open.file.as_ref(), open.size, Some(start), &mut |_, entry| {
            if entry.seq < until {
                last = Anchor { seq: entry.seq, hash: entry.hash };
                output.entry(&last, entry.record)?;
            }
            Ok(())
        })?;
        for entry in kept.iter().chain(more) {
            if last.then(&entry.record) != entry.anchor() {
                return Ok(None);
            }
            last = entry.anchor();
            output.entry(&last, &entry.record)?;
        }
        let end = more.last().map_or(self.head, |entry| entry.anchor());
        if last != end {
            return Ok(None);
        }
        output.flush()?;
        Ok(Some(output.at))
    }

    /// Leaves the open segment as it is, as evidence.
    fn abandon(&mut self) {
        let Some(open) = self.segment.take() else { return };
        self.condition = Condition::Good;
        let mut catalog = self.shared.catalog();
        catalog.open = None;
        if open.header.start() != self.head {
            catalog.sealed.push(Sealed { header: open.header, last: self.head, size: open.size, stat: None });
        }
    }

    /// What is done every second, also when nothing is appended.
    pub(crate) fn check(&mut self) {
        let checked = self.heal().and_then(|()| self.look_after()).and_then(|()| self.probe());
        if let Err(error) = checked {
            self.shared.failed(&error);
        }
    }

    /// While the journal cannot be written, tries whether it can again: whoever waits for that may not send requests
    /// that would find it out.
    fn probe(&mut self) -> io::Result<()> {
        if self.shared.failure().is_none() {
            return Ok(());
        }
        if self.segment.is_none() {
            self.begin()?;
        }
        let Some(open) = &mut self.segment else { return Ok(()) };
        self.condition = Condition::Cut { seal: false };
        // As large as a few records, without a newline: a crash leaves an end that is cut off at the next start.
        write_all(open.file.as_ref(), &[b' '; 16 * 1024], open.size)?;
        self.condition = Condition::Cut { seal: true };
        open.file.sync()?;
        open.file.truncate(open.size)?;
        open.file.sync()?;
        open.stat = open.file.stat()?;
        self.condition = Condition::Good;
        self.shared.recovered();
        Ok(())
    }
}

struct Output<'a> {
    file: &'a dyn DiskFile,
    bytes: Vec<u8>,
    at: u64,
}

impl Output<'_> {
    fn entry(&mut self, at: &Anchor, record: &[u8]) -> io::Result<()> {
        write_entry(at, record, &mut self.bytes);
        if self.bytes.len() >= PIECE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        write_all(self.file, &self.bytes, self.at)?;
        self.at += self.bytes.len() as u64;
        self.bytes.clear();
        Ok(())
    }
}

/// Looks at every segment that is not written any more.
pub(crate) fn check_sealed(shared: &Shared) {
    let _care = shared.care();
    let sealed = shared.catalog().sealed.clone();
    for segment in sealed {
        let Some(known) = segment.stat else { continue };
        let stat = match changed(shared, &segment, &known) {
            Ok(Ok(stat)) => Some(stat),
            Ok(Err(found)) => {
                shared.report(segment.name(), found.kind, found.detail);
                None
            }
            Err(error) => {
                tracing::warn!(segment = segment.name(), %error, "the segment could not be looked at");
                continue;
            }
        };
        if stat != Some(known) {
            let mut catalog = shared.catalog();
            if let Some(entry) = catalog.sealed.iter_mut().find(|other| other.header == segment.header) {
                entry.stat = stat;
            }
        }
    }
}

/// Whether a sealed segment is as it was; if it was only touched, how it looks now.
fn changed(shared: &Shared, segment: &Sealed, known: &Stat) -> io::Result<Result<Stat, Found>> {
    let path = shared.path(&segment.name());
    let Some(stat) = shared.disk.stat(&path)? else {
        return Ok(Err(Found::new(FaultKind::Deleted, format!("its entries up to {} are gone", segment.last.seq))));
    };
    if stat.id != known.id {
        return Ok(Err(Found::new(FaultKind::Replaced, "another file stands in its place")));
    }
    if stat.size != known.size {
        let kind = if stat.size < known.size { FaultKind::Truncated } else { FaultKind::Modified };
        return Ok(Err(Found::new(kind, format!("it has {} instead of {} bytes", stat.size, known.size))));
    }
    if stat.changed != known.changed {
        let file = shared.disk.open(&path, false)?;
        let walked = walk(file.as_ref(), segment.size, Some(segment.header.start()), &mut |_, _| Ok(()))?;
        if walked.last != segment.last || walked.end != segment.size {
            let line = walked.trouble.map_or(walked.entries + 1, |trouble| trouble.line);
            return Ok(Err(Found::new(FaultKind::Modified, format!("line {line} is not what was written"))));
        }
    }
    Ok(Ok(stat))
}
