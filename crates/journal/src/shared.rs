//! What the handles, the writer and the readers of one journal share.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use keeptrail_clock::{Clock, Timestamp};
use tokio::sync::watch;

use crate::{
    Options,
    disk::{Disk, Stat},
    entry::{Entry, Tail},
    error::JournalError,
    fault::{Fault, FaultKind},
    files::Index,
    queue::{Append, Queue},
    segment::{Anchor, Header, file_name},
};

/// So many faults are kept; all are counted and logged.
const FAULTS_KEPT: usize = 1000;

/// A segment that is not written any more.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) header: Header,
    /// The last entry.
    pub(crate) last: Anchor,
    pub(crate) size: u64,
    /// The file as it was when it was last known to be good; `None` once a fault was reported of it.
    pub(crate) stat: Option<Stat>,
}

impl Sealed {
    pub(crate) fn name(&self) -> String {
        file_name(self.header.first)
    }
}

/// The segments that can be read, in order.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) sealed: Vec<Sealed>,
    /// The segment that is written.
    pub(crate) open: Option<Header>,
}

#[derive(Default)]
struct State {
    head: Option<Anchor>,
    faults: Vec<Fault>,
    fault_count: u64,
    failure: Option<(String, Timestamp)>,
    adopted: bool,
}

pub(crate) struct Shared {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) dir: PathBuf,
    pub(crate) options: Options,
    pub(crate) clock: Clock,
    pub(crate) queue: Queue,
    tail: Mutex<Tail>,
    catalog: Mutex<Catalog>,
    indexes: Mutex<BTreeMap<u64, Index>>,
    state: Mutex<State>,
    head: watch::Sender<u64>,
    /// Held while sealed segments are looked after or removed.
    care: Mutex<()>,
}

impl Shared {
    pub(crate) fn new(disk: Arc<dyn Disk>, dir: &Path, options: Options, clock: Clock) -> Self {
        Self {
            disk,
            dir: dir.to_owned(),
            queue: Queue::new(options.queue),
            tail: Mutex::new(Tail::new(options.tail_bytes)),
            options,
            clock,
            catalog: Mutex::default(),
            indexes: Mutex::default(),
            state: Mutex::default(),
            head: watch::Sender::new(0),
            care: Mutex::default(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(crate) fn tail(&self) -> MutexGuard<'_, Tail> {
        lock(&self.tail)
    }

    pub(crate) fn catalog(&self) -> MutexGuard<'_, Catalog> {
        lock(&self.catalog)
    }

    pub(crate) fn indexes(&self) -> MutexGuard<'_, BTreeMap<u64, Index>> {
        lock(&self.indexes)
    }

    pub(crate) fn care(&self) -> MutexGuard<'_, ()> {
        lock(&self.care)
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// The newest durable entry's place.
    pub(crate) fn head(&self) -> Anchor {
        lock(&self.state).head.unwrap_or(Anchor::START)
    }

    /// Shows entries that are durable now.
    pub(crate) fn publish(&self, entries: &[Arc<Entry>]) {
        let Some(last) = entries.last() else { return };
        self.tail().extend(entries);
        self.set_head(last.anchor());
        metrics::counter!("keeptrail_journal_records_total").increment(entries.len() as u64);
        metrics::counter!("keeptrail_journal_batches_total").increment(1);
        self.recovered();
    }

    pub(crate) fn recovered(&self) {
        if lock(&self.state).failure.take().is_some() {
            tracing::info!("the journal can be written again");
        }
    }

    pub(crate) fn set_head(&self, head: Anchor) {
        lock(&self.state).head = Some(head);
        #[expect(clippy::cast_precision_loss, reason = "a gauge; exact up to 2^53 records")]
        metrics::gauge!("keeptrail_journal_head").set(head.seq as f64);
        self.head.send_replace(head.seq);
    }

    /// Remembers that the journal cannot be written, and says so once.
    pub(crate) fn failed(&self, error: &io::Error) -> JournalError {
        let failure = JournalError::unavailable(error);
        metrics::counter!("keeptrail_journal_failures_total").increment(1);
        let mut state = lock(&self.state);
        if state.failure.is_none() {
            tracing::error!(error = %failure, "requests are refused until the journal can be written");
        }
        let since = state.failure.take().map_or_else(|| self.clock.now(), |(_, since)| since);
        state.failure = Some((crate::error::describe(error), since));
        failure
    }

    /// What is in the files is certain to be durable.
    pub(crate) fn adopt(&self) {
        lock(&self.state).adopted = true;
    }

    pub(crate) fn adopted(&self) -> Result<(), JournalError> {
        let state = lock(&self.state);
        let reason = || state.failure.as_ref().map_or_else(String::new, |(reason, _)| reason.clone());
        if state.adopted { Ok(()) } else { Err(JournalError::Unavailable { reason: reason() }) }
    }

    /// Why the journal cannot be written, and since when.
    pub(crate) fn failure(&self) -> Option<(String, Timestamp)> {
        lock(&self.state).failure.clone()
    }

    /// Records a fault everywhere: log, metrics, status, and the journal itself.
    pub(crate) fn report(&self, segment: String, kind: FaultKind, detail: String) {
        let fault = Fault { segment, kind, at: self.clock.now(), detail };
        tracing::error!(segment = fault.segment, kind = %fault.kind, detail = fault.detail, "the journal was tampered with or damaged");
        metrics::counter!("keeptrail_journal_faults_total", "kind" => kind.to_string()).increment(1);
        metrics::gauge!("keeptrail_journal_intact").set(0.0);
        {
            let mut state = lock(&self.state);
            state.fault_count += 1;
            if state.faults.len() < FAULTS_KEPT {
                state.faults.push(fault.clone());
            }
        }
        let Some(record) = self.options.on_fault.as_ref().and_then(|on_fault| on_fault(&fault)) else { return };
        let taken =
            record.check().and_then(|()| self.queue.force(Append { records: vec![record.bytes], answer: None }));
        if let Err(error) = taken {
            tracing::error!(%error, "the record of the fault could not be appended");
        }
    }

    pub(crate) fn faults(&self) -> (u64, Vec<Fault>) {
        let state = lock(&self.state);
        (state.fault_count, state.faults.clone())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
