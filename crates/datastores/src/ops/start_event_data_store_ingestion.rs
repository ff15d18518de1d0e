//! StartEventDataStoreIngestion: an event data store begins to take events.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shared;
use crate::{
    DataStores,
    model::{self, Status},
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartEventDataStoreIngestion.html>
pub(crate) struct StartEventDataStoreIngestion;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    event_data_store: String,
}

#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for StartEventDataStoreIngestion {
    type Service = DataStores;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "StartEventDataStoreIngestion",
        "cloudtrail:StartEventDataStoreIngestion",
        &["EventDataStore"],
        &[],
    );

    async fn access(cx: &Context<'_, DataStores>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_store(cx, Self::META.action, &input.event_data_store)?])
    }

    async fn run(cx: &Context<'_, DataStores>, input: &Input) -> Result<Output, ApiError> {
        let mut set = model::set(cx).await?;
        shared::require_status(cx, &set, &input.event_data_store, Status::StoppedIngestion)?;
        let store = shared::change(cx, &mut set, &input.event_data_store)?;
        store.start(cx.now());
        store.updated = cx.now();
        model::save(cx.tx(), cx.account().as_str(), &set).await?;
        Ok(Output {})
    }
}
