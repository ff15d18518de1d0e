//! The handle that everybody holds.

use std::{
    any::Any,
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use keeptrail_clock::{Clock, Timestamp};
use tokio::sync::{oneshot, watch};

use crate::{
    Entry, Fault, FaultKind, OnFault, Record,
    disk::{Disk, SystemDisk},
    error::JournalError,
    files,
    guard::check_sealed,
    queue::{Append, BATCH_BYTES, Command, line_length},
    repair::load,
    retain,
    segment::{Anchor, ChainHash},
    shared::Shared,
    writer::Writer,
};

/// How often [`Journal::watch`] looks at the files.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// How a journal is kept.
#[derive(Clone)]
pub struct Options {
    /// A segment is followed by another when it has reached this size.
    pub segment_bytes: u64,
    /// Memory for the newest entries, which readers get without touching the disk.
    pub tail_bytes: usize,
    /// So many records may wait for the disk; who has more waits for room.
    pub queue: usize,
    /// Makes the audit record that tells of a fault.
    pub on_fault: Option<OnFault>,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 64 * 1024 * 1024, tail_bytes: 16 * 1024 * 1024, queue: 16 * 1024, on_fault: None }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("segment_bytes", &self.segment_bytes)
            .field("tail_bytes", &self.tail_bytes)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

/// How the journal does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Why it cannot be written, and since when; `None` when the last write succeeded.
    pub failure: Option<(String, Timestamp)>,
    /// No tampering and no damage was noticed since the start.
    pub intact: bool,
    /// How often tampering or damage was noticed since the start.
    pub faults: u64,
    /// The oldest entry that is kept; one after the head when none is.
    pub first: u64,
    /// The newest durable entry; 0 when there is none.
    pub head: u64,
    /// Files.
    pub segments: usize,
}

/// A cheaply cloned handle to an open journal. The last one dropped finishes what is queued and closes it.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
    _lock: Box<dyn Any + Send + Sync>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.queue.close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if writer.is_some_and(|writer| writer.join().is_err()) {
            tracing::error!("the journal's writer panicked");
        }
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Journal({}, head {})", self.0.shared.dir.display(), self.head())
    }
}

/// Records on their way to the disk.
#[must_use = "records are durable only when this says so"]
#[derive(Debug)]
pub struct Pending(oneshot::Receiver<Result<u64, JournalError>>);

impl Pending {
    /// Waits until the records are durable; the last one's sequence number. They go their way also when nobody waits.
    ///
    /// # Errors
    /// [`JournalError::Unavailable`] when they could not be made durable; they are not in the journal then.
    pub async fn durable(self) -> Result<u64, JournalError> {
        self.0.await.map_err(|_| JournalError::Closed)?
    }
}

impl Journal {
    /// Opens or creates the journal in `dir`, repairs what a crash left, and reports what tampering or damage it finds.
    /// A disk that cannot be written does not stop it: appends fail until it can.
    ///
    /// # Errors
    /// When the directory or the newest segment cannot be read, or another process has the journal.
    pub fn open(dir: &Path, options: Options, clock: Clock) -> Result<Self, JournalError> {
        Self::open_on(Arc::new(SystemDisk), dir, options, clock)
    }

    pub(crate) fn open_on(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: Options,
        clock: Clock,
    ) -> Result<Self, JournalError> {
        let unreadable = |error: io::Error| JournalError::unreadable(&error);
        disk.prepare(dir).map_err(unreadable)?;
        let lock = disk.lock(dir).map_err(unreadable)?.ok_or(JournalError::Locked)?;
        let loaded = load(disk.as_ref(), dir).map_err(unreadable)?;
        let shared = Arc::new(Shared::new(disk, dir, options, clock));
        metrics::gauge!("keeptrail_journal_intact").set(1.0);
        {
            let mut catalog = shared.catalog();
            catalog.sealed = loaded.sealed;
            catalog.open = loaded.open.as_ref().map(|open| open.header);
        }
        // What the open segment holds is shown when it is certain to be durable.
        shared.set_head(loaded.open.as_ref().map_or(loaded.head, |open| open.header.start()));
        for (segment, found) in loaded.faults {
            shared.report(segment, found.kind, found.detail);
        }
        let mut writer = Writer::new(Arc::clone(&shared), loaded.head, loaded.open, loaded.condition);
        if let Err(error) = writer.heal() {
            shared.failed(&error);
        }
        let thread = std::thread::Builder::new().name("journal-writer".to_owned()).spawn(move || writer.run());
        let thread = thread.map_err(|error| JournalError::unavailable(&error))?;
        Ok(Self(Arc::new(Inner { shared, writer: Mutex::new(Some(thread)), _lock: lock })))
    }

