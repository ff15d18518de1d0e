//! CreateEventDataStore: makes an event data store, which ingests from then on unless told otherwise.

use keeptrail_lake::{LakeError, Layout};
use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_pattern::selector::AdvancedEventSelector;
use serde::{Deserialize, Serialize};

use super::{settings, shapes};
use crate::{
    DataStores, errors,
    model::{self, BillingMode, EventDataStore, Selection, StoreSet, Tag},
    tags,
};

/// "Event data stores per Region: 10"; those that are pending deletion do not count.
const MOST: usize = 10;

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateEventDataStore.html>
pub(crate) struct CreateEventDataStore;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(default)]
    advanced_event_selectors: Option<Vec<AdvancedEventSelector>>,
    #[serde(default)]
    multi_region_enabled: Option<bool>,
    #[serde(default)]
    organization_enabled: Option<bool>,
    #[serde(default)]
    retention_period: Option<i64>,
    #[serde(default)]
    termination_protection_enabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags_list: Vec<Tag>,
    #[serde(default)]
    kms_key_id: Option<String>,
    #[serde(default)]
    start_ingestion: Option<bool>,
    #[serde(default)]
    billing_mode: Option<BillingMode>,
}

impl Operation for CreateEventDataStore {
    type Service = DataStores;
    type Input = Input;
    type Output = shapes::Described;

    const META: Meta = Meta::write(
        "CreateEventDataStore",
        "cloudtrail:CreateEventDataStore",
        &[
            "Name",
            "AdvancedEventSelectors",
            "MultiRegionEnabled",
            "OrganizationEnabled",
            "RetentionPeriod",
            "TerminationProtectionEnabled",
            "TagsList",
            "KmsKeyId",
            "StartIngestion",
            "BillingMode",
        ],
        &[
            "EventDataStoreArn",
            "Name",
            "Status",
            "AdvancedEventSelectors",
            "MultiRegionEnabled",
            "OrganizationEnabled",
            "RetentionPeriod",
            "TerminationProtectionEnabled",
            "TagsList",
            "CreatedTimestamp",
            "UpdatedTimestamp",
            "BillingMode",
        ],
    );

    async fn access(cx: &Context<'_, DataStores>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = Access::to(Self::META.action).on(cx.arn("eventdatastore/*"));
        Ok(vec![access.noting("name", input.name.as_str())])
    }

    async fn run(cx: &Context<'_, DataStores>, input: &Input) -> Result<shapes::Described, ApiError> {
        settings::refuse(input.organization_enabled, input.kms_key_id.as_deref())?;
        let mut set = model::set(cx).await?;
        settings::check_name(&input.name, set.in_region(cx.region().as_str()))?;
        let advanced = match &input.advanced_event_selectors {
            Some(selectors) if !selectors.is_empty() => selectors.clone(),
            _ => settings::default_selectors(),
        };
        settings::check_selectors(&advanced)?;
        let billing_mode = input.billing_mode.unwrap_or(BillingMode::ExtendableRetentionPricing);
        let days = input.retention_period.unwrap_or_else(|| billing_mode.default_days().into());
        tags::check(&input.tags_list)?;
        check_count(cx, &set)?;
        let (id, now) = (cx.random().uuid()?, cx.now());
        let mut store = EventDataStore {
            arn: cx.arn(&format!("eventdatastore/{id}")),
            name: input.name.clone(),
            region: cx.region().to_string(),
            selection: Selection::new(advanced, input.multi_region_enabled.unwrap_or(true)),
            retention_days: billing_mode.check_days(days)?,
            billing_mode,
            protected: input.termination_protection_enabled.unwrap_or(true),
            tags: input.tags_list.clone(),
            created: now,
            updated: now,
            spans: Vec::new(),
            deleted: None,
            id: id.clone(),
        };
        if input.start_ingestion.unwrap_or(true) {
            store.start(now);
        }
        let made = cx.service().lake.create(cx.tx(), &id, Layout::default()).await;
        made.map_err(|error| match error {
            LakeError::Catalog(error) => error.into(),
            error => ApiError::internal(error),
        })?;
        let shape = shapes::Described::of(&store).with_tags(&store);
        set.stores.insert(id, store);
        model::save(cx.tx(), cx.account().as_str(), &set).await?;
        Ok(shape)
    }
}

/// Whether there may be one more store in the region.
pub(super) fn check_count(cx: &Context<'_, DataStores>, set: &StoreSet) -> Result<(), ApiError> {
    if set.in_region(cx.region().as_str()).filter(|store| store.deleted.is_none()).count() < MOST {
        return Ok(());
    }
    let text = format!("The account has {MOST} event data stores in {} already, the most there can be.", cx.region());
    Err(ApiError::new(errors::TOO_MANY_STORES, text))
}
