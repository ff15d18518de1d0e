//! Evaluates alarms whose periods have rolled on.

use async_trait::async_trait;
use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_journal::Ledger;
use keeptrail_store::{Key, Tx};

use crate::{
    Metrics,
    alarm::ALARMS,
    series::{ordered, seconds},
    watch::DUE,
};

/// So many alarms are evaluated in one transaction.
const BATCH: usize = 100;

/// Evaluates the alarms that are due: those with data in their range, each minute (each ten seconds when their periods
/// are shorter than a minute), and those that were set by hand or configured anew, once.
pub struct Evaluation {
    ledger: Ledger,
    metrics: Metrics,
}

impl Evaluation {
    /// The task over the store of `ledger`.
    #[must_use]
    pub fn new(ledger: Ledger, metrics: Metrics) -> Self {
        Self { ledger, metrics }
    }

    async fn evaluate(&self, tx: &Tx, [due, account, region, name]: [&str; 4]) -> Result<(), JobError> {
        let alarm = ALARMS.get(tx, &[account, region, name]).await?;
        let current = alarm.is_some_and(|alarm| alarm.due.map(ordered).as_deref() == Some(due));
        if !current {
            DUE.delete(tx, &[due, account, region, name]);
            return Ok(());
        }
        let account: AccountId = account.parse().map_err(JobError::failed)?;
        let region: Region = region.parse().map_err(JobError::failed)?;
        Ok(self.metrics.evaluate(tx, &account, &region, name).await?)
    }
}

#[async_trait]
impl Task for Evaluation {
    fn name(&self) -> &'static str {
        "alarm-evaluation"
    }

    fn watches(&self) -> Vec<Key> {
        vec![DUE.key(&[])]
    }

    async fn run(&self, _now: Timestamp) -> Result<Next, JobError> {
        let tx = self.ledger.begin();
        let rows = DUE.page(&tx, &[], None, BATCH).await?;
        for (key, ()) in rows.iter().map(|(key, row)| (key, **row)) {
            let parts = key.parts();
            let [_, due, account, region, name] = parts.as_slice() else {
                return Err(JobError::failed("a due alarm has a malformed key"));
            };
            let at: u64 = due.parse().map_err(JobError::failed)?;
            if at > seconds(tx.now()) {
                if tx.has_writes() {
                    self.ledger.commit(tx).await?;
                    return Ok(Next::Now);
                }
                let at = i64::try_from(at).map_err(JobError::failed)?;
                return Ok(Next::At(Timestamp::from_second(at).map_err(JobError::failed)?));
            }
            self.evaluate(&tx, [due, account, region, name]).await?;
        }
        if rows.is_empty() {
            return Ok(Next::Woken);
        }
        self.ledger.commit(tx).await?;
        Ok(Next::Now)
    }
}
