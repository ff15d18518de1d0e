//! The one writer: takes all that is queued, checks, applies, syncs once, answers.

use std::sync::{Arc, PoisonError, atomic::Ordering, mpsc};

use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::oneshot;

use super::{Shared, checkpoint::checkpoint, page, signed};
use crate::{Changes, OutboxRow, ReadCheck, StoreError};

/// The most jobs in one SQLite transaction.
const BATCH: usize = 512;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;
type Commit = (u64, Vec<OutboxRow>);

pub(super) enum Job {
    Commit(Changes, Answer<Commit>),
    ClearOutbox(Vec<u64>, Vec<(String, Vec<u8>)>, Answer<()>),
}

pub(super) struct Writer {
    connection: Connection,
    shared: Arc<Shared>,
    /// Wakes the checkpoint thread; its end ends that thread.
    committed: mpsc::Sender<()>,
}

/// A job that was applied inside the open transaction and waits for its commit.
enum Applied {
    Commit { sequence: u64, changes: Changes, rows: Vec<OutboxRow>, answer: Answer<Commit> },
    Cleared(Answer<()>),
}

impl Writer {
    pub(super) fn new(connection: Connection, shared: Arc<Shared>, committed: mpsc::Sender<()>) -> Self {
        Self { connection, shared, committed }
    }

    pub(super) fn run(self, queue: &mpsc::Receiver<Job>) {
        while let Ok(first) = queue.recv() {
            let mut jobs = vec![first];
            while jobs.len() < BATCH
                && let Ok(job) = queue.try_recv()
            {
                jobs.push(job);
            }
            self.batch(jobs);
        }
    }

    fn batch(&self, jobs: Vec<Job>) {
        if self.shared.log_is_long.swap(false, Ordering::AcqRel) {
            checkpoint(&self.connection, "TRUNCATE");
        }
        if let Err(error) = self.connection.execute_batch("BEGIN IMMEDIATE") {
            let error = StoreError::from(error);
            jobs.into_iter().for_each(|job| refuse(job, &error));
            return;
        }
        let mut sequence = self.shared.sequence.load(Ordering::Acquire);
        let mut applied = Vec::with_capacity(jobs.len());
        let mut failure = None;
        for job in jobs {
            match failure {
                None => failure = self.apply(job, &mut sequence, &mut applied).err(),
                Some(ref error) => refuse(job, error),
            }
        }
        let result = match failure {
            None => self.finish(sequence),
            Some(error) => Err(error),
        };
        match result {
            Ok(()) => self.acknowledge(applied),
            Err(error) => {
                self.roll_back();
                for job in applied {
                    // Nobody may be waiting any more; the outcome is the same.
                    match job {
                        Applied::Commit { answer, .. } => drop(answer.send(Err(error.clone()))),
                        Applied::Cleared(answer) => drop(answer.send(Err(error.clone()))),
                    }
                }
            }
        }
    }

    /// Applies one job in the open transaction. A conflict is answered at once and leaves the transaction as it was; an
    /// error of the engine fails the whole batch.
    fn apply(&self, job: Job, sequence: &mut u64, applied: &mut Vec<Applied>) -> Result<(), StoreError> {
        match job {
            Job::Commit(changes, answer) => {
                // Nothing was committed since it began: what it read is what is there.
                let holds = if changes.began_at == *sequence { Ok(()) } else { self.check(&changes) };
                let outcome = holds.and_then(|()| self.write(*sequence + 1, &changes));
                match outcome {
                    Ok(rows) => {
                        *sequence += 1;
                        applied.push(Applied::Commit { sequence: *sequence, changes, rows, answer });
                    }
                    Err(StoreError::Conflict) => drop(answer.send(Err(StoreError::Conflict))),
                    Err(error) => {
                        drop(answer.send(Err(error.clone())));
                        return Err(error);
                    }
                }
            }
            Job::ClearOutbox(rows, facts, answer) => match self.clear(&rows, &facts) {
                Ok(()) => applied.push(Applied::Cleared(answer)),
                Err(error) => {
                    drop(answer.send(Err(error.clone())));
                    return Err(error);
                }
            },
        }
        Ok(())
    }

