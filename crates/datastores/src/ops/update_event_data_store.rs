//! UpdateEventDataStore: changes an event data store's settings.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_pattern::selector::AdvancedEventSelector;
use serde::{Deserialize, Serialize};

use super::{settings, shapes, shared};
use crate::{
    DataStores, errors,
    model::{self, BillingMode, Selection},
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateEventDataStore.html>
pub(crate) struct UpdateEventDataStore;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    event_data_store: String,
    #[serde(default)]
    name: Option<String>,
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
    #[serde(default)]
    kms_key_id: Option<String>,
    #[serde(default)]
    billing_mode: Option<BillingMode>,
}

impl Operation for UpdateEventDataStore {
    type Service = DataStores;
    type Input = Input;
    type Output = shapes::Described;

    const META: Meta = Meta::write(
        "UpdateEventDataStore",
        "cloudtrail:UpdateEventDataStore",
        &[
            "EventDataStore",
            "Name",
            "AdvancedEventSelectors",
            "MultiRegionEnabled",
            "OrganizationEnabled",
            "RetentionPeriod",
            "TerminationProtectionEnabled",
            "KmsKeyId",
            "BillingMode",
        ],
        shapes::ON_RECORD,
    );

    async fn access(cx: &Context<'_, DataStores>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_store(cx, Self::META.action, &input.event_data_store)?])
    }

    async fn run(cx: &Context<'_, DataStores>, input: &Input) -> Result<shapes::Described, ApiError> {
        settings::refuse(input.organization_enabled, input.kms_key_id.as_deref())?;
        let mut set = model::set(cx).await?;
        let id = shared::change(cx, &mut set, &input.event_data_store)?.id.clone();
        shared::refuse_while_importing(cx, &id).await?;
        if let Some(name) = &input.name {
            settings::check_name(name, set.in_region(cx.region().as_str()).filter(|other| other.id != id))?;
        }
        let now = cx.now();
        let store = shared::change(cx, &mut set, &input.event_data_store)?;
        if let Some(name) = &input.name {
            store.name.clone_from(name);
        }
        if let Some(mode) = input.billing_mode {
            if (store.billing_mode, mode)
                == (BillingMode::ExtendableRetentionPricing, BillingMode::FixedRetentionPricing)
            {
                let text =
                    "The billing mode cannot be changed from EXTENDABLE_RETENTION_PRICING to FIXED_RETENTION_PRICING.";
                return Err(ApiError::new(errors::INVALID_PARAMETER, text));
            }
            store.billing_mode = mode;
        }
        if let Some(days) = input.retention_period {
            store.retention_days = store.billing_mode.check_days(days)?;
        }
        store.protected = input.termination_protection_enabled.unwrap_or(store.protected);
        let given = input.advanced_event_selectors.as_deref();
        given.map_or(Ok(()), settings::check_selectors)?;
        let advanced = given.unwrap_or(&store.selection.advanced).to_vec();
        let multi_region = input.multi_region_enabled.unwrap_or(store.selection.multi_region);
        if (&advanced, multi_region) != (&store.selection.advanced, store.selection.multi_region) {
            store.select(Selection::new(advanced, multi_region), now);
        }
        store.updated = now;
        let shape = shapes::Described::of(store).with_federation();
        model::save(cx.tx(), cx.account().as_str(), &set).await?;
        Ok(shape)
    }
}
