//! Keeps the day on which each secret was last read, from the journal: a read itself changes nothing.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Reader};
use keeptrail_journal::Entry;
use keeptrail_store::Tx;
use serde::{Deserialize, de::IgnoredAny};

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
        for (arn, day) in entries.iter().filter_map(|entry| read(&entry.record)) {
            let latest = days.entry(arn).or_insert(day);
            *latest = (*latest).max(day);
        }
        for (arn, day) in &days {
            // One write a secret and day.
            if ACCESSED.get(tx, &[arn]).await?.is_none_or(|known| *known < *day) {
                ACCESSED.put(tx, &[arn], day)?;
            }
        }
        Ok(())
    }
}

/// What is read of a record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read<'a> {
    #[serde(borrow)]
    event_name: Cow<'a, str>,
    event_time: Timestamp,
    #[serde(default)]
    error_code: Option<IgnoredAny>,
    #[serde(borrow, default)]
    resources: Vec<Touched<'a>>,
}

#[derive(Deserialize)]
struct Touched<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, rename = "ARN")]
    arn: Cow<'a, str>,
}

/// The secret that a record says was read, and the day: LastAccessedDate has day resolution.
fn read(record: &[u8]) -> Option<(Cow<'_, str>, Timestamp)> {
    let read: Read<'_> = serde_json::from_slice(record).ok()?;
    if read.event_name != "GetSecretValue" || read.error_code.is_some() {
        return None;
    }
    let secret = read.resources.into_iter().find(|resource| resource.kind == SECRET)?;
    let day = Timestamp::from_second(read.event_time.as_second().div_euclid(DAY) * DAY).ok()?;
    Some((secret.arn, day))
}
