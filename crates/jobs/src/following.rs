//! Runs a follower.

use std::{sync::Arc, time::Duration};

use keeptrail_clock::{Timestamp, after};
use keeptrail_journal::{Anchor, Ledger};
use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
};

use crate::{
    Follower, JobError, JobState, Load,
    cursor::{BATCH_BYTES, CURSORS, passed, place},
    driver::Job,
    follower::Writing,
    status::back_off,
};

/// At a stop, at most so many batches are still followed, so that it does not take long.
const LAST_BATCHES: usize = 8;

/// What ended a wait.
enum Woken {
    /// There are more entries, or the journal is gone.
    Entries(bool),
    Due,
    Written(Result<Result<u64, JobError>, JoinError>),
    Stop,
}

/// A follower on its way.
pub(crate) struct Following {
    job: Job,
    follower: Arc<dyn Follower>,
    ledger: Ledger,
    /// How long entries may gather after a batch that was not full.
    gathering: Duration,
    /// Up to here entries are in memory or written.
    at: Option<Anchor>,
    /// When the first entry came that is not written.
    unwritten: Option<Timestamp>,
    writing: Option<JoinHandle<Result<u64, JobError>>>,
    /// What the last write failed with, and when it is tried again.
    failed: Option<(JobError, Timestamp)>,
    failures: u32,
}

impl Following {
    pub(crate) fn new(job: Job, follower: Arc<dyn Follower>, ledger: Ledger, gathering: Duration) -> Self {
        let (at, unwritten, writing, failed) = (None, None, None, None);
        Self { job, follower, ledger, gathering, at, unwritten, writing, failed, failures: 0 }
    }

    pub(crate) async fn run(mut self) {
        let mut head = self.ledger.journal().subscribe();
        let mut failures = 0;
        let mut begun = false;
        while !self.job.stopped() {
            head.mark_unchanged();
            let step = if begun { self.step().await } else { self.begin().await.map(|()| Some(0)) };
            match step {
                Ok(Some(0)) => begun = true,
                Ok(Some(read)) => {
                    failures = 0;
                    if read < self.follower.batch() && !self.gathering.is_zero() {
                        self.job.gather(self.gathering).await;
                    }
                }
                Ok(None) => {
                    failures = 0;
                    if !self.wait(&mut head).await {
                        return;
                    }
                }
                Err(JobError::Conflict) => tokio::task::yield_now().await,
                Err(error) => self.job.pause(&mut failures, &error).await,
            }
        }
        if begun {
            self.finish().await;
        }
    }

    /// Finds the place to begin at.
    async fn begin(&mut self) -> Result<(), JobError> {
        self.at = place(&self.ledger.begin(), self.follower.name()).await?;
        let at = self.at.map_or(0, |at| at.seq);
        self.job.status.send_modify(|status| (status.cursor, status.followed) = (Some(at), Some(at)));
        Ok(())
    }