    /// Makes the records durable, in this order and next to each other; the last one's sequence number. When too much waits
    /// for the disk already, this waits for room first: a caller that goes away meanwhile leaves no record.
    ///
    /// # Errors
    /// [`JournalError::Unavailable`] when the disk cannot be written, [`JournalError::Invalid`] for what is no record. The
    /// records are not in the journal then.
    pub async fn append(&self, records: Vec<Record>) -> Result<u64, JournalError> {
        let (append, pending) = self.prepare(records)?;
        if let Some(append) = append {
            self.0.shared.queue.append(append).await?;
        }
        pending.durable().await
    }

    /// Puts the records behind what is queued already, without waiting for the disk or for room.
    ///
    /// # Errors
    /// [`JournalError::Busy`] when too much waits already, and as [`Journal::append`], what is known at once.
    pub fn submit(&self, records: Vec<Record>) -> Result<Pending, JournalError> {
        let (append, pending) = self.prepare(records)?;
        if let Some(append) = append {
            self.0.shared.queue.try_append(append)?;
        }
        Ok(pending)
    }

    /// Checks the records; there is nothing to append when there are none.
    fn prepare(&self, records: Vec<Record>) -> Result<(Option<Append>, Pending), JournalError> {
        records.iter().try_for_each(Record::check)?;
        if records.iter().map(|record| line_length(&record.bytes)).sum::<usize>() > BATCH_BYTES {
            return Err(JournalError::Invalid { reason: "the records of one call are longer than 4 MiB" });
        }
        let (answer, pending) = oneshot::channel();
        if records.is_empty() {
            // The receiver is still held.
            let _ = answer.send(Ok(self.head()));
            return Ok((None, Pending(pending)));
        }
        let records = records.into_iter().map(|record| record.bytes).collect();
        Ok((Some(Append { records, answer: Some(answer) }), Pending(pending)))
    }

