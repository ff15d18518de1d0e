//! DescribeQuery: how a query stands.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    errors,
    queries::{self, DeliveryStatus, Queries, Status, check_owner},
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeQuery.html>
pub(crate) struct DescribeQuery;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    event_data_store: Option<String>,
    #[serde(default)]
    query_id: Option<String>,
    #[serde(default)]
    query_alias: Option<String>,
    #[serde(default)]
    refresh_id: Option<String>,
    #[serde(default)]
    event_data_store_owner_account_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct QueryStatistics {
    events_matched: u64,
    events_scanned: u64,
    bytes_scanned: u64,
    execution_time_in_millis: u64,
    creation_time: Timestamp,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    query_id: String,
    query_string: String,
    query_status: Status,
    query_statistics: QueryStatistics,
    error_message: Option<String>,
    #[serde(rename = "DeliveryS3Uri")]
    delivery_s3_uri: Option<String>,
    delivery_status: Option<DeliveryStatus>,
    event_data_store_owner_account_id: String,
}

impl Operation for DescribeQuery {
    type Service = Queries;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "DescribeQuery",
        "cloudtrail:DescribeQuery",
        &["EventDataStore", "QueryId", "QueryAlias", "RefreshId", "EventDataStoreOwnerAccountId"],
    );

    async fn access(cx: &Context<'_, Queries>, input: &Input) -> Result<Vec<Access>, ApiError> {
        queries::access(cx, Self::META.action, query_id(input)?).await
    }

    async fn run(cx: &Context<'_, Queries>, input: &Input) -> Result<Output, ApiError> {
        check_owner(cx, input.event_data_store_owner_account_id.as_deref())?;
        let (place, query) = queries::find(cx, query_id(input)?, input.event_data_store.as_deref()).await?;
        let statistics = query.statistics;
        Ok(Output {
            query_id: place.id,
            query_string: query.statement.clone(),
            query_status: query.status,
            query_statistics: QueryStatistics {
                events_matched: statistics.rows,
                events_scanned: statistics.rows_scanned,
                bytes_scanned: statistics.bytes_scanned,
                execution_time_in_millis: statistics.millis,
                creation_time: query.created.into(),
            },
            error_message: query.error.clone(),
            delivery_s3_uri: query.delivery.as_ref().map(|delivery| delivery.to.uri.clone()),
            delivery_status: query.delivery.as_ref().map(|delivery| delivery.status),
            event_data_store_owner_account_id: place.account,
        })
    }
}

fn query_id(input: &Input) -> Result<&str, ApiError> {
    if input.query_alias.is_some() || input.refresh_id.is_some() {
        return Err(ApiError::not_carried_out("queries of dashboards (QueryAlias and RefreshId)"));
    }
    let missing = || ApiError::new(errors::INVALID_PARAMETER, "You must specify QueryId.");
    input.query_id.as_deref().ok_or_else(missing)
}
