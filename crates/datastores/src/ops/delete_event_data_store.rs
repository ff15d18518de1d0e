//! DeleteEventDataStore: ends an event data store. It can be restored for seven days; then its events go.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shared;
use crate::{DataStores, errors, model};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteEventDataStore.html>
pub(crate) struct DeleteEventDataStore;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    event_data_store: String,
}

#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for DeleteEventDataStore {
    type Service = DataStores;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("DeleteEventDataStore", "cloudtrail:DeleteEventDataStore", &["EventDataStore"], &[]);

    async fn access(cx: &Context<'_, DataStores>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_store(cx, Self::META.action, &input.event_data_store)?])
    }

    async fn run(cx: &Context<'_, DataStores>, input: &Input) -> Result<Output, ApiError> {
        let mut set = model::set(cx).await?;
        let store = shared::change(cx, &mut set, &input.event_data_store)?;
        if store.protected {
            let text = format!(
                "The event data store {} cannot be deleted because termination protection is enabled for it.",
                store.arn
            );
            return Err(ApiError::new(errors::PROTECTED, text));
        }
        shared::refuse_while_importing(cx, &store.id).await?;
        store.stop(cx.now());
        store.deleted = Some(cx.now());
        store.updated = cx.now();
        model::save(cx.tx(), cx.account().as_str(), &set).await?;
        Ok(Output {})
    }
}
