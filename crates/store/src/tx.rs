//! A transaction: reads remembered, writes buffered.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use keeptrail_clock::Timestamp;

use crate::{Change, Changes, Key, Page, ReadCheck, Scan, Store, StoreError, Stored};

/// A transaction in progress. Dropping it leaves no trace.
///
/// Methods take `&self`, so that a handler can pass it on freely; it is meant for one task at a time.
pub struct Tx {
    store: Store,
    now: Timestamp,
    began_at: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    reads: Vec<ReadCheck>,
    writes: BTreeMap<Key, Option<Arc<Stored>>>,
    records: Vec<(String, Bytes)>,
}

impl Tx {
    pub(crate) fn new(store: Store, now: Timestamp, began_at: u64) -> Self {
        Self { store, now, began_at, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The transaction's time: every effect of it bears this time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn began_at(&self) -> u64 {
        self.began_at
    }

    pub(crate) fn into_reads(self) -> Vec<ReadCheck> {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).reads
    }

    /// Whether anything was written.
    #[must_use]
    pub fn has_writes(&self) -> bool {
        !self.state().writes.is_empty()
    }

    /// The value of `key`, the transaction's own write first.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn get(&self, key: &Key) -> Result<Option<Arc<Stored>>, StoreError> {
        self.read(key.clone()).await
    }

    pub(crate) async fn read(&self, key: Key) -> Result<Option<Arc<Stored>>, StoreError> {
        if let Some(own) = self.state().writes.get(&key) {
            return Ok(own.clone());
        }
        let row = self.store.get(&key).await?;
        self.state().reads.push(ReadCheck::Key(key, row.as_ref().map(|row| row.version())));
        Ok(row)
    }

    /// The rows of a range, the transaction's own writes among them.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        // Own deletions may hide rows: ask for as many more.
        let hidden = self.own(scan).filter(|(_, row)| row.is_none()).count();
        let wider = Scan { limit: scan.limit.saturating_add(hidden), ..scan.clone() };
        let page = self.store.scan(&wider).await?;
        let seen = page.iter().map(|(key, row)| (key.clone(), row.version())).collect();
        self.state().reads.push(ReadCheck::Scan(wider, seen));
        let mut merged: BTreeMap<Key, Option<Arc<Stored>>> =
            page.into_iter().map(|(key, row)| (key, Some(row))).collect();
        merged.extend(self.own(scan));
        let rows = merged.into_iter().filter_map(|(key, row)| row.map(|row| (key, row)));
        let mut page: Page = if scan.reverse { rows.rev().collect() } else { rows.collect() };
        page.truncate(scan.limit);
        Ok(page)
    }

    /// The committed value of `key`, without the promise that it is still so when the transaction commits: for look-ups over
    /// what readers keep adding to, where every answer is a view of a moment.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn peek(&self, key: &Key) -> Result<Option<Arc<Stored>>, StoreError> {
        self.store.get(key).await
    }

    /// The committed rows of a range, on the terms of [`Tx::peek`].
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn peek_scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        self.store.scan(scan).await
    }

    fn own(&self, scan: &Scan) -> impl Iterator<Item = (Key, Option<Arc<Stored>>)> + use<> {
        let state = self.state();
        let own: Vec<_> = if scan.from < scan.to {
            state
                .writes
                .range(scan.from.clone()..scan.to.clone())
                .map(|(key, row)| (key.clone(), row.clone()))
                .collect()
        } else {
            Vec::new()
        };
        own.into_iter()
    }

    /// Writes `value` under `key`.
    pub fn put(&self, key: Key, value: Bytes) {
        self.state().writes.insert(key, Some(Arc::new(Stored::new(0, value))));
    }

    /// Deletes `key`.
    pub fn delete(&self, key: Key) {
        self.state().writes.insert(key, None);
    }

    /// Forgets what was written and recorded since the transaction began, and keeps what was read: for a call that is
    /// refused after it has begun to change things.
    pub fn undo(&self) {
        let mut state = self.state();
        state.writes.clear();
        state.records.clear();
    }

    /// Adds an audit record that becomes durable with the commit. `event_id` is its eventID.
    pub fn record(&self, event_id: String, record: Bytes) {
        self.state().records.push((event_id, record));
    }

    /// Takes the audit records out: for a transaction without writes, whose records go straight to the journal.
    #[must_use]
    pub fn take_records(&self) -> Vec<(String, Bytes)> {
        std::mem::take(&mut self.state().records)
    }

    pub(crate) fn into_changes(self) -> Changes {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let writes = state
            .writes
            .into_iter()
            .map(|(key, row)| Change { key, value: row.map(|row| row.bytes().clone()) })
            .collect();
        Changes { began_at: self.began_at, reads: state.reads, writes, records: state.records }
    }
}
