//! The one thread that writes: takes what is queued, chains it, writes once, syncs once, answers all.

use std::{io, sync::Arc};

use crate::{
    disk::{DiskFile, Stat, write_all},
    entry::{Entry, chain},
    error::JournalError,
    guard::inspect,
    queue::{Answer, Append, Command, Work},
    segment::{Anchor, Header, file_name, write_entry},
    shared::{Sealed, Shared},
};

/// The segment that is written.
pub(crate) struct Open {
    pub(crate) header: Header,
    pub(crate) file: Box<dyn DiskFile>,
    /// What is durable. Bytes after it are none of the journal's.
    pub(crate) size: u64,
    /// The file as the writer left it.
    pub(crate) stat: Stat,
}

impl Open {
    pub(crate) fn name(&self) -> String {
        file_name(self.header.first)
    }
}

/// Whether the open segment can be appended to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// It ends with what is durable.
    Good,
    /// Something undurable may follow: cut it off first. With `seal`, go on in a new file: after a failed sync nobody
    /// knows what the disk holds of the last page.
    Cut { seal: bool },
    /// An earlier process wrote it, whose last sync may have failed: what is read of its end may only be in the page
    /// cache, marked clean. Write the end again before anybody relies on it.
    Adopted,
    /// It is not the file that was written: put it right first.
    Restore,
}

pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    /// The newest durable entry.
    pub(crate) head: Anchor,
    /// Begun with the first batch that needs it.
    pub(crate) segment: Option<Open>,
    pub(crate) condition: Condition,
    lines: Vec<u8>,
}

/// Tells the queue when the writer ends, in whatever way.
struct Abandon(Arc<Shared>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.queue.abandon();
    }
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, head: Anchor, segment: Option<Open>, condition: Condition) -> Self {
        Self { shared, head, segment, condition, lines: Vec::new() }
    }

    /// Works until the journal is closed.
    pub(crate) fn run(mut self) {
        let _abandon = Abandon(Arc::clone(&self.shared));
        loop {
            match self.shared.queue.take() {
                Work::Batch(batch) => self.batch(batch),
                Work::Command(Command::Check(done)) => {
                    self.check();
                    // Whoever asked may have gone.
                    let _ = done.send(());
                }
                Work::Command(Command::Raise(to, answer)) => {
                    let raised = self.raise(to);
                    let _ = answer.send(Ok(raised));
                }
                Work::Closed => return,
            }
        }
    }

    fn batch(&mut self, batch: Vec<Append>) {
        let mut records = Vec::new();
        let mut answers: Vec<(u64, Answer<u64>)> = Vec::with_capacity(batch.len());
        for append in batch {
            records.extend(append.records);
            answers.extend(append.answer.map(|answer| (self.head.seq.saturating_add(records.len() as u64), answer)));
        }
        let entries = chain(self.head, records);
        let failure = match self.write(&entries) {
            Ok(()) => {
                self.shared.publish(&entries);
                None
            }
            Err(error) => Some(self.shared.failed(&error)),
        };
        for (seq, answer) in answers {
            // A caller that has gone does not need its answer.
            let _ = answer.send(failure.as_ref().map_or(Ok(seq), |failure: &JournalError| Err(failure.clone())));
        }
    }

    /// Makes the entries durable in a segment that is what and where it should be.
    fn write(&mut self, entries: &[Arc<Entry>]) -> io::Result<()> {
        self.heal()?;
        self.look_after()?;
        if self.segment.as_ref().is_some_and(|open| open.size >= self.shared.options.segment_bytes) {
            self.seal();
        }
        if self.segment.is_none() {
            self.begin()?;
        }
        let written = self.append(entries);
        match (&written, entries.last()) {
            (Ok(()), Some(last)) => self.head = last.anchor(),
            // What cannot be cut off now is cut off before the next batch.
            (Err(_), _) => {
                if let Err(error) = self.heal() {
                    tracing::warn!(%error, "the end of the journal could not be repaired yet");
                }
            }
            _ => {}
        }
        written
    }

    /// Writes the lines after what is durable, syncs, and sees that the file still is where it should be.
    pub(crate) fn append(&mut self, entries: &[Arc<Entry>]) -> io::Result<()> {
        self.lines.clear();
        for entry in entries {
            write_entry(&entry.anchor(), &entry.record, &mut self.lines);
        }
        let Some(open) = &mut self.segment else { return Err(io::ErrorKind::NotFound.into()) };
        self.condition = Condition::Cut { seal: false };
        write_all(open.file.as_ref(), &self.lines, open.size)?;
        let began = self.shared.clock.monotonic();
        self.condition = Condition::Cut { seal: true };
        open.file.sync()?;
        self.condition = Condition::Cut { seal: false };
        let took = self.shared.clock.monotonic().saturating_sub(began);
        metrics::histogram!("keeptrail_journal_sync_seconds").record(took.as_secs_f64());
        let size = open.size + self.lines.len() as u64;
        // A file that was taken away under the write holds nothing that a restart would find.
        let stat = open.file.stat()?;
        if let Some(found) = inspect(&self.shared, open, &stat, size)? {
            return self.restore(found, entries);
        }
        (open.size, open.stat) = (size, stat);
        self.condition = Condition::Good;
        Ok(())
    }

    /// Begins a segment that goes on from the head. It gets its name only when its header is durable.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let header =
            Header { first: self.head.seq.saturating_add(1), previous: self.head.hash, created: shared.clock.now() };
        let name = file_name(header.first);
        let mut line = Vec::new();
        header.write(&mut line);
        shared.disk.prepare(&shared.dir)?;
        let file = create_new(&shared, &name)?;
        let named = write_all(file.as_ref(), &line, 0).and_then(|()| file.sync()).and_then(|()| put(&shared, &name));
        if let Err(error) = named {
            remove_new(&shared, &name);
            return Err(error);
        }
        let stat = file.stat()?;
        self.segment = Some(Open { header, file, size: line.len() as u64, stat });
        self.condition = Condition::Good;
        shared.catalog().open = Some(header);
        Ok(())
    }

    /// Ends the open segment; the next batch begins another.
    pub(crate) fn seal(&mut self) {
        let Some(open) = self.segment.take() else { return };
        let good = std::mem::replace(&mut self.condition, Condition::Good) == Condition::Good;
        let stat = good.then_some(open.stat);
        let mut catalog = self.shared.catalog();
        catalog.open = None;
        if open.header.start() == self.head {
            // Without an entry its name would be taken from its successor.
            drop(catalog);
            remove(&self.shared, &open.name());
            return;
        }
        catalog.sealed.push(Sealed { header: open.header, last: self.head, size: open.size, stat });
    }

    /// Goes on after `to` if the journal ends before it.
    fn raise(&mut self, to: Anchor) -> bool {
        if to.seq <= self.head.seq {
            return false;
        }
        if let Err(error) = self.heal() {
            tracing::warn!(%error, "the end of the journal could not be repaired yet");
        }
        self.seal();
        self.head = to;
        self.shared.tail().clear();
        self.shared.set_head(to);
        true
    }
}