    fn check(&self, changes: &Changes) -> Result<(), StoreError> {
        let mut version = self.connection.prepare_cached("SELECT version FROM kv WHERE key = ?1")?;
        for read in &changes.reads {
            let holds = match read {
                ReadCheck::Key(key, seen) => {
                    let now = version.query_row([key.as_bytes()], |row| row.get::<_, i64>(0)).optional()?;
                    now.map(i64::unsigned_abs) == *seen
                }
                ReadCheck::Scan(scan, seen) => {
                    let now = page(&self.connection, scan)?;
                    now.len() == seen.len()
                        && now
                            .iter()
                            .zip(seen)
                            .all(|((key, row), (seen, version))| key == seen && row.version() == *version)
                }
            };
            if !holds {
                return Err(StoreError::Conflict);
            }
        }
        Ok(())
    }

    fn write(&self, sequence: u64, changes: &Changes) -> Result<Vec<OutboxRow>, StoreError> {
        let mut put =
            self.connection.prepare_cached("INSERT OR REPLACE INTO kv (key, version, value) VALUES (?1, ?2, ?3)")?;
        let mut delete = self.connection.prepare_cached("DELETE FROM kv WHERE key = ?1")?;
        for change in &changes.writes {
            match &change.value {
                Some(value) => put.execute(params![change.key.as_bytes(), signed(sequence), value.as_ref()])?,
                None => delete.execute([change.key.as_bytes()])?,
            };
        }
        let mut record = self.connection.prepare_cached("INSERT INTO outbox (event_id, record) VALUES (?1, ?2)")?;
        let mut rows = Vec::with_capacity(changes.records.len());
        for (event_id, bytes) in &changes.records {
            let seq = record.insert(params![event_id, bytes.as_ref()])?.unsigned_abs();
            rows.push(OutboxRow { seq, event_id: event_id.clone(), bytes: bytes.clone() });
        }
        Ok(rows)
    }

    fn clear(&self, rows: &[u64], facts: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        let mut delete = self.connection.prepare_cached("DELETE FROM outbox WHERE seq = ?1")?;
        for row in rows {
            delete.execute([signed(*row)])?;
        }
        let mut set = self.connection.prepare_cached("INSERT OR REPLACE INTO fact (name, value) VALUES (?1, ?2)")?;
        for (name, value) in facts {
            set.execute(params![name, value])?;
        }
        Ok(())
    }

    fn finish(&self, sequence: u64) -> Result<(), StoreError> {
        let mut set =
            self.connection.prepare_cached("INSERT OR REPLACE INTO fact (name, value) VALUES ('sequence', ?1)")?;
        set.execute([sequence.to_string().as_bytes()])?;
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }

    fn acknowledge(&self, applied: Vec<Applied>) {
        let listeners = self.shared.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answers = Vec::with_capacity(applied.len());
        for job in applied {
            match job {
                Applied::Commit { sequence, changes, rows, answer } => {
                    listeners.iter().for_each(|listener| listener(sequence, &changes.writes));
                    self.shared.sequence.store(sequence, Ordering::Release);
                    answers.push((answer, (sequence, rows)));
                }
                Applied::Cleared(answer) => drop(answer.send(Ok(()))),
            }
        }
        drop(listeners);
        for (answer, commit) in answers {
            drop(answer.send(Ok(commit)));
        }
        // The checkpoint thread ends only with the process or after this writer.
        let _ = self.committed.send(());
    }

    fn roll_back(&self) {
        // A failed COMMIT may already have rolled back: then there is no transaction left to end.
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "the store could not roll back");
        }
    }
}

fn refuse(job: Job, error: &StoreError) {
    match job {
        Job::Commit(_, answer) => drop(answer.send(Err(error.clone()))),
        Job::ClearOutbox(_, _, answer) => drop(answer.send(Err(error.clone()))),
    }
}
