//! Keeps the day on which each secret was last read, from the journal: a read itself changes nothing.

use std::{collections::BTreeMap, sync::Arc};

use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Reader};
use keeptrail_journal::Entry;
use keeptrail_store::Tx;
use serde_json::Value;

use crate::{condition::SECRET, model::ACCESSED};

const DAY: i64 = 24 * 3600;

/// The reader.
pub struct LastAccess;

#[async_trait::async_trait]
impl Reader for LastAccess {
    fn name(&self) -> &'static str {
        "secrets.last-access"
    }

    async fn apply(&self, tx: &Tx, entries: &[Arc<Entry>]) -> Result<(), JobError> {
        let mut days = BTreeMap::new();
        for (arn, day) in entries.iter().filter_map(|entry| read(entry.json())) {
            let latest = days.entry(arn).or_insert(day);
            *latest = (*latest).max(day);
        }
        for (arn, day) in days {
            // One write a secret and day.
            if ACCESSED.get(tx, &[arn]).await?.is_none_or(|known| *known < day) {
                ACCESSED.put(tx, &[arn], &day)?;
            }
        }
        Ok(())
    }
}

/// The secret that a record says was read, and the day: LastAccessedDate has day resolution.
fn read(record: &Value) -> Option<(&str, Timestamp)> {
    if record.get("eventName")? != "GetSecretValue" || record.get("errorCode").is_some() {
        return None;
    }
    let resource = record
        .get("resources")?
        .as_array()?
        .iter()
        .find(|resource| resource.get("type").is_some_and(|kind| kind == SECRET))?;
    let time: Timestamp = record.get("eventTime")?.as_str()?.parse().ok()?;
    let day = Timestamp::from_second(time.as_second().div_euclid(DAY) * DAY).ok()?;
    Some((resource.get("ARN")?.as_str()?, day))
}
