//! What an engine must do to be the store.

use std::sync::Arc;

use bytes::Bytes;

use crate::{Key, StoreError, Stored};

/// A range of keys to read in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The first key, inclusive.
    pub from: Key,
    /// The end, exclusive.
    pub to: Key,
    /// At most so many rows.
    pub limit: usize,
    /// From the end of the range backwards.
    pub reverse: bool,
}

/// Rows in the order of the scan.
pub type Page = Vec<(Key, Arc<Stored>)>;

/// What a transaction saw, to be checked again when it commits.
#[derive(Debug, Clone)]
pub enum ReadCheck {
    /// The version of one key; `None` when it was absent.
    Key(Key, Option<u64>),
    /// The keys and versions that a scan returned.
    Scan(Scan, Vec<(Key, u64)>),
}

/// One key to write, or to delete.
#[derive(Debug, Clone)]
pub struct Change {
    /// The key.
    pub key: Key,
    /// The new value; `None` deletes.
    pub value: Option<Bytes>,
}

/// A commit: applied whole, and only when every check still holds.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The newest commit when the transaction began: while there is no newer one, what was read holds.
    pub began_at: u64,
    /// What was read.
    pub reads: Vec<ReadCheck>,
    /// What is written.
    pub writes: Vec<Change>,
    /// Audit records that become durable with the change: event id and record bytes.
    pub records: Vec<(String, Bytes)>,
}

/// An audit record that is durable in the store and not yet known to be in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The row's number; numbers grow in commit order and are never used again.
    pub seq: u64,
    /// The record's eventID.
    pub event_id: String,
    /// The record.
    pub bytes: Bytes,
}

/// Is told each commit's sequence number and writes.
pub type Listener = Box<dyn Fn(u64, &[Change]) + Send + Sync>;

/// An ordered key-value engine with optimistic transactions. [`crate::conformance`] is its contract as tests.
#[async_trait::async_trait]
pub trait Backend: Send + Sync + 'static {
    /// The value of `key`.
    async fn get(&self, key: &Key) -> Result<Option<Arc<Stored>>, StoreError>;

    /// The rows of a range.
    async fn scan(&self, scan: &Scan) -> Result<Page, StoreError>;

    /// Applies `changes` durably, or fails with [`StoreError::Conflict`] and applies nothing. `applied` is called with
    /// the commit's sequence number after the commit is durable and before any later commit is.
    async fn commit(&self, changes: Changes) -> Result<(u64, Vec<OutboxRow>), StoreError>;

    /// The sequence number of the newest commit that readers can see.
    fn sequence(&self) -> u64;

    /// Outbox rows after `seq`, oldest first.
    async fn outbox(&self, after: u64, limit: usize) -> Result<Vec<OutboxRow>, StoreError>;

    /// Removes outbox rows and sets facts, in one transaction.
    async fn clear_outbox(&self, rows: Vec<u64>, facts: Vec<(String, Vec<u8>)>) -> Result<(), StoreError>;

    /// A small fact of the engine's own book-keeping.
    async fn fact(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Calls `listener` with the writes of each commit, in order, before the commit is acknowledged.
    fn listen(&self, listener: Listener);
}
