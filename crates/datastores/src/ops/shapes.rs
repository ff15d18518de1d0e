//! Event data stores as answers show them.

use keeptrail_operation::Timestamp;
use keeptrail_pattern::selector::AdvancedEventSelector;
use serde::Serialize;

use crate::model::{BillingMode, EventDataStore, Status, Tag};

/// What records show of an answer that describes a store.
pub(super) const ON_RECORD: &[&str] = &[
    "EventDataStoreArn",
    "Name",
    "Status",
    "AdvancedEventSelectors",
    "MultiRegionEnabled",
    "OrganizationEnabled",
    "RetentionPeriod",
    "TerminationProtectionEnabled",
    "CreatedTimestamp",
    "UpdatedTimestamp",
    "BillingMode",
];

/// A store with all its settings.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    event_data_store_arn: String,
    name: String,
    status: Status,
    advanced_event_selectors: Vec<AdvancedEventSelector>,
    multi_region_enabled: bool,
    organization_enabled: bool,
    retention_period: u32,
    termination_protection_enabled: bool,
    /// In the answer of CreateEventDataStore alone.
    tags_list: Option<Vec<Tag>>,
    created_timestamp: Timestamp,
    updated_timestamp: Timestamp,
    billing_mode: BillingMode,
    /// In the answers of GetEventDataStore and UpdateEventDataStore.
    federation_status: Option<&'static str>,
}

impl Described {
    pub(super) fn of(store: &EventDataStore) -> Self {
        Self {
            event_data_store_arn: store.arn.clone(),
            name: store.name.clone(),
            status: store.status(),
            advanced_event_selectors: store.selection.advanced.clone(),
            multi_region_enabled: store.selection.multi_region,
            organization_enabled: false,
            retention_period: store.retention_days,
            termination_protection_enabled: store.protected,
            tags_list: None,
            created_timestamp: store.created.into(),
            updated_timestamp: store.updated.into(),
            billing_mode: store.billing_mode,
            federation_status: None,
        }
    }

    pub(super) fn with_tags(self, store: &EventDataStore) -> Self {
        Self { tags_list: Some(store.tags.clone()), ..self }
    }

    pub(super) fn with_federation(self) -> Self {
        Self { federation_status: Some("DISABLED"), ..self }
    }
}
