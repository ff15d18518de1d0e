//! GetQueryResults: a page of a query's rows, every value as text.

use std::{collections::BTreeMap, sync::Arc};

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    errors::page_size,
    place::Place,
    queries::{self, Page, Position, Queries, Query, Status, check_owner},
    token,
};

const MOST: usize = 1_000;

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html>
pub(crate) struct GetQueryResults;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    event_data_store: Option<String>,
    query_id: String,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_query_results: Option<i64>,
    #[serde(default)]
    event_data_store_owner_account_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct QueryStatistics {
    results_count: usize,
    total_results_count: u64,
    bytes_scanned: u64,
}

/// A column of a row: one entry, its name and its value. NULL is an empty text, since the shape has no other.
type Cell = BTreeMap<Arc<str>, String>;

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    query_status: Status,
    query_statistics: QueryStatistics,
    query_result_rows: Vec<Vec<Cell>>,
    next_token: Option<String>,
    error_message: Option<String>,
}

impl Operation for GetQueryResults {
    type Service = Queries;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "GetQueryResults",
        "cloudtrail:GetQueryResults",
        &["EventDataStore", "QueryId", "MaxQueryResults", "EventDataStoreOwnerAccountId"],
    );

    async fn access(cx: &Context<'_, Queries>, input: &Input) -> Result<Vec<Access>, ApiError> {
        queries::access(cx, Self::META.action, &input.query_id).await
    }

    async fn run(cx: &Context<'_, Queries>, input: &Input) -> Result<Output, ApiError> {
        check_owner(cx, input.event_data_store_owner_account_id.as_deref())?;
        let (place, query) = queries::find(cx, &input.query_id, input.event_data_store.as_deref()).await?;
        let most = page_size(input.max_query_results, MOST, MOST, "MaxQueryResults")?;
        let at = input.next_token.as_deref().map(|given| position(given, &place)).transpose()?;
        let page = page(cx, &place, &query, at, most).await?;
        let columns: Vec<Arc<str>> = page.columns.iter().map(|name| Arc::from(name.as_str())).collect();
        let rows = page.rows.into_iter().map(|row| {
            let cells = columns.iter().zip(row);
            cells.map(|(name, value)| Cell::from([(Arc::clone(name), value.unwrap_or_default())])).collect()
        });
        let query_result_rows: Vec<Vec<Cell>> = rows.collect();
        Ok(Output {
            query_status: query.status,
            query_statistics: QueryStatistics {
                results_count: query_result_rows.len(),
                total_results_count: query.statistics.rows,
                bytes_scanned: query.statistics.bytes_scanned,
            },
            query_result_rows,
            next_token: page.next.map(|next| token::seal(&format!("{} {}", next.chunk, next.row), &place.id)),
            error_message: query.error.clone(),
        })
    }
}

async fn page(
    cx: &Context<'_, Queries>,
    place: &Place,
    query: &Query,
    at: Option<Position>,
    most: usize,
) -> Result<Page, ApiError> {
    if !query.has_results {
        return match at {
            Some(_) => Err(token::invalid()),
            None => Ok(Page { columns: Vec::new(), rows: Vec::new(), next: None }),
        };
    }
    let page = cx.service().page(place, at.unwrap_or_default(), most).await.map_err(ApiError::internal)?;
    page.ok_or_else(token::invalid)
}

fn position(given: &str, place: &Place) -> Result<Position, ApiError> {
    let text = token::open(given, &place.id)?;
    let parts = text.split_once(' ').and_then(|(chunk, row)| Some((chunk.parse().ok()?, row.parse().ok()?)));
    let (chunk, row) = parts.ok_or_else(token::invalid)?;
    Ok(Position { chunk, row })
}
