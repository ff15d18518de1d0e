//! Store and journal as one: a change and its audit record are one durable step.
//!
//! A transaction without writes needs only its record: it is checked against the store and appended to the journal. A
//! transaction with writes is committed in the store, the record with it as an *outbox* row; the caller is answered, and
//! the [takeover](crate::takeover) brings the row into the journal exactly once.

use std::{fmt, sync::Arc};

use keeptrail_clock::{Clock, Timestamp};
use keeptrail_store::{OutboxRow, Store, StoreError, Tx};
use tokio::task::JoinHandle;

use crate::{
    Anchor, FaultKind, Journal, JournalError, Record,
    segment::file_name,
    takeover::{Handoff, Outstanding, Sender, Takeover},
};

/// The fact that names a place of the journal: every outbox row that is left was appended after it, if at all.
pub(crate) const ANCHOR: &str = "journal.anchor";
/// The fact that names the oldest entry which was kept on purpose.
pub(crate) const FIRST: &str = "journal.first";
/// Rows are read in pages of so many.
const PAGE: usize = 1000;

/// A failed commit. Nothing of it is durable and nothing may be answered from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Something that the transaction read has changed since: run it again.
    #[error("the transaction's reads have changed")]
    Conflict,
    /// The change or its record cannot be made durable now.
    #[error("nothing can be made durable now: {reason}")]
    Unavailable {
        /// What the system said, in words for the operator.
        reason: String,
    },
}

impl CommitError {
    fn unavailable(error: &dyn fmt::Display) -> Self {
        Self::Unavailable { reason: error.to_string() }
    }
}

impl From<StoreError> for CommitError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            other => Self::unavailable(&other),
        }
    }
}

impl From<JournalError> for CommitError {
    fn from(error: JournalError) -> Self {
        Self::unavailable(&error)
    }
}

/// A cheaply cloned handle to store and journal.
#[derive(Clone)]
pub struct Ledger(Arc<Inner>);

struct Inner {
    store: Store,
    journal: Journal,
    clock: Clock,
    outstanding: Arc<Outstanding>,
    handoffs: Sender,
    takeover: JoinHandle<()>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ledger({:?})", self.0.journal)
    }
}

