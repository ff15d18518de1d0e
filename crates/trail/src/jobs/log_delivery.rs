//! Delivers records to log groups, in the reader's own transaction: metric filters and alarms follow in it, exactly once.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Reader};
use keeptrail_journal::Entry;
use keeptrail_pattern::document::Document;
use keeptrail_store::Tx;

use crate::{
    Trails,
    model::{LOG_STATUS, LogStatus, TrailSet, of_account},
    ports::{LogProblem, TrailEvent},
};

/// CloudTrail does not send larger records to log groups.
const LARGEST: usize = 256 * 1024;
/// The member that says whose trails a record belongs to.
const ACCOUNT: &str = "recipientAccountId";

/// The reader.
pub struct LogDelivery {
    trails: Arc<Trails>,
}

impl LogDelivery {
    /// The reader that delivers for these trails.
    #[must_use]
    pub fn new(trails: Arc<Trails>) -> Self {
        Self { trails }
    }
}

#[async_trait::async_trait]
impl Reader for LogDelivery {
    fn name(&self) -> &'static str {
        "trail.logs"
    }

    async fn apply(&self, tx: &Tx, entries: &[Arc<Entry>]) -> Result<(), JobError> {
        let records: Vec<_> = entries.iter().filter_map(|entry| parsed(entry)).collect();
        let mut sets: HashMap<&str, Option<Arc<TrailSet>>> = HashMap::new();
        for (_, record) in &records {
            let account = record.text(ACCOUNT).unwrap_or_default();
            if !sets.contains_key(account) {
                sets.insert(account, of_account(tx, account).await?);
            }
        }
        // By group, account, region, trail: one append each.
        let mut deliveries: BTreeMap<[&str; 4], Vec<TrailEvent<'_>>> = BTreeMap::new();
        for (message, record) in &records {
            let text = |name: &str| record.text(name).unwrap_or_default();
            let account = text(ACCOUNT);
            let Some(Some(set)) = sets.get(account) else { continue };
            for trail in set.trails.values() {
                let Some(group) = &trail.group_arn else { continue };
                if message.len() <= LARGEST && trail.takes(record) {
                    let time = text("eventTime").parse::<Timestamp>().unwrap_or_else(|_| tx.now());
                    let event = TrailEvent { time: time.as_millisecond(), message, document: record };
                    deliveries.entry([group, account, text("awsRegion"), &trail.arn]).or_default().push(event);
                }
            }
        }
        for ([group, account, region, trail], events) in deliveries {
            let stream = format!("{account}_CloudTrail_{region}");
            let before = LOG_STATUS.get(tx, &[trail]).await?;
            let delivered = before.and_then(|status| status.delivered);
            let status = match self.trails.logs.append(tx, group, &stream, &events).await {
                Ok(()) => LogStatus { delivered: Some(tx.now()), error: None },
                Err(LogProblem::Store(error)) => return Err(error.into()),
                // A group that has gone must not hold up the other trails: the trail's status tells.
                Err(problem) => LogStatus { delivered, error: Some(problem.to_string()) },
            };
            LOG_STATUS.put(tx, &[trail], &status)?;
        }
        Ok(())
    }
}

/// A record's text, and taken apart.
fn parsed(entry: &Entry) -> Option<(&str, Document<'_>)> {
    let text = std::str::from_utf8(&entry.record).ok()?;
    let document = Document::parse(text)
        .inspect_err(|error| tracing::error!(seq = entry.seq, %error, "a record cannot be read and is not delivered"));
    Some((text, document.ok()?))
}
