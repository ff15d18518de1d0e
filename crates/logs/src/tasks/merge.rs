//! Merges small chunks.

use async_trait::async_trait;
use bytes::Bytes;
use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_journal::Ledger;
use keeptrail_store::{Key, Scan};

use crate::{
    chunk::{Builder, Chunk, MOST_BYTES, MOST_EVENTS, minute_of},
    model::{LOOSE, Place},
};

/// So many of a stream's newest chunks are looked at.
const NEWEST: usize = 256;
/// So many streams are taken at once.
const BATCH: usize = 16;

/// Merges neighbouring small chunks of one minute, in streams that have gathered some. What was read is checked again when
/// the merged chunk is written; chunks that are added meanwhile do not stand in the way.
pub struct Merge {
    ledger: Ledger,
}

/// Chunks that become one.
struct Run {
    minute: i64,
    keys: Vec<Key>,
    rows: Vec<Bytes>,
    events: usize,
    bytes: usize,
}

impl Run {
    fn takes(&self, minute: i64, chunk: &Chunk) -> bool {
        self.minute == minute
            && self.events + chunk.header.count <= MOST_EVENTS
            && self.bytes + chunk.header.raw <= MOST_BYTES
    }
}

impl Merge {
    /// The task over the store of `ledger`.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }

    async fn merge(&self, place: Place<'_>) -> Result<(), JobError> {
        let reading = self.ledger.begin();
        let prefix = place.chunks();
        let scan = Scan { from: prefix.clone(), to: prefix.end(), limit: NEWEST, reverse: true };
        let mut rows = reading.scan(&scan).await?;
        drop(reading);
        rows.reverse();
        let mut runs: Vec<Run> = Vec::new();
        for (key, row) in rows {
            let chunk = Chunk::open(row.bytes())?;
            let minute = minute_of(&key)?;
            match runs.last_mut() {
                Some(run) if run.takes(minute, &chunk) => {
                    run.keys.push(key);
                    run.rows.push(row.bytes().clone());
                    run.events += chunk.header.count;
                    run.bytes += chunk.header.raw;
                }
                _ => runs.push(Run {
                    minute,
                    keys: vec![key],
                    rows: vec![row.bytes().clone()],
                    events: chunk.header.count,
                    bytes: chunk.header.raw,
                }),
            }
        }
        for run in runs.into_iter().filter(|run| run.keys.len() > 1) {
            self.write(run).await?;
        }
        Ok(())
    }

    async fn write(&self, run: Run) -> Result<(), JobError> {
        let tx = self.ledger.begin();
        let mut builder = Builder::new();
        for (key, row) in run.keys.iter().zip(&run.rows) {
            let unchanged = tx.get(key).await?.is_some_and(|now| now.bytes() == row);
            if !unchanged {
                return Ok(());
            }
            builder.extend(&Chunk::open(row)?)?;
            tx.delete(key.clone());
        }
        if let Some(first) = run.keys.into_iter().next() {
            tx.put(first, builder.finish()?);
        }
        Ok(self.ledger.commit(tx).await?)
    }
}

#[async_trait]
impl Task for Merge {
    fn name(&self) -> &'static str {
        "log-merge"
    }

    fn watches(&self) -> Vec<Key> {
        vec![LOOSE.key(&[])]
    }

    async fn run(&self, _now: Timestamp) -> Result<Next, JobError> {
        let tx = self.ledger.begin();
        let loose = LOOSE.page(&tx, &[], None, BATCH).await?;
        drop(tx);
        if loose.is_empty() {
            return Ok(Next::Woken);
        }
        for (key, _) in &loose {
            let parts = key.parts();
            let [_, account, region, group, stream] = parts.as_slice() else {
                return Err(JobError::failed("a stream with small chunks has a malformed key"));
            };
            let stream: u64 = stream.parse().map_err(JobError::failed)?;
            // First, so that chunks which come from now on are not forgotten.
            let tx = self.ledger.begin();
            tx.delete(key.clone());
            self.ledger.commit(tx).await?;
            self.merge(Place { account, region, group, stream }).await?;
        }
        Ok(Next::Now)
    }
}