    /// The newest durable entry's sequence number; 0 when there is none.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.0.shared.head().seq
    }

    /// The newest durable entry's place in the chain.
    #[must_use]
    pub fn head_anchor(&self) -> Anchor {
        self.0.shared.head()
    }

    /// The oldest kept entry's sequence number; one after the head when none is kept.
    #[must_use]
    pub fn first(&self) -> u64 {
        let catalog = self.0.shared.catalog();
        let first = catalog.sealed.first().map(|segment| segment.header).or(catalog.open).map(|header| header.first);
        drop(catalog);
        first.unwrap_or_else(|| self.head().saturating_add(1))
    }

    /// Follows the newest durable entry's sequence number.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.shared.subscribe()
    }

    /// Durable entries after `after`, oldest first: at least one when there is one, then up to `max_entries` and
    /// `max_bytes` of records. Entries that were removed or lost are skipped.
    ///
    /// # Errors
    /// When the files cannot be read.
    pub async fn read(
        &self,
        after: u64,
        max_entries: usize,
        max_bytes: usize,
    ) -> Result<Vec<Arc<Entry>>, JournalError> {
        let shared = Arc::clone(&self.0.shared);
        if after >= shared.head().seq {
            return Ok(Vec::new());
        }
        if let Some(entries) = shared.tail().read(after, max_entries, max_bytes) {
            return Ok(entries);
        }
        blocking(move || files::read(&shared, after, max_entries, max_bytes)).await?
    }

    /// The hash of the entry `seq`; `None` when it is not in the journal (any more).
    ///
    /// # Errors
    /// When the files cannot be read.
    pub async fn hash_at(&self, seq: u64) -> Result<Option<ChainHash>, JournalError> {
        let shared = Arc::clone(&self.0.shared);
        blocking(move || files::hash_at(&shared, seq)).await?
    }

    /// How the journal does.
    #[must_use]
    pub fn status(&self) -> Status {
        let shared = &self.0.shared;
        let (faults, _) = shared.faults();
        let segments = {
            let catalog = shared.catalog();
            catalog.sealed.len() + usize::from(catalog.open.is_some())
        };
        let (first, head) = (self.first(), self.head());
        Status { failure: shared.failure(), intact: faults == 0, faults, first, head, segments }
    }

    /// The tampering and damage that was noticed since the start, oldest first (the first thousand).
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.0.shared.faults().1
    }

    /// Looks at the files now: at the open segment, which is put right, and at all others.
    pub async fn check(&self) {
        let (done, checked) = oneshot::channel();
        if self.0.shared.queue.command(Command::Check(done)).is_err() || checked.await.is_err() {
            tracing::warn!("the journal is closed and was not looked at");
            return;
        }
        let shared = Arc::clone(&self.0.shared);
        if let Err(error) = blocking(move || check_sealed(&shared)).await {
            tracing::warn!(%error, "the journal's segments were not looked at");
        }
    }

    /// Looks at the files every second, for as long as it is polled.
    pub async fn watch(&self) {
        loop {
            self.0.shared.clock.sleep(WATCH_INTERVAL).await;
            self.check().await;
        }
    }

    /// Goes on after `to` if the journal ends before it, and reports that its end was lost: for whoever remembers an
    /// entry that is not there (a cursor, an anchor). Sequence numbers that were given once are never given again.
    ///
    /// # Errors
    /// When the journal is closed.
    pub async fn raise(&self, to: Anchor) -> Result<bool, JournalError> {
        let (answer, raised) = oneshot::channel();
        let head = self.head();
        self.0.shared.queue.command(Command::Raise(to, answer))?;
        let raised = raised.await.map_err(|_| JournalError::Closed)??;
        if raised {
            let lost = format!("the entries {} to {} are missing", head.saturating_add(1), to.seq);
            let segment = self.0.shared.catalog().sealed.last().map(crate::shared::Sealed::name);
            self.report(segment.unwrap_or_else(|| crate::segment::file_name(1)), FaultKind::Truncated, lost);
        }
        Ok(raised)
    }

    /// Reports that a reader could not read the entries `from` to `to`, which were lost before it came to them.
    pub fn missed(&self, reader: &str, from: u64, to: u64) {
        let detail = format!("the reader {reader} never saw the entries {from} to {to}");
        self.report(crate::segment::file_name(from), FaultKind::Deleted, detail);
    }

    /// Whether what an earlier process wrote is certain to be durable, and readable. Until then it may be in the journal
    /// or may not.
    pub(crate) fn adopted(&self) -> Result<(), JournalError> {
        self.0.shared.adopted()
    }

    /// The first entry that [`Journal::retire`] would keep.
    pub(crate) fn retirable(&self, up_to: u64, older_than: Timestamp) -> u64 {
        retain::first_kept(&self.0.shared, up_to, older_than).unwrap_or_else(|| self.first())
    }

    /// Removes the oldest segments that lie wholly at or below `up_to` and hold nothing younger than `older_than`; how
    /// many were removed. The chain then begins at the first kept segment's header.
    pub(crate) async fn retire(&self, up_to: u64, older_than: Timestamp) -> Result<usize, JournalError> {
        let shared = Arc::clone(&self.0.shared);
        blocking(move || retain::retire(&shared, up_to, older_than)).await?
    }

    pub(crate) fn report(&self, segment: String, kind: FaultKind, detail: String) {
        self.0.shared.report(segment, kind, detail);
    }
}

/// Runs file access where it does not hold up the runtime.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JournalError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| JournalError::Closed)
}
