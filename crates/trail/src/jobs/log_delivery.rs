//! Delivers records to log groups, in the reader's own transaction: metric filters and alarms follow in it, exactly once.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Reader};
use keeptrail_journal::Entry;
use keeptrail_store::Tx;
use serde_json::Value;

use crate::{
    Trails,
    model::{LOG_STATUS, LogStatus, TrailSet, of_account},
    ports::{LogProblem, TrailEvent},
};

/// CloudTrail does not send larger records to log groups.
const LARGEST: usize = 256 * 1024;

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
        let mut sets: HashMap<&str, Option<Arc<TrailSet>>> = HashMap::new();
        // By group, stream, trail: one append each.
        let mut deliveries: BTreeMap<(String, String, String), Vec<TrailEvent<'_>>> = BTreeMap::new();
        for entry in entries {
            let record = entry.json();
            let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
            let account = text("recipientAccountId");
            if !sets.contains_key(account) {
                sets.insert(account, of_account(tx, account).await?);
            }
            let Some(Some(set)) = sets.get(account) else { continue };
            let Ok(message) = std::str::from_utf8(&entry.record) else { continue };
            for trail in set.trails.values() {
                let Some(group) = &trail.group_arn else { continue };
                if message.len() <= LARGEST && trail.takes(record) {
                    let stream = format!("{account}_CloudTrail_{}", text("awsRegion"));
                    let time = text("eventTime").parse::<Timestamp>().unwrap_or_else(|_| tx.now());
                    let event = TrailEvent { time: time.as_millisecond(), message, json: record };
                    deliveries.entry((group.clone(), stream, trail.arn.clone())).or_default().push(event);
                }
            }
        }
        for ((group, stream, trail), events) in deliveries {
            let before = LOG_STATUS.get(tx, &[&trail]).await?;
            let delivered = before.and_then(|status| status.delivered);
            let status = match self.trails.logs.append(tx, &group, &stream, &events).await {
                Ok(()) => LogStatus { delivered: Some(tx.now()), error: None },
                Err(LogProblem::Store(error)) => return Err(error.into()),
                // A group that has gone must not hold up the other trails: the trail's status tells.
                Err(problem) => LogStatus { delivered, error: Some(problem.to_string()) },
            };
            LOG_STATUS.put(tx, &[&trail], &status)?;
        }
        Ok(())
    }
}
