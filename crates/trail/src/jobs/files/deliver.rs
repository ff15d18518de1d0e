//! Seals batches that are due and writes them as files.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use keeptrail_clock::{Random, Timestamp, after, before};
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_journal::Ledger;
use keeptrail_store::{Key, Tx};
use serde_json::json;

use super::{
    batch::{Batch, Destination, OPEN, SEALED},
    body::body,
    give_up,
    status::{FileStatus, STATUS},
};
use crate::{
    Trails,
    model::{TRAILS, Trail},
    ports::{BucketProblem, TopicProblem},
};

/// So many files are written in one run, so that a stop need not wait for a backlog.
const AT_ONCE: usize = 16;
/// While a bucket cannot be written, what waits for it is sealed once a day, for fewer and larger files.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The task.
pub struct LogFiles {
    trails: Arc<Trails>,
    ledger: Ledger,
    random: Random,
    interval: Duration,
}

impl LogFiles {
    /// A task that writes each trail's files every `interval`: at 12:00, 12:05 … for five minutes.
    #[must_use]
    pub fn new(trails: Arc<Trails>, ledger: Ledger, random: Random, interval: Duration) -> Self {
        Self { trails, ledger, random, interval }
    }
}

#[async_trait::async_trait]
impl Task for LogFiles {
    fn name(&self) -> &'static str {
        "trail.files"
    }

    fn watches(&self) -> Vec<Key> {
        vec![TRAILS.key(&[]), SEALED.key(&[])]
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        let sets = TRAILS.all(&self.ledger.begin(), &[]).await?;
        let trails: BTreeMap<&str, &Trail> = sets
            .iter()
            .flat_map(|(_, set)| set.taking())
            .filter(|trail| !trail.spans.is_empty())
            .map(|trail| (trail.id.as_str(), trail))
            .collect();
        let due = self.last_due(now);
        self.seal(now, due).await?;
        let (mut passed, mut written) = (None, 0);
        loop {
            let tx = self.ledger.begin();
            let page = SEALED.page(&tx, &[], passed.as_ref(), 1).await?;
            let Some((_, batch)) = page.first() else { break };
            let status = STATUS.get(&tx, &[&batch.trail]).await?;
            let destination = trails.get(batch.trail.as_str()).map(|trail| Destination::of(trail));
            let moved = destination.filter(|destination| *destination != batch.destination);
            let tried = status.as_ref().filter(|status| status.failing.is_some()).and_then(|status| status.attempted);
            if moved.is_none() && tried.is_some_and(|tried| tried >= due) {
                passed = Some(SEALED.key(&[&batch.trail]).end());
                continue;
            }
            let batch = self.address(tx, batch, moved).await?;
            let status = status.map(|status| FileStatus::clone(&status)).unwrap_or_default();
            if !self.deliver(&batch, status, now).await? {
                give_up::trim(&self.ledger, &self.random, &batch.trail, now).await?;
                passed = Some(SEALED.key(&[&batch.trail]).end());
                continue;
            }
            written += 1;
            if written >= AT_ONCE {
                return Ok(Next::Now);
            }
        }
        if written > 0 {
            // What waited for a bucket that can be written again may be due.
            return Ok(Next::Now);
        }
        if self.forget(&trails).await? && trails.is_empty() {
            return Ok(Next::Woken);
        }
        Ok(Next::At(after(due, self.interval)))
    }
}

impl LogFiles {
    /// The last time at which files were due.
    fn last_due(&self, now: Timestamp) -> Timestamp {
        let interval = i64::try_from(self.interval.as_millis()).unwrap_or(i64::MAX).max(1);
        let past = now.as_millisecond().rem_euclid(interval);
        Timestamp::from_millisecond(now.as_millisecond() - past).unwrap_or(now)
    }

