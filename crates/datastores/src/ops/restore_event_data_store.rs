//! RestoreEventDataStore: takes back a deletion. A store that ingested until then ingests again.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::{create_event_data_store::check_count, settings, shapes, shared};
use crate::{DataStores, errors, model};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RestoreEventDataStore.html>
pub(crate) struct RestoreEventDataStore;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    event_data_store: String,
}

impl Operation for RestoreEventDataStore {
    type Service = DataStores;
    type Input = Input;
    type Output = shapes::Described;

    const META: Meta = Meta::write(
        "RestoreEventDataStore",
        "cloudtrail:RestoreEventDataStore",
        &["EventDataStore"],
        shapes::ON_RECORD,
    );

    async fn access(cx: &Context<'_, DataStores>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_store(cx, Self::META.action, &input.event_data_store)?])
    }

    async fn run(cx: &Context<'_, DataStores>, input: &Input) -> Result<shapes::Described, ApiError> {
        let mut set = model::set(cx).await?;
        let store = shared::require(cx, &set, &input.event_data_store)?;
        let Some(deleted) = store.deleted else {
            let text = format!("The event data store {} is not pending deletion.", store.arn);
            return Err(ApiError::new(errors::INVALID_STATUS, text));
        };
        settings::check_name(&store.name, set.in_region(cx.region().as_str()))?;
        check_count(cx, &set)?;
        let ingested = store.spans.last().is_some_and(|span| span.to == Some(deleted));
        let id = store.id.clone();
        let store = set.stores.get_mut(&id).ok_or_else(|| errors::unknown_store(&input.event_data_store))?;
        store.deleted = None;
        store.updated = cx.now();
        if ingested {
            store.start(cx.now());
        }
        let shape = shapes::Described::of(store);
        model::save(cx.tx(), cx.account().as_str(), &set).await?;
        Ok(shape)
    }
}
