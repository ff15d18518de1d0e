//! Removes what belonged to deleted groups and streams.

use async_trait::async_trait;
use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_journal::Ledger;
use keeptrail_store::{Key, Scan};

use crate::{
    metric_filter::MINUTES,
    model::{DOOMED, Doom, LOOSE, Place, STREAMS, chunks},
};

/// So many rows are deleted in one transaction.
const BATCH: usize = 128;

/// Removes the events of deleted groups and streams.
pub struct Purge {
    ledger: Ledger,
}

impl Purge {
    /// The task over the store of `ledger`.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }

    async fn delete_all(&self, prefix: Key) -> Result<(), JobError> {
        let scan = Scan { from: prefix.clone(), to: prefix.end(), limit: BATCH, reverse: false };
        loop {
            let reading = self.ledger.begin();
            let rows = reading.scan(&scan).await?;
            drop(reading);
            if rows.is_empty() {
                return Ok(());
            }
            // Nobody finds these rows any more, so nobody changes them.
            let tx = self.ledger.begin();
            rows.into_iter().for_each(|(key, _)| tx.delete(key));
            self.ledger.commit(tx).await?;
        }
    }
}

#[async_trait]
impl Task for Purge {
    fn name(&self) -> &'static str {
        "log-purge"
    }

    fn watches(&self) -> Vec<Key> {
        vec![DOOMED.key(&[])]
    }

    async fn run(&self, _now: Timestamp) -> Result<Next, JobError> {
        let tx = self.ledger.begin();
        let doomed = DOOMED.page(&tx, &[], None, 1).await?;
        drop(tx);
        let Some((key, doom)) = doomed.first() else { return Ok(Next::Woken) };
        let parts = key.parts();
        let [_, account, region, group, stream] = parts.as_slice() else {
            return Err(JobError::failed("a deleted log stream has a malformed key"));
        };
        match **doom {
            Doom::Group => {
                let within = [account.as_str(), region, group];
                self.delete_all(chunks(account, region, group)).await?;
                self.delete_all(STREAMS.key(&within)).await?;
                self.delete_all(MINUTES.key(&within)).await?;
                self.delete_all(LOOSE.key(&within)).await?;
            }
            Doom::Stream => {
                let stream = stream.parse().map_err(JobError::failed)?;
                self.delete_all(Place { account, region, group, stream }.chunks()).await?;
            }
        }
        let tx = self.ledger.begin();
        tx.delete(key.clone());
        self.ledger.commit(tx).await?;
        Ok(Next::Now)
    }
}