    /// Follows the next entries and tells how many; `None` when there are none, or no room for them.
    async fn step(&mut self) -> Result<Option<usize>, JobError> {
        if self.writing.as_ref().is_some_and(JoinHandle::is_finished) {
            self.written().await;
        }
        if self.is_due() {
            self.write();
        }
        if self.follower.load() == Load::Full {
            return Ok(None);
        }
        let tx = self.ledger.begin();
        let at = self.at.map_or(0, |at| at.seq);
        let entries = self.ledger.journal().read(at, self.follower.batch(), BATCH_BYTES).await?;
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(None) };
        self.job.status.send_modify(|status| status.state = JobState::Busy);
        self.follower.follow(&tx, &entries).await?;
        self.unwritten.get_or_insert(tx.now());
        passed(&self.ledger, self.follower.name(), self.at.map(|at| at.seq), first.seq, last.seq);
        self.at = Some(last.anchor());
        self.job.status.send_modify(|status| status.followed = Some(last.seq));
        Ok(Some(entries.len()))
    }

    /// When the next write is due; `None` while one is at work or there is nothing to write.
    fn due(&self) -> Option<Timestamp> {
        if self.writing.is_some() {
            return None;
        }
        let unwritten = self.unwritten?;
        match &self.failed {
            Some((_, again)) => Some(*again),
            None if self.follower.load() != Load::Light => Some(unwritten),
            None => Some(after(unwritten, self.follower.interval())),
        }
    }

    fn is_due(&self) -> bool {
        self.due().is_some_and(|due| due <= self.job.clock.now())
    }

    /// Begins to write what has been followed.
    fn write(&mut self) {
        let Some(at) = self.at else { return };
        self.unwritten = None;
        self.job.status.send_modify(|status| status.state = JobState::Busy);
        let (ledger, name) = (self.ledger.clone(), self.follower.name());
        self.writing = Some(tokio::spawn(write(self.follower.write(), ledger, name, at)));
    }

    /// Waits for the write that is at work.
    async fn written(&mut self) {
        if let Some(writing) = self.writing.take() {
            let result = writing.await;
            self.ended(result);
        }
    }

    /// Takes note of how a write ended.
    fn ended(&mut self, result: Result<Result<u64, JobError>, JoinError>) {
        match result.unwrap_or_else(|error| Err(JobError::failed(error))) {
            Ok(cursor) => {
                (self.failed, self.failures) = (None, 0);
                self.job.status.send_modify(|status| {
                    (status.cursor, status.failures, status.last_error) = (Some(cursor), 0, None);
                });
            }
            Err(error) => {
                let again = back_off(&self.job.status, &self.job.clock, &mut self.failures, &error);
                // What was not written now is written with what has come meanwhile.
                self.unwritten = Some(self.job.clock.now());
                self.failed = Some((error, again));
            }
        }
    }

    /// Waits until there is something to do; `false` when the journal is gone.
    async fn wait(&mut self, head: &mut watch::Receiver<u64>) -> bool {
        let due = self.due();
        let (at_work, failures) = (self.writing.is_some(), self.failures);
        let error = self.failed.as_ref().map(|(error, _)| error.to_string());
        self.job.status.send_modify(|status| {
            status.state = match &error {
                _ if at_work => JobState::Busy,
                Some(_) => JobState::BackingOff,
                None => JobState::Idle,
            };
            (status.due, status.failures, status.last_error) = (due, failures, error);
        });
        let full = self.follower.load() == Load::Full;
        let Self { job, writing, .. } = &mut *self;
        let clock = job.clock.clone();
        let time = async {
            match due {
                Some(due) => clock.sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        let written = async {
            match writing {
                Some(writing) => writing.await,
                None => std::future::pending().await,
            }
        };
        let woken = tokio::select! {
            changed = head.changed(), if !full => Woken::Entries(changed.is_ok()),
            () = time => Woken::Due,
            result = written => Woken::Written(result),
            _ = job.stop.changed() => Woken::Stop,
        };
        job.status.send_modify(|status| status.due = None);
        match woken {
            Woken::Entries(alive) => return alive,
            Woken::Written(result) => {
                self.writing = None;
                self.ended(result);
            }
            Woken::Due | Woken::Stop => {}
        }
        true
    }

    /// Writes what there is, once: what is too much for that, or cannot be written, is followed again at the next start.
    async fn finish(&mut self) {
        for _ in 0..LAST_BATCHES {
            if !matches!(self.step().await, Ok(Some(_))) {
                break;
            }
        }
        self.written().await;
        if self.unwritten.is_some() {
            self.write();
            self.written().await;
        }
    }
}

/// Lets what `writing` makes durable count, together with the cursor.
async fn write(writing: Writing, ledger: Ledger, name: &'static str, at: Anchor) -> Result<u64, JobError> {
    let written = writing.await?;
    loop {
        let tx = ledger.begin();
        let committed = async {
            written.name(&tx).await?;
            CURSORS.put(&tx, &[name], &at.into())?;
            Ok::<_, JobError>(ledger.commit(tx).await?)
        };
        match committed.await {
            Ok(()) => break,
            Err(JobError::Conflict) => tokio::task::yield_now().await,
            Err(error) => return Err(error),
        }
    }
    written.adopt();
    Ok(at.seq)
}
