//! StartQuery: begins to answer a statement in the background.

use keeptrail_clock::after;
use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, codes};
use keeptrail_store::Tx;
use serde::{Deserialize, Serialize};

use crate::{
    errors, model,
    place::Place,
    queries::{
        ACTIVE, Delivery, DeliveryStatus, Destination, KEPT, MOST_ACTIVE, QUERIES, Queries, Query, ResultProblem,
        Statistics, Status, check_owner, create, readable,
    },
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartQuery.html>
pub(crate) struct StartQuery;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    query_statement: Option<String>,
    #[serde(rename = "DeliveryS3Uri", default)]
    delivery_s3_uri: Option<String>,
    #[serde(default)]
    query_alias: Option<String>,
    #[serde(default)]
    query_parameters: Option<Vec<String>>,
    #[serde(default)]
    event_data_store_owner_account_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    query_id: String,
    event_data_store_owner_account_id: String,
}

impl Operation for StartQuery {
    type Service = Queries;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "StartQuery",
        "cloudtrail:StartQuery",
        &["QueryStatement", "DeliveryS3Uri", "QueryAlias", "QueryParameters", "EventDataStoreOwnerAccountId"],
        &["QueryId", "EventDataStoreOwnerAccountId"],
    );

    async fn access(cx: &Context<'_, Queries>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let set = model::of_account(cx.tx(), cx.account().as_str()).await?;
        let access = |id: &String| {
            let access = Access::to(Self::META.action).on(cx.arn(&format!("eventdatastore/{id}")));
            match set.find(cx.region().as_str(), id) {
                Some(_) => access.listing("AWS::CloudTrail::EventDataStore", cx.account()),
                None => access,
            }
        };
        Ok(stores(cx, input).await?.iter().map(access).collect())
    }

    async fn run(cx: &Context<'_, Queries>, input: &Input) -> Result<Output, ApiError> {
        check_owner(cx, input.event_data_store_owner_account_id.as_deref())?;
        let (statement, stores) = (statement(input)?, stores(cx, input).await?);
        let (account, region) = (cx.account().to_string(), cx.region().to_string());
        for store in &stores {
            readable(cx.tx(), &account, &region, store).await?;
        }
        let to = input.delivery_s3_uri.as_deref().map(Destination::parse).transpose()?;
        if active(cx.tx(), &account, &region).await? >= MOST_ACTIVE {
            let text = format!("You are already running the maximum number of concurrent queries: {MOST_ACTIVE}.");
            return Err(ApiError::new(errors::TOO_MANY_QUERIES, text));
        }
        prepare(cx, statement, &stores).await?;
        let place = Place { account, region, id: cx.random().uuid()? };
        if let Some(to) = &to {
            check_bucket(cx, &place, to, &stores).await?;
        }
        let query = Query {
            id: place.id.clone(),
            statement: statement.to_owned(),
            stores,
            created: cx.now(),
            status: Status::Queued,
            delivery: to.map(|to| Delivery { to, status: DeliveryStatus::Pending }),
            statistics: Statistics::default(),
            error: None,
            ended: None,
            has_results: false,
        };
        create(cx.tx(), &place, &query, after(cx.now(), KEPT))?;
        Ok(Output { query_id: place.id, event_data_store_owner_account_id: place.account })
    }
}

fn statement(input: &Input) -> Result<&str, ApiError> {
    if input.query_alias.is_some() || input.query_parameters.is_some() {
        return Err(ApiError::not_carried_out("queries of dashboards (QueryAlias and QueryParameters)"));
    }
    let given = input.query_statement.as_deref().filter(|statement| !statement.is_empty());
    given.ok_or_else(|| ApiError::new(errors::INVALID_PARAMETER, "QueryStatement must have 1 to 10000 characters."))
}

/// The ids of the event data stores that the statement asks.
async fn stores(cx: &Context<'_, Queries>, input: &Input) -> Result<Vec<String>, ApiError> {
    let statement = statement(input)?;
    let _turn = turn(cx).await?;
    let engine = cx.service().stores.engine().map_err(errors::of_statement)?;
    let names = engine.store_names(statement).await.map_err(errors::of_statement)?;
    if names.is_empty() {
        let text = "The statement asks no event data store; put the id of yours behind FROM.";
        return Err(ApiError::new(errors::INVALID_STATEMENT, text));
    }
    Ok(names)
}

/// Whether the statement can be run over these stores.
async fn prepare(cx: &Context<'_, Queries>, statement: &str, stores: &[String]) -> Result<(), ApiError> {
    let _turn = turn(cx).await?;
    let tables = cx.service().tables(stores).await.map_err(ApiError::internal)?;
    let engine = cx.service().stores.engine().map_err(errors::of_statement)?;
    engine.prepare(statement, &tables).await.map(drop).map_err(errors::of_statement)
}

/// Few statements are planned at once: it costs a thread each.
async fn turn<'a>(cx: &'a Context<'_, Queries>) -> Result<tokio::sync::SemaphorePermit<'a>, ApiError> {
    cx.service().planning.acquire().await.map_err(|_| ApiError::new(codes::UNAVAILABLE, "The server stops."))
}

/// How many queries of the account wait or run.
async fn active(tx: &Tx, account: &str, region: &str) -> Result<usize, ApiError> {
    let mut count = 0;
    for (key, _) in ACTIVE.all(tx, &[account, region]).await? {
        let Some(place) = Place::of(&key) else { continue };
        let query = QUERIES.get(tx, &place.parts()).await?;
        count += usize::from(query.is_some_and(|query| query.status.is_active()));
    }
    Ok(count)
}

async fn check_bucket(
    cx: &Context<'_, Queries>,
    place: &Place,
    to: &Destination,
    stores: &[String],
) -> Result<(), ApiError> {
    let folder = to.account_folder(&place.account);
    for store in stores {
        let arn = place.store_arn(store);
        let checked = cx.service().sink.check(cx.tx(), &place.account, &to.bucket, &folder, &arn).await;
        checked.map_err(|problem| match problem {
            ResultProblem::NoBucket => {
                ApiError::new(errors::NO_BUCKET, format!("S3 bucket {} does not exist!", to.bucket))
            }
            ResultProblem::Policy | ResultProblem::Unavailable(_) => {
                let text = format!("Incorrect S3 bucket policy is detected for bucket: {}", to.bucket);
                ApiError::new(errors::BUCKET_POLICY, text)
            }
            ResultProblem::Store(error) => error.into(),
        })?;
    }
    Ok(())
}
