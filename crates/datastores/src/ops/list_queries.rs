//! ListQueries: the queries of the last seven days over an event data store, newest first.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    errors::{self, page_size},
    place::Place,
    queries::{LISTED, QUERIES, Queries, Status, forwards, readable, store_id},
    token,
};

const USUAL: usize = 100;
const MOST: usize = 1_000;
/// So many are looked at at once.
const BATCH: usize = 128;

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListQueries.html>
pub(crate) struct ListQueries;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    event_data_store: String,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    start_time: Option<Timestamp>,
    #[serde(default)]
    end_time: Option<Timestamp>,
    #[serde(default)]
    query_status: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    query_id: String,
    query_status: Status,
    creation_time: Timestamp,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    queries: Vec<Listed>,
    next_token: Option<String>,
}

impl Operation for ListQueries {
    type Service = Queries;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "ListQueries",
        "cloudtrail:ListQueries",
        &["EventDataStore", "MaxResults", "StartTime", "EndTime", "QueryStatus"],
    );

    async fn access(cx: &Context<'_, Queries>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let store = store_id(cx, &input.event_data_store)?;
        Ok(vec![Access::to(Self::META.action).on(cx.arn(&format!("eventdatastore/{store}")))])
    }

    async fn run(cx: &Context<'_, Queries>, input: &Input) -> Result<Output, ApiError> {
        let store = store_id(cx, &input.event_data_store)?;
        let (account, region) = (cx.account().as_str(), cx.region().as_str());
        readable(cx.tx(), account, region, &store).await?;
        let status = input.query_status.as_deref().map(status).transpose()?;
        let most = page_size(input.max_results, USUAL, MOST, "MaxResults")?;
        let (from, to) = (input.start_time.map(Timestamp::as_millis), input.end_time.map(Timestamp::as_millis));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(ApiError::new(errors::INVALID_DATE_RANGE, "The start time must be before the end time."));
        }
        let question = format!("{store} {from:?} {to:?} {status:?}");
        let prefix = [account, region, store.as_str()];
        let after = input.next_token.as_deref().map(|given| token::open(given, &question)).transpose()?;
        let mut after = match after.as_deref().map(|place| place.split_once(' ').ok_or_else(token::invalid)) {
            Some(place) => {
                let (time, id) = place?;
                Some(LISTED.key(&[account, region, &store, time, id]))
            }
            None => None,
        };
        let mut queries = Vec::new();
        loop {
            let page = LISTED.page(cx.tx(), &prefix, after.as_ref(), BATCH).await?;
            if page.is_empty() {
                return Ok(Output { queries, next_token: None });
            }
            for (key, _) in page {
                let parts = key.parts();
                let [.., time, id] = parts.as_slice() else { return Err(token::invalid()) };
                let created = forwards(time).unwrap_or_default();
                let wanted = from.is_none_or(|from| from <= created) && to.is_none_or(|to| created <= to);
                let place = Place { account: account.to_owned(), region: region.to_owned(), id: id.clone() };
                let found = if wanted { QUERIES.get(cx.tx(), &place.parts()).await? } else { None };
                if let Some(query) = found.filter(|query| status.is_none_or(|status| query.status == status)) {
                    let creation_time = query.created.into();
                    queries.push(Listed { query_id: place.id, query_status: query.status, creation_time });
                }
                if queries.len() == most {
                    let next_token = Some(token::seal(&format!("{time} {id}"), &question));
                    return Ok(Output { queries, next_token });
                }
                after = Some(key);
            }
        }
    }
}

fn status(text: &str) -> Result<Status, ApiError> {
    serde_json::from_value(text.into()).map_err(|_| {
        let text = "QueryStatus must be QUEUED, RUNNING, FINISHED, FAILED, CANCELLED or TIMED_OUT.";
        ApiError::new(errors::INVALID_QUERY_STATUS, text)
    })
}
