//! Keeps the day on which each secret and version was last read, from the journal: a read itself changes nothing.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Reader};
use keeptrail_journal::Entry;
use keeptrail_store::{StoreError, Tx};
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    condition::SECRET,
    model::{ACCESSED, Accessed, CURRENT, Secret, of_arn},
};

const DAY: i64 = 24 * 3600;

/// The reader.
pub struct LastAccess;

#[async_trait::async_trait]
impl Reader for LastAccess {
    fn name(&self) -> &'static str {
        "secrets.last-access"
    }

    async fn apply(&self, tx: &Tx, entries: &[Arc<Entry>]) -> Result<(), JobError> {
        let mut reads: BTreeMap<Cow<'_, str>, BTreeMap<Asked<'_>, Timestamp>> = BTreeMap::new();
        for (arn, asked, day) in entries.iter().filter_map(|entry| read(&entry.record)) {
            let latest = reads.entry(arn).or_default().entry(asked).or_insert(day);
            *latest = (*latest).max(day);
        }
        for (arn, asked) in &reads {
            note(tx, arn, asked).await?;
        }
        Ok(())
    }
}

/// Which version was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Asked<'a> {
    Id(Cow<'a, str>),
    Label(Cow<'a, str>),
}

impl Asked<'_> {
    /// The version's id. A record names the label that the caller named: it counts for the version that has the label when
    /// the record is read, a moment later.
    fn version<'s>(&self, secret: &'s Secret) -> Option<&'s str> {
        match self {
            Self::Id(id) => secret.version(id),
            Self::Label(label) => secret.labelled(label),
        }
        .map(|version| version.id.as_str())
    }
}

/// Notes the days, with one write a day for each secret and version.
async fn note(tx: &Tx, arn: &str, asked: &BTreeMap<Asked<'_>, Timestamp>) -> Result<(), StoreError> {
    let known = ACCESSED.get(tx, &[arn]).await?;
    let mut accessed = known.as_ref().map(|known| Accessed::clone(known)).unwrap_or_default();
    let Some(secret) = of_arn(tx, arn).await? else { return Ok(()) };
    accessed.versions.retain(|id, _| secret.version(id).is_some());
    for (asked, day) in asked {
        accessed.day = accessed.day.max(Some(*day));
        if let Some(id) = asked.version(&secret) {
            let latest = accessed.versions.entry(id.to_owned()).or_insert(*day);
            *latest = (*latest).max(*day);
        }
    }
    if known.as_deref() != Some(&accessed) {
        ACCESSED.put(tx, &[arn], &accessed)?;
    }
    Ok(())
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
    request_parameters: Option<Parameters<'a>>,
    #[serde(borrow, default)]
    resources: Vec<Touched<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters<'a> {
    #[serde(borrow, default)]
    version_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    version_stage: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Touched<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, rename = "ARN")]
    arn: Cow<'a, str>,
}

/// The secret that a record says was read, what was asked for, and the day: LastAccessedDate has day resolution.
fn read(record: &[u8]) -> Option<(Cow<'_, str>, Asked<'_>, Timestamp)> {
    let read: Read<'_> = serde_json::from_slice(record).ok()?;
    if read.event_name != "GetSecretValue" || read.error_code.is_some() {
        return None;
    }
    let secret = read.resources.into_iter().find(|resource| resource.kind == SECRET)?;
    let day = Timestamp::from_second(read.event_time.as_second().div_euclid(DAY) * DAY).ok()?;
    let (id, stage) = read.request_parameters.map_or((None, None), |asked| (asked.version_id, asked.version_stage));
    let asked = match id {
        Some(id) => Asked::Id(id),
        None => Asked::Label(stage.unwrap_or(Cow::Borrowed(CURRENT))),
    };
    Some((secret.arn, asked, day))
}
