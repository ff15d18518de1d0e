//! Keeps the history: takes records in, lets go of those that are too old.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc, time::Duration};

use keeptrail_clock::{Timestamp, after, before};
use keeptrail_jobs::{JobError, Next, Reader, Task};
use keeptrail_journal::{Entry, Ledger};
use keeptrail_store::Tx;
use serde::Deserialize;

use super::chunk::{self, CHUNKS, Chunk, FULL, OPEN, Open};

/// "View events from the past 90 days".
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
const SWEEP: Duration = Duration::from_secs(3600);
/// Chunks removed in one transaction.
const AT_ONCE: usize = 256;

/// What decides about a record's place.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    #[serde(borrow)]
    event_category: Cow<'a, str>,
    event_time: Timestamp,
    #[serde(borrow)]
    recipient_account_id: Cow<'a, str>,
    #[serde(borrow)]
    aws_region: Cow<'a, str>,
}

/// Takes management events in, trail or no trail.
pub struct HistoryReader;

#[async_trait::async_trait]
impl Reader for HistoryReader {
    fn name(&self) -> &'static str {
        "trail.history"
    }

    async fn apply(&self, tx: &Tx, entries: &[Arc<Entry>]) -> Result<(), JobError> {
        let mut batches: BTreeMap<(Cow<'_, str>, Cow<'_, str>), Vec<(u64, i64, &str)>> = BTreeMap::new();
        for entry in entries {
            let Ok(text) = std::str::from_utf8(&entry.record) else { continue };
            let head: Head<'_> = match serde_json::from_str(text) {
                Ok(head) => head,
                Err(error) => {
                    tracing::error!(seq = entry.seq, %error, "a record cannot be read and is not in the history");
                    continue;
                }
            };
            if head.event_category == "Management" {
                let place = (head.recipient_account_id, head.aws_region);
                batches.entry(place).or_default().push((entry.seq, chunk::seconds(head.event_time), text));
            }
        }
        for ((account, region), records) in batches {
            add(tx, &account, &region, &records).await?;
        }
        Ok(())
    }
}

/// Adds records to the open chunk, or begins a new one.
async fn add(tx: &Tx, account: &str, region: &str, records: &[(u64, i64, &str)]) -> Result<(), JobError> {
    let place = [account, region];
    let open = OPEN.get(tx, &place).await?.map(|open| open.chunk.clone());
    let (mut chunk, mut text) = match open {
        Some(open) => {
            let text = chunk::read(tx, account, region, &open).await?;
            let [newest, first] = chunk::parts(&open);
            CHUNKS.delete(tx, &[account, region, &newest, &first]);
            (open, text)
        }
        None => {
            let Some((first, time, _)) = records.first() else { return Ok(()) };
            (Chunk { oldest: *time, newest: *time, first: *first, records: 0, bytes: 0 }, String::new())
        }
    };
    for (seq, time, record) in records {
        text.push_str(&chunk::line(*seq, *time, record));
        chunk.oldest = chunk.oldest.min(*time);
        chunk.newest = chunk.newest.max(*time);
    }
    chunk.records += records.len();
    chunk.bytes = text.len();
    let [newest, first] = chunk::parts(&chunk);
    CHUNKS.put(tx, &[account, region, &newest, &first], &chunk)?;
    chunk::write(tx, account, region, chunk.first, &text);
    if chunk.bytes < FULL {
        OPEN.put(tx, &place, &Open { chunk })?;
    } else {
        OPEN.delete(tx, &place);
    }
    Ok(())
}

/// Lets go of chunks whose newest record is older than 90 days.
pub struct HistoryRetention {
    ledger: Ledger,
}

impl HistoryRetention {
    /// A task that commits through `ledger`.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }
}

#[async_trait::async_trait]
impl Task for HistoryRetention {
    fn name(&self) -> &'static str {
        "trail.history-retention"
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        let limit = chunk::seconds(before(now, KEPT));
        let mut last = None;
        loop {
            let tx = self.ledger.begin();
            let page = CHUNKS.page(&tx, &[], last.as_ref(), AT_ONCE).await?;
            let Some((key, _)) = page.last() else { return Ok(Next::At(after(now, SWEEP))) };
            last = Some(key.clone());
            for (key, old) in page.iter().filter(|(_, chunk)| chunk.newest < limit) {
                let parts = key.parts();
                let [_, account, region, ..] = parts.as_slice() else { continue };
                // An open chunk that has grown old is closed with it.
                OPEN.delete(&tx, &[account, region]);
                tx.delete(chunk::data_key(account, region, old.first));
                tx.delete(key.clone());
            }
            if tx.has_writes() {
                self.ledger.commit(tx).await?;
            }
        }
    }
}
