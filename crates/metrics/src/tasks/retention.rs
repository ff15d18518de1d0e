//! Forgets what is no longer kept.

use std::time::Duration;

use async_trait::async_trait;
use keeptrail_clock::{Timestamp, after};
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_journal::Ledger;
use keeptrail_store::{Key, Scan};

use crate::{
    Metric,
    history::{Of, kept_since, next_alarm},
    series::{Grain, METRICS, MINUTES_KEPT, MetricRow, SECONDS_KEPT, Series, ordered, seconds},
};

/// So many rows are looked at or deleted in one transaction.
const BATCH: usize = 500;
/// How often.
const PAUSE: Duration = Duration::from_secs(3_600);

/// Deletes datapoints by the minute after 15 days and by the second after 3 hours, metrics without datapoints, and alarm
/// history after 90 days.
pub struct Retention {
    ledger: Ledger,
}

impl Retention {
    /// The task over the store of `ledger`.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }

    async fn forget_metrics(&self, now: Timestamp) -> Result<(), JobError> {
        let mut after: Option<Key> = None;
        loop {
            let tx = self.ledger.begin();
            let metrics = METRICS.page(&tx, &[], after.as_ref(), BATCH).await?;
            drop(tx);
            let Some((last, _)) = metrics.last() else { return Ok(()) };
            after = Some(last.clone());
            for (key, row) in &metrics {
                let parts = key.parts();
                let [_, account, region, namespace, name, fingerprint] = parts.as_slice() else {
                    return Err(JobError::failed("a metric has a malformed key"));
                };
                let metric =
                    Metric { namespace: namespace.clone(), name: name.clone(), dimensions: row.dimensions.clone() };
                let series = Series { account, region, metric: &metric, fingerprint };
                self.forget_datapoints(now, series, Grain::Second, SECONDS_KEPT).await?;
                self.forget_datapoints(now, series, Grain::Minute, MINUTES_KEPT).await?;
                self.forget_metric(now, series, row).await?;
            }
        }
    }

    async fn forget_datapoints(
        &self,
        now: Timestamp,
        series: Series<'_>,
        grain: Grain,
        kept: u64,
    ) -> Result<(), JobError> {
        let since = seconds(now).saturating_sub(kept + grain.span());
        loop {
            let reading = self.ledger.begin();
            let end = grain.table().key(&[&series.parts()[..], &[&ordered(since)]].concat());
            let from = grain.table().key(&series.parts());
            let old = reading.scan(&Scan { from, to: end, limit: BATCH, reverse: false }).await?;
            drop(reading);
            if old.is_empty() {
                return Ok(());
            }
            // No value that old is taken in any more, so nobody else writes these rows.
            let tx = self.ledger.begin();
            old.into_iter().for_each(|(key, _)| tx.delete(key));
            self.ledger.commit(tx).await?;
        }
    }

    async fn forget_metric(&self, now: Timestamp, series: Series<'_>, row: &MetricRow) -> Result<(), JobError> {
        let gone = |row: &MetricRow| row.newest / 1_000 < now.as_second() - MINUTES_KEPT.cast_signed() - 3_600;
        if !gone(row) {
            return Ok(());
        }
        let tx = self.ledger.begin();
        if METRICS.get(&tx, &series.parts()).await?.is_some_and(|row| gone(&row)) {
            METRICS.delete(&tx, &series.parts());
            self.ledger.commit(tx).await?;
        }
        Ok(())
    }

    async fn forget_history(&self, now: Timestamp) -> Result<(), JobError> {
        let mut last: Option<[String; 3]> = None;
        loop {
            let tx = self.ledger.begin();
            let Some(next) = next_alarm(&tx, &[], last.as_ref()).await? else { return Ok(()) };
            let [account, region, alarm] = &next;
            let history = Of { account, region, alarm };
            let old = history.page(&tx, (0, kept_since(now)), None, false, BATCH).await?;
            drop(tx);
            if old.is_empty() {
                last = Some(next);
                continue;
            }
            let tx = self.ledger.begin();
            old.into_iter().for_each(|(key, _)| tx.delete(key));
            self.ledger.commit(tx).await?;
        }
    }
}

#[async_trait]
impl Task for Retention {
    fn name(&self) -> &'static str {
        "metrics-retention"
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        self.forget_metrics(now).await?;
        self.forget_history(now).await?;
        Ok(Next::At(after(now, PAUSE)))
    }
}
