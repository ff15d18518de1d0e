//! Keeps the day on which each secret and version was last read, from the journal: a read itself changes nothing.

use std::collections::BTreeMap;

use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Parsed, Reader};
use keeptrail_store::{StoreError, Tx};

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

    async fn apply(&self, tx: &Tx, records: &[Parsed<'_>]) -> Result<(), JobError> {
        let mut reads: BTreeMap<&str, BTreeMap<Asked<'_>, Timestamp>> = BTreeMap::new();
        for (arn, asked, day) in records.iter().filter_map(|record| read(record)) {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked<'a> {
    Id(&'a str),
    Label(&'a str),
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

/// The secret that a record says was read, what was asked for, and the day: LastAccessedDate has day resolution.
fn read<'r>(record: &'r Parsed<'_>) -> Option<(&'r str, Asked<'r>, Timestamp)> {
    let root = record.document.root();
    if record.member("eventName") != "GetSecretValue" || root.member("errorCode").is_some_and(|code| !code.is_null()) {
        return None;
    }
    let secret = root.member("resources")?.elements().find(|resource| resource.text("type") == Some(SECRET))?;
    let day = Timestamp::from_second(record.time?.as_second().div_euclid(DAY) * DAY).ok()?;
    let parameter = |name: &str| root.member("requestParameters").and_then(|parameters| parameters.text(name));
    let asked = match parameter("versionId") {
        Some(id) => Asked::Id(id),
        None => Asked::Label(parameter("versionStage").unwrap_or(CURRENT)),
    };
    Some((secret.text("ARN")?, asked, day))
}
