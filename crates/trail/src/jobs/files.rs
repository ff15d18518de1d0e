//! Writes log files: at an interval, each trail's records since the last time.
//!
//! A file's name follows from the trail and the cursor. What will be written is planned in the store first, then written,
//! then the cursor is moved: a crash in between only means that the same files are written again.

use std::{collections::BTreeMap, io::Write, sync::Arc, time::Duration};

use aws_lc_rs::digest;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use keeptrail_clock::{Timestamp, after};
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_journal::{Entry, Ledger};
use keeptrail_pattern::document::Document;
use keeptrail_store::{Key, Tx};

use crate::{
    Trails,
    model::{DELIVERIES, Delivery, Plan, TRAILS, Trail},
};

/// "Up to 50 MB uncompressed": a plan takes no more than this of the journal.
const MOST_BYTES: usize = 32 << 20;
const MOST_ENTRIES: usize = 100_000;
const SUFFIX_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The task.
pub struct LogFiles {
    trails: Arc<Trails>,
    ledger: Ledger,
    interval: Duration,
}

impl LogFiles {
    /// A task that writes each trail's files every `interval`.
    #[must_use]
    pub fn new(trails: Arc<Trails>, ledger: Ledger, interval: Duration) -> Self {
        Self { trails, ledger, interval }
    }

    /// The first journal entry that some trail still has to write is after this one: older ones may be retired.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn written_by_all(ledger: &Ledger) -> Result<u64, keeptrail_store::StoreError> {
        let tx = ledger.begin();
        let deliveries = DELIVERIES.all(&tx, &[]).await?;
        Ok(deliveries.iter().map(|(_, delivery)| delivery.cursor).min().unwrap_or(u64::MAX))
    }
}

#[async_trait::async_trait]
impl Task for LogFiles {
    fn name(&self) -> &'static str {
        "trail.files"
    }

    fn watches(&self) -> Vec<Key> {
        vec![TRAILS.key(&[])]
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        let tx = self.ledger.begin();
        let sets = TRAILS.all(&tx, &[]).await?;
        let mut next = None;
        for trail in sets.iter().flat_map(|(_, set)| set.trails.values()) {
            let due = self.deliver(trail, now).await?;
            next = match (next, due) {
                (Some(next), Some(due)) => Some(std::cmp::min::<Timestamp>(next, due)),
                (one, other) => one.or(other),
            };
        }
        Ok(next.map_or(Next::Woken, |next| if next <= now { Next::Now } else { Next::At(next) }))
    }
}

impl LogFiles {
    /// Does what is due for one trail; returns when it is due again.
    async fn deliver(&self, trail: &Trail, now: Timestamp) -> Result<Option<Timestamp>, JobError> {
        let tx = self.ledger.begin();
        let Some(delivery) = DELIVERIES.get(&tx, &[&trail.arn]).await? else { return Ok(None) };
        let mut delivery = Delivery::clone(&delivery);
        let plan = match (&delivery.plan, delivery.due) {
            (Some(plan), _) => plan.clone(),
            // A trail that was stopped still writes what it had taken until then.
            (None, Some(due)) if due > now => return Ok(Some(due)),
            (None, _) => {
                let head = self.read(delivery.cursor).await?.last().map(|entry| entry.seq);
                let Some(to) = head else {
                    delivery.due = Some(after(now, self.interval));
                    return if trail.logging { self.save(tx, trail, &delivery).await } else { Ok(None) };
                };
                let plan = Plan { to, at: now };
                delivery.plan = Some(plan.clone());
                self.save(tx, trail, &delivery).await?;
                plan
            }
        };
        let tx = self.ledger.begin();
        // The row is read again, so that this transaction ends the plan that it began with.
        DELIVERIES.get(&tx, &[&trail.arn]).await?;
        let entries = self.read(delivery.cursor).await?;
        let full = entries.len() >= MOST_ENTRIES;
        let written = self.write(trail, &delivery, &plan, entries).await;
        delivery.attempted = Some(now);
        match written {
            Ok(files) => {
                delivery.cursor = plan.to;
                delivery.plan = None;
                delivery.error = None;
                if files > 0 {
                    delivery.delivered = Some(now);
                }
            }
            Err(error) => delivery.error = Some(error),
        }
        let more = self.ledger.journal().head() > plan.to && delivery.error.is_none() && full;
        delivery.due = Some(if more { now } else { after(now, self.interval) });
        if delivery.error.is_some() {
            // The plan stays; it is tried again at the next interval.
            let due = delivery.due;
            self.save(tx, trail, &delivery).await?;
            return Ok(due);
        }
        self.save(tx, trail, &delivery).await
    }

