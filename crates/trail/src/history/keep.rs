//! Keeps the history: takes records in, lets go of those that are too old.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use foldhash::fast::RandomState;

use keeptrail_clock::{Timestamp, after, before};
use keeptrail_jobs::{JobError, Next, Parsed, Reader, Task};
use keeptrail_journal::Ledger;
use keeptrail_store::{Scan, Tx};

use super::{
    attribute::{Kind, each_value},
    chunk::{self, FULL, Facts, OPEN, Open, SPAN},
    index::hash,
};

/// "View events from the past 90 days".
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
const SWEEP: Duration = Duration::from_secs(3600);
/// Chunks removed in one transaction.
const AT_ONCE: usize = 256;

/// Takes management events in, trail or no trail.
pub struct HistoryReader;

/// A record with its time, in seconds since 1970.
struct Taken<'r> {
    time: i64,
    record: &'r Parsed<'r>,
}

#[async_trait::async_trait]
impl Reader for HistoryReader {
    fn name(&self) -> &'static str {
        "trail.history"
    }

    async fn apply(&self, tx: &Tx, records: &[Parsed<'_>]) -> Result<(), JobError> {
        let mut batches: BTreeMap<(&str, &str), Vec<Taken<'_>>> = BTreeMap::new();
        for record in records.iter().filter(|record| record.member("eventCategory") == "Management") {
            let Some(time) = record.time else {
                tracing::error!(seq = record.seq, "a record without a time is not in the history");
                continue;
            };
            let place = (record.member("recipientAccountId"), record.member("awsRegion"));
            batches.entry(place).or_default().push(Taken { time: chunk::seconds(time), record });
        }
        for ((account, region), records) in batches {
            add(tx, account, region, &records).await?;
        }
        Ok(())
    }
}

/// A chunk in memory.
struct Growing<'r> {
    facts: Facts,
    text: String,
    values: Values<'r>,
}

/// The hashes of values. Most records share most of their values: each is hashed once.
#[derive(Default)]
struct Values<'r> {
    seen: HashSet<(Kind, &'r str), RandomState>,
    hashes: Vec<u32>,
}

impl<'r> Values<'r> {
    fn add(&mut self, kind: Kind, value: &'r str) {
        // No two records have the same id.
        if kind == Kind::Id || self.seen.insert((kind, value)) {
            self.hashes.push(hash(kind.name(), value));
        }
    }
}

impl<'r> Growing<'r> {
    fn new(first: &Taken<'_>) -> Self {
        let facts = Facts { oldest: first.time, newest: first.time, first: first.record.seq, ..Facts::default() };
        Self { facts, text: String::new(), values: Values::default() }
    }

    fn takes(&self, record: &Taken<'_>) -> bool {
        let (oldest, newest) = (self.facts.oldest.min(record.time), self.facts.newest.max(record.time));
        self.text.len() < FULL && newest - oldest <= SPAN
    }

    fn push(&mut self, taken: &Taken<'r>) {
        let Taken { time, record } = *taken;
        self.facts.oldest = self.facts.oldest.min(time);
        self.facts.newest = self.facts.newest.max(time);
        chunk::push_line(&mut self.text, record.seq, time, record.text);
        each_value(&record.document, |kind, value| self.values.add(kind, value));
    }

    fn write(mut self, tx: &Tx, account: &str, region: &str) -> Facts {
        self.facts.index.add(self.values.hashes);
        self.facts.put(tx, account, region);
        chunk::write(tx, account, region, self.facts.first, &self.text);
        self.facts
    }
}

/// Adds records to the open chunk, and begins new ones.
async fn add(tx: &Tx, account: &str, region: &str, records: &[Taken<'_>]) -> Result<(), JobError> {
    let mut growing: Option<Growing<'_>> = None;
    if let Some(facts) = chunk::open(tx, account, region).await? {
        let text = chunk::read(tx, account, region, &facts).await?;
        // Its facts are written anew: the time of the newest record is in their key.
        facts.delete(tx, account, region);
        growing = Some(Growing { facts, text, values: Values::default() });
    }
    for record in records {
        if let Some(full) = growing.take_if(|growing| !growing.takes(record)) {
            full.write(tx, account, region);
        }
        growing.get_or_insert_with(|| Growing::new(record)).push(record);
    }
    let last = growing.map(|growing| growing.write(tx, account, region));
    let chunk = last.map(|facts| (facts.newest, facts.first));
    OPEN.put(tx, &[account, region], &Open { chunk })?;
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

    /// Removes some old chunks of a place; `false` when there are no more.
    async fn sweep(&self, account: &str, region: &str, limit: i64) -> Result<bool, JobError> {
        let tx = self.ledger.begin();
        let scan = Scan {
            from: chunk::facts(account, region),
            to: chunk::facts_from(account, region, limit),
            limit: AT_ONCE,
            reverse: false,
        };
        let open = chunk::open(&tx, account, region).await?;
        let old = tx.scan(&scan).await?;
        for (key, row) in &old {
            let facts = Facts::from_bytes(row.bytes())?;
            if open.as_ref() == Some(&facts) {
                OPEN.put(&tx, &[account, region], &Open::default())?;
            }
            tx.delete(chunk::data_key(account, region, facts.first));
            tx.delete(key.clone());
        }
        if tx.has_writes() {
            self.ledger.commit(tx).await?;
        }
        Ok(old.len() == AT_ONCE)
    }
}

#[async_trait::async_trait]
impl Task for HistoryRetention {
    fn name(&self) -> &'static str {
        "trail.history-retention"
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        let limit = chunk::seconds(before(now, KEPT));
        for (key, _) in OPEN.all(&self.ledger.begin(), &[]).await? {
            let parts = key.parts();
            let [_, account, region] = parts.as_slice() else { continue };
            if self.sweep(account, region, limit).await? {
                return Ok(Next::Now);
            }
        }
        Ok(Next::At(after(now, SWEEP)))
    }
}
