//! Keeps when each access key was last used, from the journal: a call itself changes nothing.

use std::{collections::BTreeMap, sync::Arc};

use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Reader};
use keeptrail_journal::Entry;
use keeptrail_store::Tx;
use serde_json::Value;

use crate::model::{KEY_USES, KEYS, KeyUse};

const MINUTE: i64 = 60;

/// The reader.
pub struct KeyUses;

#[async_trait::async_trait]
impl Reader for KeyUses {
    fn name(&self) -> &'static str {
        "iam.key-uses"
    }

    async fn apply(&self, tx: &Tx, entries: &[Arc<Entry>]) -> Result<(), JobError> {
        let latest: BTreeMap<&str, KeyUse> = entries.iter().filter_map(|entry| used(entry.json())).collect();
        for (id, key_use) in latest {
            // A key that has gone meanwhile leaves nothing behind; one in use is written once a minute.
            let known = KEY_USES.get(tx, &[id]).await?;
            if known.is_none_or(|known| *known != key_use) && KEYS.get(tx, &[id]).await?.is_some() {
                KEY_USES.put(tx, &[id], &key_use)?;
            }
        }
        Ok(())
    }
}

/// The access key that signed the recorded call, and its use. A caller whose signature did not hold is of the type
/// `Unknown`: what it presented was not used.
fn used(record: &Value) -> Option<(&str, KeyUse)> {
    let text = |name: &str| record.get(name).and_then(Value::as_str);
    let identity = record.get("userIdentity")?;
    if !matches!(identity.get("type")?.as_str()?, "IAMUser" | "Root") {
        return None;
    }
    let time: Timestamp = text("eventTime")?.parse().ok()?;
    let time = Timestamp::from_second(time.as_second().div_euclid(MINUTE) * MINUTE).ok()?;
    let service = text("eventSource")?.split('.').next()?.to_owned();
    let region = text("awsRegion")?.to_owned();
    Some((identity.get("accessKeyId")?.as_str()?, KeyUse { time, service, region }))
}
