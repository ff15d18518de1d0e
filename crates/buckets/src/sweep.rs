//! Removes blobs that no row names: what was replaced or deleted, and what an interrupted upload left behind.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use keeptrail_clock::{Timestamp, after, before};
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_operation::CommitError;
use keeptrail_store::Key;

use crate::{
    Buckets,
    model::{GARBAGE, NAMED, due_part},
};

/// Blobs removed in one transaction, at most.
const BATCH: usize = 100;
/// How often strays are looked for.
const WALK: Duration = Duration::from_hours(1);
/// An upload that is still going on has written into its blob within this time.
const STRAY_AGE: Duration = Duration::from_hours(24);

/// The sweeper.
pub struct Sweep {
    buckets: Arc<Buckets>,
    next_walk: Mutex<Timestamp>,
}

impl Sweep {
    /// The sweeper of `buckets`. It looks for strays when it first runs.
    #[must_use]
    pub fn new(buckets: Arc<Buckets>) -> Self {
        Self { buckets, next_walk: Mutex::new(Timestamp::MIN) }
    }

    async fn strays(&self, now: Timestamp) -> Result<(), JobError> {
        let blobs = &self.buckets.blobs;
        let tx = self.buckets.ledger.begin(now);
        for blob in blobs.older_than(before(now, STRAY_AGE)).await.map_err(JobError::failed)? {
            if NAMED.get(&tx, &[&blob]).await?.is_none() {
                tracing::info!(blob, "the remains of an interrupted upload are removed");
                blobs.remove(&blob).await.map_err(JobError::failed)?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Task for Sweep {
    fn name(&self) -> &'static str {
        "buckets.sweep"
    }

    fn watches(&self) -> Vec<Key> {
        vec![GARBAGE.key(&[])]
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        let next_walk = *self.next_walk.lock().unwrap_or_else(PoisonError::into_inner);
        if next_walk <= now {
            self.strays(now).await?;
            *self.next_walk.lock().unwrap_or_else(PoisonError::into_inner) = after(now, WALK);
        }
        let tx = self.buckets.ledger.begin(now);
        let not_yet = due_part(now.into());
        let mut next = *self.next_walk.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in GARBAGE.page(&tx, &[], None, BATCH).await? {
            // The key's parts: the table, the time, the blob.
            let parts = key.parts();
            let [_, due, blob] = parts.as_slice() else { continue };
            if *due > not_yet {
                let due = due.parse().ok().and_then(|due| Timestamp::from_millisecond(due).ok());
                next = due.map_or(next, |due| next.min(due));
                break;
            }
            // The file first: if this is cut short, the row makes it happen again.
            self.buckets.blobs.remove(blob).await.map_err(JobError::failed)?;
            NAMED.delete(&tx, &[blob]);
            tx.delete(key.clone());
        }
        if !tx.has_writes() {
            return Ok(Next::At(next));
        }
        self.buckets.ledger.commit(tx).await.map_err(|error| match error {
            CommitError::Conflict => JobError::Conflict,
            error => JobError::failed(error),
        })?;
        Ok(Next::Now)
    }
}
