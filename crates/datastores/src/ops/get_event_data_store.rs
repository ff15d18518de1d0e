//! GetEventDataStore: shows an event data store.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::{shapes, shared};
use crate::{DataStores, model};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventDataStore.html>
pub(crate) struct GetEventDataStore;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    event_data_store: String,
}

impl Operation for GetEventDataStore {
    type Service = DataStores;
    type Input = Input;
    type Output = shapes::Described;

    const META: Meta = Meta::read("GetEventDataStore", "cloudtrail:GetEventDataStore", &["EventDataStore"]);

    async fn access(cx: &Context<'_, DataStores>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_store(cx, Self::META.action, &input.event_data_store)?])
    }

    async fn run(cx: &Context<'_, DataStores>, input: &Input) -> Result<shapes::Described, ApiError> {
        let set = model::of_account(cx.tx(), cx.account().as_str()).await?;
        let store = shared::require(cx, &set, &input.event_data_store)?;
        Ok(shapes::Described::of(store).with_federation())
    }
}
