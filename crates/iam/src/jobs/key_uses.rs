//! Keeps when each access key was last used, from the journal: a call itself changes nothing.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Reader};
use keeptrail_journal::Entry;
use keeptrail_store::Tx;
use serde::Deserialize;

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
        let latest: BTreeMap<_, _> = entries.iter().filter_map(|entry| used(&entry.record)).collect();
        for (id, key_use) in &latest {
            // A key that has gone meanwhile leaves nothing behind; one in use is written once a minute.
            let known = KEY_USES.get(tx, &[id]).await?;
            if known.is_none_or(|known| *known != *key_use) && KEYS.get(tx, &[id]).await?.is_some() {
                KEY_USES.put(tx, &[id], key_use)?;
            }
        }
        Ok(())
    }
}

/// What is read of a record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed<'a> {
    #[serde(borrow)]
    user_identity: Caller<'a>,
    event_time: Timestamp,
    #[serde(borrow)]
    event_source: Cow<'a, str>,
    #[serde(borrow)]
    aws_region: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Caller<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    access_key_id: Cow<'a, str>,
}

/// The access key that signed the recorded call, and its use. A caller whose signature did not hold is of the type
/// `Unknown`: what it presented was not used.
fn used(record: &[u8]) -> Option<(Cow<'_, str>, KeyUse)> {
    let signed: Signed<'_> = serde_json::from_slice(record).ok()?;
    if !matches!(&*signed.user_identity.kind, "IAMUser" | "Root") {
        return None;
    }
    let time = Timestamp::from_second(signed.event_time.as_second().div_euclid(MINUTE) * MINUTE).ok()?;
    let service = signed.event_source.split('.').next()?.to_owned();
    Some((signed.user_identity.access_key_id, KeyUse { time, service, region: signed.aws_region.into_owned() }))
}