    /// Seals the batches that were begun before files were `due`.
    async fn seal(&self, now: Timestamp, due: Timestamp) -> Result<(), JobError> {
        let tx = self.ledger.begin();
        for (_, batch) in OPEN.all(&tx, &[]).await? {
            let waits = !SEALED.page(&tx, &[&batch.trail], None, 1).await?.is_empty();
            if batch.begun < if waits { due.min(before(now, DAY)) } else { due } {
                Batch::clone(&batch).seal(&tx)?;
            }
        }
        if tx.has_writes() {
            self.ledger.commit(tx).await?;
        }
        Ok(())
    }

    /// The batch with where it goes now: if the trail was given another bucket, that is noted before anything is written.
    async fn address(&self, tx: Tx, batch: &Batch, moved: Option<Destination>) -> Result<Batch, JobError> {
        let mut batch = batch.clone();
        if let Some(destination) = moved {
            batch.destination = destination;
            batch.save(&tx)?;
            self.ledger.commit(tx).await?;
        }
        Ok(batch)
    }

    /// Writes the file, tells the topic, and deletes the batch; `false` when the bucket does not take it.
    async fn deliver(&self, batch: &Batch, mut status: FileStatus, now: Timestamp) -> Result<bool, JobError> {
        let Destination { bucket, topic, .. } = &batch.destination;
        let key = batch.file_key();
        let content = body(&self.ledger.begin(), batch).await?;
        let objects = &self.trails.objects;
        let put = objects.put(&batch.account, bucket, &key, &batch.trail_arn, content, BTreeMap::new()).await;
        let tx = self.ledger.begin();
        batch.trail_arn.clone_into(&mut status.trail_arn);
        status.attempted = Some(now);
        status.error = match put {
            Ok(()) => None,
            Err(BucketProblem::Store(error)) => return Err(error.into()),
            Err(problem) => Some(problem.code()),
        };
        let delivered = status.error.is_none();
        if delivered {
            (status.delivered, status.failing) = (Some(now), None);
            batch.delete(&tx);
            if let Some(topic) = topic {
                self.tell(&tx, batch, topic, &key, &mut status).await?;
            }
        } else {
            status.failing = status.failing.or(Some(now));
            tracing::warn!(trail = batch.trail_arn, bucket, error = status.error, "a log file cannot be written");
        }
        STATUS.put(&tx, &[&batch.trail], &status)?;
        self.ledger.commit(tx).await?;
        Ok(delivered)
    }

    /// "Configuring Amazon SNS notifications for CloudTrail" in the user guide.
    async fn tell(
        &self,
        tx: &Tx,
        batch: &Batch,
        topic: &str,
        key: &str,
        status: &mut FileStatus,
    ) -> Result<(), JobError> {
        let message = json!({ "s3Bucket": batch.destination.bucket, "s3ObjectKey": [key] }).to_string();
        let told = self.trails.topics.publish(tx, topic, &batch.account, &batch.trail_arn, &message).await;
        status.notice_attempted = Some(tx.now());
        status.notice_error = match told {
            Ok(()) => None,
            Err(TopicProblem::Store(error)) => return Err(error.into()),
            Err(problem) => Some(problem.code()),
        };
        if status.notice_error.is_none() {
            status.noticed = Some(tx.now());
        }
        Ok(())
    }

    /// Forgets the status of trails that are no more; `true` when nothing waits to be written.
    async fn forget(&self, trails: &BTreeMap<&str, &Trail>) -> Result<bool, JobError> {
        let tx = self.ledger.begin();
        for (_, open) in OPEN.all(&tx, &[]).await? {
            if !trails.contains_key(open.trail.as_str()) {
                return Ok(false);
            }
        }
        let mut nothing = true;
        for (key, _) in STATUS.all(&tx, &[]).await? {
            let parts = key.parts();
            let [_, id] = parts.as_slice() else { continue };
            if !SEALED.page(&tx, &[id], None, 1).await?.is_empty() {
                nothing = false;
            } else if !trails.contains_key(id.as_str()) {
                tx.delete(key);
            }
        }
        if tx.has_writes() {
            self.ledger.commit(tx).await?;
        }
        Ok(nothing)
    }
}
