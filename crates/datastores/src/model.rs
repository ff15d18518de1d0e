//! The stored rows.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
};

use keeptrail_arn::Arn;
use keeptrail_clock::Timestamp;
use keeptrail_operation::{ApiError, Context};
use keeptrail_pattern::{
    document::Document,
    selector::{AdvancedEventSelector, Selectors},
};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::{DataStores, errors};

/// All event data stores of an account, in one row: what a reader asks for each record is one cached row.
pub(crate) const STORES: Table<StoreSet> = Table::new("datastores.stores");
/// The accounts that have event data stores, in one row: without any, nobody looks at a record.
pub(crate) const ACCOUNTS: Table<Accounts> = Table::new("datastores.accounts");

/// A store that is started, stopped and changed again and again keeps so many of its times of ingestion.
const MOST_SPANS: usize = 16;

/// Accounts that have event data stores.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Accounts(pub(crate) Vec<String>);

/// The event data stores of an account, by id.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct StoreSet {
    pub(crate) stores: BTreeMap<String, EventDataStore>,
}

/// A time of ingestion.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    /// `None` while it lasts.
    pub(crate) to: Option<Timestamp>,
    /// What the store took then; `None` when that is what it takes now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    selection: Option<Selection>,
}

/// What a store takes.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Selection {
    pub(crate) advanced: Vec<AdvancedEventSelector>,
    pub(crate) multi_region: bool,
    #[serde(skip)]
    compiled: OnceLock<Selectors>,
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
    pub(crate) selection: Selection,
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
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enabled => "ENABLED",
            Self::PendingDeletion => "PENDING_DELETION",
            Self::StoppedIngestion => "STOPPED_INGESTION",
        })
    }
}

impl Selection {
    pub(crate) fn new(advanced: Vec<AdvancedEventSelector>, multi_region: bool) -> Self {
        Self { advanced, multi_region, compiled: OnceLock::new() }
    }

    fn selectors(&self) -> &Selectors {
        self.compiled.get_or_init(|| {
            Selectors::data_store(&self.advanced).unwrap_or_else(|error| {
                tracing::error!(%error, "stored selectors cannot be read; the event data store takes every management event");
                Selectors::default()
            })
        })
    }
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

    /// Begins to take events.
    pub(crate) fn start(&mut self, now: Timestamp) {
        if self.spans.last().is_some_and(|span| span.to.is_none()) {
            return;
        }
        if self.spans.len() == MOST_SPANS {
            self.spans.remove(0);
        }
        self.spans.push(Span { from: now, to: None, selection: None });
    }

    /// Ceases to take events.
    pub(crate) fn stop(&mut self, now: Timestamp) {
        if let Some(span) = self.spans.last_mut() {
            span.to.get_or_insert(now);
        }
    }

    /// Takes other events from now on. What was recorded before and is read later is judged as it was then.
    pub(crate) fn select(&mut self, selection: Selection, now: Timestamp) {
        let before = std::mem::replace(&mut self.selection, selection);
        let ingests = self.status() == Status::Enabled;
        if ingests {
            self.stop(now);
        }
        for span in &mut self.spans {
            span.selection.get_or_insert_with(|| before.clone());
        }
        if ingests {
            self.start(now);
        }
    }

    /// Whether the store takes a record: it was made while the store ingested (the calls that started and stopped it
    /// included), its region is the store's, and a selector fits.
    pub(crate) fn takes(&self, record: &Document<'_>) -> bool {
        let text = |name: &str| record.text(name).unwrap_or_default();
        // Records tell their time in whole seconds.
        let Some(second) = text("eventTime").parse().ok().map(Timestamp::as_second) else { return false };
        let during =
            |span: &&Span| span.from.as_second() <= second && span.to.is_none_or(|to| second <= to.as_second());
        self.spans.iter().rev().filter(during).any(|span| {
            let selection = span.selection.as_ref().unwrap_or(&self.selection);
            (selection.multi_region || text("awsRegion") == self.region)
                && selection.selectors().selects_document(record)
        })
    }
}

impl StoreSet {
    /// The store of this ARN or id in a region.
    pub(crate) fn find(&self, region: &str, name: &str) -> Option<&EventDataStore> {
        let (place, id) = name.rsplit_once(KIND).unwrap_or(("", name));
        let meant = |store: &&EventDataStore| {
            store.region == region
                && (place.is_empty() || store.arn.rsplit_once(KIND).is_some_and(|(own, _)| own == place))
        };
        self.stores.get(&id.to_ascii_lowercase()).filter(meant)
    }

    /// The stores of a region.
    pub(crate) fn in_region(&self, region: &str) -> impl Iterator<Item = &EventDataStore> {
        self.stores.values().filter(move |store| store.region == region)
    }
}

/// The event data stores of an account.
pub(crate) async fn of_account(tx: &Tx, account: &str) -> Result<Arc<StoreSet>, StoreError> {
    Ok(STORES.get(tx, &[account]).await?.unwrap_or_default())
}

/// The event data stores of the call's account, to be changed.
pub(crate) async fn set(cx: &Context<'_, DataStores>) -> Result<StoreSet, StoreError> {
    Ok(StoreSet::clone(&*of_account(cx.tx(), cx.account().as_str()).await?))
}

/// Writes the event data stores of an account, and that it has some or none.
pub(crate) async fn save(tx: &Tx, account: &str, set: &StoreSet) -> Result<(), StoreError> {
    let mut accounts = ACCOUNTS.get(tx, &[]).await?.map(|accounts| Accounts::clone(&accounts)).unwrap_or_default();
    let known = accounts.0.iter().position(|known| known == account);
    match (known, set.stores.is_empty()) {
        (None, false) => accounts.0.push(account.to_owned()),
        (Some(place), true) => drop(accounts.0.remove(place)),
        _ => return STORES.put(tx, &[account], set),
    }
    ACCOUNTS.put(tx, &[], &accounts)?;
    STORES.put(tx, &[account], set)
}

/// The accounts that have event data stores.
pub(crate) async fn accounts(tx: &Tx) -> Result<Arc<Accounts>, StoreError> {
    Ok(ACCOUNTS.get(tx, &[]).await?.unwrap_or_default())
}

/// What stands before the id in an ARN.
const KIND: &str = "eventdatastore/";

/// The ARN that an id or an ARN means in the call's account and region, with the id in the case that policies name it by.
pub(crate) fn arn(cx: &Context<'_, DataStores>, name: &str) -> Result<String, ApiError> {
    if !name.starts_with("arn:") {
        return Ok(cx.arn(&format!("{KIND}{}", name.to_ascii_lowercase())));
    }
    match Arn::parse(name) {
        Ok(arn) if arn.service == "cloudtrail" && arn.resource.starts_with(KIND) => {
            let place = name.strip_suffix(arn.resource).unwrap_or_default();
            Ok(format!("{place}{}", arn.resource.to_ascii_lowercase()))
        }
        _ => Err(ApiError::new(errors::INVALID_ARN, format!("The event data store ARN {name} is invalid."))),
    }
}
