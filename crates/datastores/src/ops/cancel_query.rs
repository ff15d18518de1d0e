//! CancelQuery: ends a query that waits or runs.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    errors,
    queries::{self, Queries, Query, Status, check_owner, save},
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CancelQuery.html>
pub(crate) struct CancelQuery;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    event_data_store: Option<String>,
    query_id: String,
    #[serde(default)]
    event_data_store_owner_account_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    query_id: String,
    query_status: Status,
    event_data_store_owner_account_id: String,
}

impl Operation for CancelQuery {
    type Service = Queries;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "CancelQuery",
        "cloudtrail:CancelQuery",
        &["EventDataStore", "QueryId", "EventDataStoreOwnerAccountId"],
        &["QueryId", "QueryStatus", "EventDataStoreOwnerAccountId"],
    );

    async fn access(cx: &Context<'_, Queries>, input: &Input) -> Result<Vec<Access>, ApiError> {
        queries::access(cx, Self::META.action, &input.query_id).await
    }

    async fn run(cx: &Context<'_, Queries>, input: &Input) -> Result<Output, ApiError> {
        check_owner(cx, input.event_data_store_owner_account_id.as_deref())?;
        let (place, query) = queries::find(cx, &input.query_id, input.event_data_store.as_deref()).await?;
        if !query.status.is_active() {
            let text = "The query cannot be cancelled: it is in the FINISHED, FAILED, TIMED_OUT or CANCELLED state.";
            return Err(ApiError::new(errors::INACTIVE_QUERY, text));
        }
        let mut query = Query { status: Status::Cancelled, ..Query::clone(&query) };
        save(cx.tx(), &place, &mut query)?;
        Ok(Output { query_id: place.id, query_status: query.status, event_data_store_owner_account_id: place.account })
    }
}
