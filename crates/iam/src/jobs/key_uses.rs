//! Keeps when each access key was last used, from the journal: a call itself changes nothing.

use std::collections::BTreeMap;

use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Parsed, Reader};
use keeptrail_store::Tx;

use crate::model::{KEY_USES, KEYS, KeyUse};

const MINUTE: i64 = 60;

/// The reader.
pub struct KeyUses;

#[async_trait::async_trait]
impl Reader for KeyUses {
    fn name(&self) -> &'static str {
        "iam.key-uses"
    }

    async fn apply(&self, tx: &Tx, records: &[Parsed<'_>]) -> Result<(), JobError> {
        // The last record of a key tells.
        let latest: BTreeMap<&str, &Parsed<'_>> =
            records.iter().filter_map(|record| Some((signer(record)?, record))).collect();
        for (id, record) in latest {
            let Some(key_use) = key_use(record) else { continue };
            // A key that has gone meanwhile leaves nothing behind; one in use is written once a minute.
            let known = KEY_USES.get(tx, &[id]).await?;
            if known.is_none_or(|known| *known != key_use) && KEYS.get(tx, &[id]).await?.is_some() {
                KEY_USES.put(tx, &[id], &key_use)?;
            }
        }
        Ok(())
    }
}

/// The access key that signed the recorded call. A caller whose signature did not hold is of the type `Unknown`: what it
/// presented was not used.
fn signer<'r>(record: &'r Parsed<'_>) -> Option<&'r str> {
    let caller = record.document.root().member("userIdentity")?;
    caller.text("accessKeyId").filter(|_| matches!(caller.text("type"), Some("IAMUser" | "Root")))
}

/// The use of the key that signed.
fn key_use(record: &Parsed<'_>) -> Option<KeyUse> {
    let time = Timestamp::from_second(record.time?.as_second().div_euclid(MINUTE) * MINUTE).ok()?;
    let service = record.document.text("eventSource")?.split('.').next()?.to_owned();
    Some(KeyUse { time, service, region: record.document.text("awsRegion")?.to_owned() })
}
