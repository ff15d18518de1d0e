//! The store: an engine behind a coherent cache.

use std::{pin::Pin, sync::Arc};

use keeptrail_clock::{Clock, Timestamp};

use crate::{Backend, Key, Listener, OutboxRow, Page, ReadCheck, Scan, StoreError, Stored, Tx, cache::Cache};

/// How often [`Store::transact`] runs a transaction that meets conflicts before it gives up.
const ATTEMPTS: u32 = 16;

/// A cheaply cloned handle to the store.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    cache: Arc<Cache>,
}

/// What a commit did.
#[derive(Debug, Clone)]
pub struct Committed {
    /// The commit's sequence number.
    pub sequence: u64,
    /// The audit records that became durable with it.
    pub outbox: Vec<OutboxRow>,
}

/// A transaction's body as a boxed future, so that background tasks that use it stay `Send`.
pub type Body<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

impl Store {
    /// A store over `backend` that keeps about `cache_bytes` of hot rows in memory.
    #[must_use]
    pub fn new(backend: impl Backend, cache_bytes: usize) -> Self {
        let cache = Arc::new(Cache::new(cache_bytes));
        let listener = Arc::clone(&cache);
        backend.listen(Box::new(move |sequence, changes| listener.apply(sequence, changes)));
        Self { backend: Arc::new(backend), cache }
    }

    /// Calls `listener` with the sequence number and the writes of each commit, in order, before it is acknowledged.
    pub fn listen(&self, listener: Listener) {
        self.backend.listen(listener);
    }

    /// Begins a transaction whose time is `now`.
    #[must_use]
    pub fn begin(&self, now: Timestamp) -> Tx {
        Tx::new(self.clone(), now, self.backend.sequence())
    }

    /// Commits what `tx` wrote and recorded, if what it read still holds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a read has changed: run the transaction again.
    pub async fn commit(&self, tx: Tx) -> Result<Committed, StoreError> {
        let changes = tx.into_changes();
        let (sequence, outbox) = self.backend.commit(changes).await?;
        Ok(Committed { sequence, outbox })
    }

    /// Whether everything that `tx` read is still so.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn validate(&self, tx: Tx) -> Result<bool, StoreError> {
        if self.backend.sequence() == tx.began_at() {
            return Ok(true);
        }
        for check in tx.into_reads() {
            let holds = match check {
                ReadCheck::Key(key, version) => self.get(&key).await?.map(|row| row.version()) == version,
                ReadCheck::Scan(scan, seen) => {
                    let page = self.scan(&scan).await?;
                    page.len() == seen.len()
                        && page
                            .iter()
                            .zip(&seen)
                            .all(|((key, row), (seen, version))| key == seen && row.version() == *version)
                }
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Runs `body` in a transaction and commits it, again after each conflict.
    ///
    /// # Errors
    /// What `body` returns, or the store's error; [`StoreError::Conflict`] when it conflicts again and again.
    pub async fn transact<T, E, F>(&self, clock: &Clock, body: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'a> Fn(&'a Tx) -> Body<'a, T, E>,
    {
        for attempt in 0..ATTEMPTS {
            let tx = self.begin(clock.now());
            let value = body(&tx).await?;
            match self.commit(tx).await {
                Ok(_) => return Ok(value),
                Err(StoreError::Conflict) if attempt + 1 < ATTEMPTS => tokio::task::yield_now().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Arc<Stored>>, StoreError> {
        if let Some(row) = self.cache.get(key) {
            return Ok(row);
        }
        let seen = self.backend.sequence();
        let row = self.backend.get(key).await?;
        self.cache.fill(key, row.clone(), seen);
        Ok(row)
    }

    pub(crate) async fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        self.backend.scan(scan).await
    }

    /// Outbox rows after `seq`, oldest first.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn outbox(&self, after: u64, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        self.backend.outbox(after, limit).await
    }

    /// Removes outbox rows and sets facts, in one transaction.
    ///
    /// # Errors
    /// When the engine cannot be written.
    pub async fn clear_outbox(&self, rows: Vec<u64>, facts: &[(&str, Vec<u8>)]) -> Result<(), StoreError> {
        let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.backend.clear_outbox(rows, facts).await
    }

    /// A small fact set by [`Store::clear_outbox`].
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub async fn fact(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.backend.fact(name).await
    }
}