/// The name of a file while it is being made.
fn new_name(name: &str) -> String {
    format!("{name}.new")
}

/// Creates the file that [`put`] will name `name`.
pub(crate) fn create_new(shared: &Shared, name: &str) -> io::Result<Box<dyn DiskFile>> {
    let path = shared.path(&new_name(name));
    if shared.disk.stat(&path)?.is_some() {
        shared.disk.remove(&path)?;
    }
    shared.disk.create(&path)
}

/// Gives a finished file its name, durably. Whatever has that name is moved aside.
pub(crate) fn put(shared: &Shared, name: &str) -> io::Result<()> {
    let path = shared.path(name);
    if shared.disk.stat(&path)?.is_some() {
        let mut number = 1;
        let mut aside = shared.path(&format!("{name}.foreign-{number}"));
        while shared.disk.stat(&aside)?.is_some() {
            number += 1;
            aside = shared.path(&format!("{name}.foreign-{number}"));
        }
        tracing::warn!(file = name, kept_as = %aside.display(), "a file that is not the journal's stood in its place");
        shared.disk.rename(&path, &aside)?;
    }
    let new = shared.path(&new_name(name));
    shared.disk.rename(&new, &path)?;
    shared.disk.sync_dir(&shared.dir).or_else(|error| shared.disk.rename(&path, &new).and(Err(error)))
}

/// Removes what a failed [`put`] may have left.
pub(crate) fn remove_new(shared: &Shared, name: &str) {
    remove(shared, &new_name(name));
}

fn remove(shared: &Shared, name: &str) {
    // A file that stays is removed or moved aside by the next attempt.
    if let Err(error) = shared.disk.remove(&shared.path(name)) {
        tracing::debug!(file = name, %error, "could not be removed");
    }
}
