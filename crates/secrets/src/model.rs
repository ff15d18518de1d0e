//! The stored rows.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use keeptrail_arn::Arn;
use keeptrail_clock::Timestamp;
use keeptrail_envelope::Sealed;
use keeptrail_operation::{ApiError, Context};
use keeptrail_policy::{Policy, PolicyKind};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Secrets, errors, name};

/// Secrets by account, region, name.
pub(crate) const SECRETS: Table<Secret> = Table::new("secrets.secret");
/// Sealed values by secret ARN, version id.
pub(crate) const VALUES: Table<Value> = Table::new("secrets.value");
/// Secrets marked for deletion, by the end of their window (epoch seconds, zero-padded), account, region, name.
pub(crate) const DELETIONS: Table<String> = Table::new("secrets.deletion");
/// When a secret was last read, by secret ARN. Apart from the secret's row, so that a read changes no hot row.
pub(crate) const ACCESSED: Table<Accessed> = Table::new("secrets.accessed");

pub(crate) const CURRENT: &str = "AWSCURRENT";
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// A secret without its values.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) kms_key_id: Option<String>,
    /// `None` when the secret was never tagged: DescribeSecret then leaves the member out.
    pub(crate) tags: Option<Vec<Tag>>,
    pub(crate) created: Timestamp,
    pub(crate) changed: Timestamp,
    pub(crate) deletion: Option<Deletion>,
    pub(crate) policy: Option<String>,
    /// Oldest first.
    pub(crate) versions: Vec<Version>,
    #[serde(skip)]
    pub(crate) compiled_policy: OnceLock<Option<Arc<Policy>>>,
}

/// When a secret was deleted and when its window ends.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Deletion {
    pub(crate) requested: Timestamp,
    pub(crate) due: Timestamp,
}

/// A version without its value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) stages: Vec<String>,
}

/// The days on which a secret and its versions were last read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accessed {
    pub(crate) day: Option<Timestamp>,
    /// By version id.
    pub(crate) versions: BTreeMap<String, Timestamp>,
}

/// A sealed value.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Value {
    pub(crate) sealed: Sealed,
    /// Whether it was given as SecretBinary.
    pub(crate) binary: bool,
    /// The value opened, once it was read: for as long as the store keeps the decoded row, wiped with it.
    #[serde(skip)]
    pub(crate) opened: OnceLock<Zeroizing<Vec<u8>>>,
}

impl Secret {
    pub(crate) fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    pub(crate) fn labelled(&self, stage: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.stages.iter().any(|own| own == stage))
    }

    /// The resource policy, compiled. It was checked when it was put.
    pub(crate) fn policy(&self) -> Option<Arc<Policy>> {
        let compile = |text: &String| match Policy::parse(text, PolicyKind::Resource) {
            Ok(policy) => Some(Arc::new(policy)),
            Err(error) => {
                tracing::error!(arn = self.arn, %error, "a stored resource policy cannot be read and grants nothing");
                None
            }
        };
        self.compiled_policy.get_or_init(|| self.policy.as_ref().and_then(compile)).clone()
    }

    /// Refuses to go on with a secret that is marked for deletion.
    pub(crate) fn alive(&self) -> Result<(), ApiError> {
        if self.deletion.is_some() { Err(errors::marked_for_deletion()) } else { Ok(()) }
    }

    pub(crate) fn stages(&self) -> BTreeMap<String, Vec<String>> {
        let labelled = self.versions.iter().filter(|version| !version.stages.is_empty());
        labelled.map(|version| (version.id.clone(), version.stages.clone())).collect()
    }

    /// Writes the row, with its time of change.
    pub(crate) fn save(&mut self, cx: &Context<'_, Secrets>) -> Result<(), StoreError> {
        self.changed = cx.now();
        self.compiled_policy = OnceLock::new();
        SECRETS.put(cx.tx(), &[cx.account().as_str(), cx.region().as_str(), &self.name], self)
    }
}

/// The secret that `id` names in the call's account and region: its name, its ARN, or its ARN without the random suffix.
pub(crate) async fn find(cx: &Context<'_, Secrets>, id: &str) -> Result<Option<Arc<Secret>>, StoreError> {
    let (account, region) = (cx.account().as_str(), cx.region().as_str());
    let Some(candidate) = name::candidate(id, region, account) else { return Ok(None) };
    let secret = SECRETS.get(cx.tx(), &[account, region, candidate.name]).await?;
    Ok(secret.filter(|secret| candidate.arn.is_none_or(|arn| secret.arn == arn)))
}

/// The same, where there must be one.
pub(crate) async fn require(cx: &Context<'_, Secrets>, id: &str) -> Result<Arc<Secret>, ApiError> {
    find(cx, id).await?.ok_or_else(errors::no_secret)
}

/// A copy of a living secret, to be changed.
pub(crate) async fn change(cx: &Context<'_, Secrets>, id: &str) -> Result<Secret, ApiError> {
    let secret = require(cx, id).await?;
    secret.alive()?;
    Ok(Secret::clone(&secret))
}

/// The day the secret was last read.
pub(crate) async fn last_accessed(tx: &Tx, arn: &str) -> Result<Option<Timestamp>, StoreError> {
    Ok(ACCESSED.get(tx, &[arn]).await?.and_then(|accessed| accessed.day))
}

/// The secret of this ARN, in whatever account and region.
pub(crate) async fn of_arn(tx: &Tx, arn: &str) -> Result<Option<Arc<Secret>>, StoreError> {
    let Ok(parsed) = Arn::parse(arn) else { return Ok(None) };
    let named = parsed.resource.strip_prefix("secret:").and_then(|resource| resource.rsplit_once('-'));
    let Some((name, _)) = named else { return Ok(None) };
    let secret = SECRETS.get(tx, &[parsed.account, parsed.region, name]).await?;
    Ok(secret.filter(|secret| secret.arn == arn))
}

/// The parts of a row in [`DELETIONS`].
pub(crate) fn deletion_key<'a>(due: &'a str, account: &'a str, region: &'a str, name: &'a str) -> [&'a str; 4] {
    [due, account, region, name]
}

/// A time as a key part that sorts by time.
pub(crate) fn due_part(due: Timestamp) -> String {
    format!("{:020}", due.as_second().max(0))
}
