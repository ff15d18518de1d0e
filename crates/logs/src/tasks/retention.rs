//! Deletes events that have reached their group's retention time.

use std::time::Duration;

use async_trait::async_trait;
use keeptrail_clock::{Timestamp, after};
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_journal::Ledger;
use keeptrail_store::{Key, Scan};

use crate::{
    chunk::{Chunk, minute, minute_of},
    model::{GROUPS, Place, STREAMS, Stream, expired_before},
};

/// So many rows are read or deleted at once.
const BATCH: usize = 128;
/// How often.
const PAUSE: Duration = Duration::from_secs(3_600);

/// Deletes chunks all of whose events have expired, each hour. Readers do not see expired events in any case.
pub struct Retention {
    ledger: Ledger,
}

impl Retention {
    /// The task over the store of `ledger`.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }

    async fn clean_group(&self, [account, region, group]: [&str; 3], before: i64) -> Result<(), JobError> {
        let mut after: Option<Key> = None;
        loop {
            let tx = self.ledger.begin();
            let streams = STREAMS.page(&tx, &[account, region, group], after.as_ref(), BATCH).await?;
            drop(tx);
            let Some((last, _)) = streams.last() else { return Ok(()) };
            after = Some(last.clone());
            for (_, stream) in &streams {
                if stream.first_event.is_some_and(|first| first < before) {
                    let place = Place { account, region, group, stream: stream.id };
                    while self.clean_stream(place, &stream.name, before).await? {}
                }
            }
        }
    }

    /// Deletes expired chunks of a stream; `false` when none were left.
    async fn clean_stream(&self, place: Place<'_>, name: &str, before: i64) -> Result<bool, JobError> {
        let reading = self.ledger.begin();
        let from = place.chunks();
        let to = place.chunks().number(u64::try_from(minute(before)).unwrap_or(0));
        let expired = reading.scan(&Scan { from, to: to.clone(), limit: BATCH, reverse: false }).await?;
        let rest = Scan { from: to, to: place.chunks().end(), limit: BATCH, reverse: false };
        let rest = if expired.is_empty() { Vec::new() } else { reading.scan(&rest).await? };
        drop(reading);
        if expired.is_empty() {
            return Ok(false);
        }
        let first_minute = rest.first().map(|(key, _)| minute_of(key)).transpose()?;
        let mut first_event: Option<i64> = None;
        for (key, row) in &rest {
            if Some(minute_of(key)?) == first_minute {
                let min = Chunk::open(row.bytes())?.header.min;
                first_event = Some(first_event.map_or(min, |first| first.min(min)));
            }
        }
        let tx = self.ledger.begin();
        let mut freed = 0;
        for (key, row) in expired {
            freed += Chunk::open(row.bytes())?.header.stored;
            tx.delete(key);
        }
        let parts = [place.account, place.region, place.group, name];
        if let Some(stream) = STREAMS.get(&tx, &parts).await?.filter(|stream| stream.id == place.stream) {
            let stored_bytes = stream.stored_bytes.saturating_sub(freed);
            let first_event = first_event.or(stream.last_event.filter(|last| *last >= before));
            STREAMS.put(&tx, &parts, &Stream { stored_bytes, first_event, ..Stream::clone(&stream) })?;
        }
        self.ledger.commit(tx).await?;
        Ok(true)
    }
}

#[async_trait]
impl Task for Retention {
    fn name(&self) -> &'static str {
        "log-retention"
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        let mut last: Option<Key> = None;
        loop {
            let tx = self.ledger.begin();
            let groups = GROUPS.page(&tx, &[], last.as_ref(), BATCH).await?;
            drop(tx);
            let Some((end, _)) = groups.last() else { return Ok(Next::At(after(now, PAUSE))) };
            last = Some(end.clone());
            for (key, group) in &groups {
                let Some(before) = expired_before(group, now.as_millisecond()) else { continue };
                let parts = key.parts();
                let [_, account, region, _] = parts.as_slice() else {
                    return Err(JobError::failed("a log group has a malformed key"));
                };
                self.clean_group([account, region, &group.id], before).await?;
            }
        }
    }
}