impl Ledger {
    /// Joins a store and its journal: checks that the journal is the one that the store remembers (else a fault is
    /// reported) and takes over what is left in the outbox, in the background. Needs a tokio runtime.
    ///
    /// # Errors
    /// When store or journal cannot be read.
    pub async fn open(store: Store, journal: Journal, clock: Clock) -> Result<Self, CommitError> {
        let anchor = remembered(&store, &journal).await?;
        let mut left: Vec<OutboxRow> = Vec::new();
        loop {
            let page = store.outbox(left.last().map_or(0, |row| row.seq), PAGE).await?;
            if page.is_empty() {
                break;
            }
            left.extend(page);
        }
        let (outstanding, handoffs, takeover) = Takeover::new(&store, &journal, &clock, anchor, left);
        let takeover = tokio::spawn(takeover.run());
        Ok(Self(Arc::new(Inner { store, journal, clock, outstanding, handoffs, takeover })))
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// Begins a transaction at the clock's time.
    #[must_use]
    pub fn begin(&self) -> Tx {
        self.0.store.begin(self.0.clock.now())
    }

    /// Makes what `tx` wrote and recorded durable, if what it read still holds. Once begun it is finished, even if the
    /// caller does not wait.
    ///
    /// # Errors
    /// [`CommitError`]; nothing is durable then.
    pub async fn commit(&self, tx: Tx) -> Result<(), CommitError> {
        let records: Vec<Record> =
            tx.take_records().into_iter().map(|(event_id, bytes)| Record { event_id, bytes }).collect();
        if tx.has_writes() {
            // What the journal would refuse must not get into the outbox.
            records.iter().try_for_each(Record::check)?;
            let inner = Arc::clone(&self.0);
            let change = tokio::spawn(async move { inner.change(tx, records).await });
            return change.await.map_err(|error| CommitError::unavailable(&error))?;
        }
        if !self.0.store.validate(tx).await? {
            return Err(CommitError::Conflict);
        }
        self.0.journal.append(records).await?;
        Ok(())
    }

    /// Waits until every record of a change is in the journal and the outbox is empty. While the journal cannot be
    /// written, that is until it can.
    pub async fn settled(&self) {
        self.0.outstanding.settled(&self.0.handoffs).await;
    }

    /// Lets the store remember how far the journal has come, for a clean stop: if its end is cut off later, the next start
    /// tells. While the server runs, this happens every few seconds.
    pub async fn remember(&self) {
        Outstanding::anchored(&self.0.handoffs).await;
    }

    /// Ends the takeover after what it can do at once, for a clean stop. Other handles must not commit any more.
    pub async fn close(self) {
        let Some(inner) = Arc::into_inner(self.0) else { return };
        drop(inner.handoffs);
        if inner.takeover.await.is_err() {
            tracing::error!("the takeover of records panicked");
        }
    }

    /// Removes the journal's oldest segments that lie wholly at or below the entry `up_to` and hold nothing younger than
    /// `older_than`; how many were removed.
    ///
    /// # Errors
    /// When store or journal cannot be written.
    pub async fn retire(&self, up_to: u64, older_than: Timestamp) -> Result<usize, CommitError> {
        let journal = &self.0.journal;
        let first = journal.retirable(up_to, older_than);
        if first <= journal.first() {
            return Ok(0);
        }
        // Remembered before it is done: a journal that begins earlier than it might is no fault, one that begins later is.
        self.0.store.clear_outbox(Vec::new(), &[(FIRST, first.to_be_bytes().to_vec())]).await?;
        Ok(journal.retire(first - 1, older_than).await?)
    }
}

impl Inner {
    async fn change(&self, tx: Tx, records: Vec<Record>) -> Result<(), CommitError> {
        if records.is_empty() {
            self.store.commit(tx).await?;
            return Ok(());
        }
        let ticket = self.outstanding.enter(&self.journal, records.len())?;
        for record in &records {
            tx.record(record.event_id.clone(), record.bytes.clone());
        }
        let committed = match self.store.commit(tx).await {
            Ok(committed) => committed,
            Err(error) => {
                self.outstanding.leave(&[ticket]);
                return Err(error.into());
            }
        };
        // Handed over before the caller is answered: what the caller does next comes later in the journal.
        let pending = self.journal.submit(records);
        self.handoffs.hand_over(Handoff { ticket, rows: committed.outbox, pending: pending.into() });
        Ok(())
    }
}

/// The place in the journal that the store remembers. Reports a journal that is another, or ends or begins elsewhere.
async fn remembered(store: &Store, journal: &Journal) -> Result<Anchor, CommitError> {
    let fact = store.fact(ANCHOR).await?;
    let anchor = fact.as_deref().map_or(Some(Anchor::START), Anchor::from_bytes).unwrap_or_else(|| {
        tracing::error!("the store's memory of the journal cannot be read");
        Anchor::START
    });
    if journal.raise(anchor).await? {
        return Ok(anchor);
    }
    if journal.hash_at(anchor.seq).await?.is_some_and(|hash| hash != anchor.hash) {
        let detail = format!("the entry {} is not the one that the store remembers", anchor.seq);
        journal.report(file_name(journal.first()), FaultKind::Modified, detail);
    }
    let kept = first_kept(store.fact(FIRST).await?);
    let first = journal.first();
    if first > kept {
        let detail = format!("the entries {kept} to {} are missing at its beginning", first - 1);
        journal.report(file_name(kept), FaultKind::Deleted, detail);
    }
    Ok(anchor)
}

/// The oldest entry that the store remembers to be kept.
pub(crate) fn first_kept(fact: Option<Vec<u8>>) -> u64 {
    fact.and_then(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?))).unwrap_or(1)
}