    async fn save(&self, tx: Tx, trail: &Trail, delivery: &Delivery) -> Result<Option<Timestamp>, JobError> {
        DELIVERIES.put(&tx, &[&trail.arn], delivery)?;
        self.ledger.commit(tx).await?;
        Ok(delivery.due)
    }

    async fn read(&self, cursor: u64) -> Result<Vec<Arc<Entry>>, JobError> {
        Ok(self.ledger.journal().read(cursor, MOST_ENTRIES, MOST_BYTES).await?)
    }

    /// Writes the files of a plan, one a region; returns how many.
    async fn write(
        &self,
        trail: &Trail,
        delivery: &Delivery,
        plan: &Plan,
        mut entries: Vec<Arc<Entry>>,
    ) -> Result<usize, String> {
        entries.retain(|entry| entry.seq <= plan.to);
        let chosen = trail.clone();
        // A full plan takes a good part of a second: the runtime's threads are for requests.
        let packed = tokio::task::spawn_blocking(move || pack(&chosen, &entries)).await;
        let files = packed.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        let count = files.len();
        for (region, body) in files {
            let key = key(trail, &region, plan.at, delivery.cursor);
            let put = self.trails.objects.put(&trail.account, &trail.bucket, &key, &trail.arn, body, BTreeMap::new());
            put.await.map_err(|problem| problem.to_string())?;
        }
        Ok(count)
    }
}

/// The key of a log file ("CloudTrail log file name format" in the user guide).
fn key(trail: &Trail, region: &str, at: Timestamp, cursor: u64) -> String {
    let account = &trail.account;
    let day = at.strftime("%Y/%m/%d");
    let stamp = at.strftime("%Y%m%dT%H%MZ");
    let suffix = suffix(&format!("{}\n{region}\n{cursor}", trail.arn));
    format!(
        "{}AWSLogs/{account}/CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{stamp}_{suffix}.json.gz",
        trail.key_prefix()
    )
}

/// 16 letters and digits that follow from `text`.
fn suffix(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let letters =
        hash.as_ref().iter().take(16).filter_map(|byte| SUFFIX_LETTERS.get(usize::from(*byte) % SUFFIX_LETTERS.len()));
    letters.map(|letter| char::from(*letter)).collect()
}

/// The bodies of the files, by region: the records that the trail takes.
fn pack(trail: &Trail, entries: &[Arc<Entry>]) -> std::io::Result<BTreeMap<String, Bytes>> {
    let mut files: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        let Ok(record) =
            std::str::from_utf8(&entry.record).map_err(drop).and_then(|text| Document::parse(text).map_err(drop))
        else {
            tracing::error!(seq = entry.seq, "a record cannot be read and is not delivered");
            continue;
        };
        let own = record.text("recipientAccountId") == Some(trail.account.as_str());
        if own && trail.takes(&record) {
            let region = record.text("awsRegion").unwrap_or(&trail.region);
            match files.get_mut(region) {
                Some(records) => records.push(entry),
                None => drop(files.insert(region.to_owned(), vec![entry])),
            }
        }
    }
    files.into_iter().map(|(region, records)| Ok((region, compress(&records)?))).collect()
}

/// `{"Records":[…]}` of the records, verbatim, as one gzip stream.
fn compress(records: &[&Entry]) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(b"{\"Records\":[")?;
    for (index, entry) in records.iter().enumerate() {
        if index > 0 {
            encoder.write_all(b",")?;
        }
        encoder.write_all(&entry.record)?;
    }
    encoder.write_all(b"]}")?;
    Ok(Bytes::from(encoder.finish()?))
}
