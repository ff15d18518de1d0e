//! Care for event data stores: what is too old goes, small files become large ones, deleted stores go after seven days.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use keeptrail_clock::{Timestamp, after, before};
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_journal::Ledger;
use keeptrail_lake::{EventStore, LakeError};
use tokio::{runtime::Handle, task::spawn_blocking};

use crate::{
    DataStores,
    ingestion::failed,
    model::{self, EventDataStore, StoreSet},
};

/// How often.
const INTERVAL: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// "An event data store with a status of PENDING_DELETION is permanently deleted after seven days."
const PENDING: Duration = Duration::from_secs(7 * 24 * 3600);
/// So long a query may still read files that do not count any more: a query runs for an hour at most.
const GRACE: Duration = Duration::from_secs(3600 + 600);

/// The task.
pub struct Upkeep {
    stores: Arc<DataStores>,
    ledger: Ledger,
}

impl Upkeep {
    /// The task that cares for these stores.
    #[must_use]
    pub fn new(stores: Arc<DataStores>, ledger: Ledger) -> Self {
        Self { stores, ledger }
    }

    async fn care(&self, account: &str, store: &EventDataStore, now: Timestamp) -> Result<(), JobError> {
        match store.deleted {
            Some(deleted) if after(deleted, PENDING) <= now => return self.purge(account, &store.id).await,
            Some(_) => return Ok(()),
            None => {}
        }
        let files = match self.stores.lake.event_store(&store.id).await {
            Err(LakeError::NoSuchStore(_)) => return Ok(()),
            files => files.map_err(failed)?,
        };
        let oldest = before(now, DAY.saturating_mul(store.retention_days));
        let gone = files.retain(oldest).await.map_err(failed)?;
        if gone > 0 {
            tracing::info!(store = store.arn, events = gone, "events that were older than the retention went");
        }
        compact(files, now).await
    }

    /// Removes a store for good.
    async fn purge(&self, account: &str, id: &str) -> Result<(), JobError> {
        let tx = self.ledger.begin();
        let mut set = StoreSet::clone(&*model::of_account(&tx, account).await?);
        let Some(store) = set.stores.remove(id) else { return Ok(()) };
        match self.stores.lake.delete(&tx, id).await {
            Err(LakeError::NoSuchStore(_)) => {}
            deleted => deleted.map_err(failed)?,
        }
        model::save(&tx, account, &set).await?;
        self.ledger.commit(tx).await?;
        tracing::info!(store = store.arn, "an event data store was deleted for good");
        Ok(())
    }
}

/// Sorting is work for the processor: it must not hold up the threads that answer requests.
async fn compact(files: EventStore, now: Timestamp) -> Result<(), JobError> {
    let today = i32::try_from(now.as_second().div_euclid(24 * 3600)).unwrap_or(i32::MAX);
    let runtime = Handle::current();
    let compacted = spawn_blocking(move || runtime.block_on(files.compact(today, &|_| {})));
    let done = compacted.await.map_err(JobError::failed)?.map_err(failed)?;
    tracing::debug!(days = done.days, before = done.files_before, after = done.files_after, "compacted");
    Ok(())
}

#[async_trait]
impl Task for Upkeep {
    fn name(&self) -> &'static str {
        "datastores.upkeep"
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        let tx = self.ledger.begin();
        let mut trouble = None;
        for account in &model::accounts(&tx).await?.0 {
            for store in model::of_account(&tx, account).await?.stores.values() {
                // One store's trouble must not hold up the others.
                if let Err(error) = self.care(account, store, now).await {
                    trouble.get_or_insert(error);
                }
            }
        }
        let lake = &self.stores.lake;
        lake.clear_deleted().await.map_err(failed)?;
        lake.retire(GRACE).await.map_err(failed)?;
        trouble.map_or(Ok(Next::At(after(now, INTERVAL))), Err)
    }
}
