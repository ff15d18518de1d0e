//! The stored rows.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use keeptrail_arn::Arn;
use keeptrail_clock::Timestamp;
use keeptrail_operation::{ApiError, Context};
use keeptrail_pattern::selector::{AdvancedEventSelector, Selectors};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::{DataStores, errors};

/// All event data stores of an account, in one row: what a reader asks for each record is one cached row.
pub(crate) const STORES: Table<StoreSet> = Table::new("datastores.stores");

/// The event data stores of an account, by id.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct StoreSet {
    pub(crate) stores: BTreeMap<String, EventDataStore>,
}

/// A time of ingestion.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    /// `None` while it lasts.
    pub(crate) to: Option<Timestamp>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
}

/// How a store is billed on AWS; here it sets what retention it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum BillingMode {
    ExtendableRetentionPricing,
    FixedRetentionPricing,
}

/// A store's status, by AWS's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Enabled,
    PendingDeletion,
    StoppedIngestion,
}

/// An event data store. Its files are the Lake's store of the name `id`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct EventDataStore {
    /// A UUID: what SQL calls it.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) region: String,
    pub(crate) advanced: Vec<AdvancedEventSelector>,
    pub(crate) multi_region: bool,
    pub(crate) retention_days: u32,
    pub(crate) billing_mode: BillingMode,
    pub(crate) protected: bool,
    pub(crate) tags: Vec<Tag>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// When it took events, oldest first.
    pub(crate) spans: Vec<Span>,
    /// When it was deleted; it can be restored for seven days.
    pub(crate) deleted: Option<Timestamp>,
    #[serde(skip)]
    compiled: OnceLock<Selectors>,
}

impl EventDataStore {
    /// What the store's status is.
    pub(crate) fn status(&self) -> Status {
        match (self.deleted, self.spans.last()) {
            (Some(_), _) => Status::PendingDeletion,
            (None, Some(Span { to: None, .. })) => Status::Enabled,
            (None, _) => Status::StoppedIngestion,
        }
    }
}

impl StoreSet {
    /// The store of this ARN or id in a region.
    pub(crate) fn find(&self, region: &str, name: &str) -> Option<&EventDataStore> {
        let id = name.rsplit_once("eventdatastore/").map_or(name, |(_, id)| id);
        self.stores.get(&id.to_ascii_lowercase()).filter(|store| store.region == region)
    }
}

/// The event data stores of an account.
pub(crate) async fn of_account(tx: &Tx, account: &str) -> Result<Arc<StoreSet>, StoreError> {
    Ok(STORES.get(tx, &[account]).await?.unwrap_or_default())
}

/// The ARN that an id or an ARN means in the call's account and region.
pub(crate) fn arn(cx: &Context<'_, DataStores>, name: &str) -> Result<String, ApiError> {
    if !name.starts_with("arn:") {
        return Ok(cx.arn(&format!("eventdatastore/{name}")));
    }
    match Arn::parse(name) {
        Ok(arn) if arn.service == "cloudtrail" && arn.resource.starts_with("eventdatastore/") => Ok(name.to_owned()),
        _ => Err(ApiError::new(errors::INVALID_ARN, format!("The event data store ARN {name} is invalid."))),
    }
}
