//! StartImport: begins to take the log files of a bucket into an event data store, or begins again.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    errors,
    imports::{self, Import, ImportFrom, Imports, ONGOING, Source, SourceProblem, Statistics, Status, save},
    place::Place,
    queries::{readable, store_id},
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartImport.html>
pub(crate) struct StartImport;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    destinations: Option<Vec<String>>,
    #[serde(default)]
    import_source: Option<Source>,
    #[serde(default)]
    start_event_time: Option<Timestamp>,
    #[serde(default)]
    end_event_time: Option<Timestamp>,
    #[serde(default)]
    import_id: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    import_id: String,
    destinations: Vec<String>,
    import_source: Source,
    start_event_time: Option<Timestamp>,
    end_event_time: Option<Timestamp>,
    import_status: Status,
    created_timestamp: Timestamp,
    updated_timestamp: Timestamp,
}

impl Operation for StartImport {
    type Service = Imports;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "StartImport",
        "cloudtrail:StartImport",
        &["Destinations", "ImportSource", "StartEventTime", "EndEventTime", "ImportId"],
        &["ImportId", "Destinations", "ImportSource", "StartEventTime", "EndEventTime", "ImportStatus"],
    );

    async fn access(cx: &Context<'_, Imports>, input: &Input) -> Result<Vec<Access>, ApiError> {
        match &input.import_id {
            Some(import) => imports::access(cx, Self::META.action, import).await,
            None => {
                let store = store_id(cx, destination(input)?)?;
                Ok(vec![Access::to(Self::META.action).on(cx.arn(&format!("eventdatastore/{store}")))])
            }
        }
    }

    async fn run(cx: &Context<'_, Imports>, input: &Input) -> Result<Output, ApiError> {
        let (place, import) = match &input.import_id {
            Some(id) => again(cx, id, input).await?,
            None => new(cx, input).await?,
        };
        readable(cx.tx(), &place.account, &place.region, &import.store).await?;
        if ONGOING.get(cx.tx(), &[&place.account]).await?.is_some() {
            let text = "Another import of this account is still in progress; wait for it, or stop it.";
            return Err(ApiError::new(errors::ONGOING_IMPORT, text));
        }
        check_source(cx, &import).await?;
        save(cx.tx(), &place, &import)?;
        Ok(Output {
            import_source: Source::of(&import),
            destinations: vec![place.store_arn(&import.store)],
            start_event_time: import.start.map(Timestamp::from),
            end_event_time: import.end.map(Timestamp::from),
            import_status: import.status,
            created_timestamp: import.created.into(),
            updated_timestamp: cx.now().into(),
            import_id: import.id,
        })
    }
}

fn destination(input: &Input) -> Result<&str, ApiError> {
    match input.destinations.as_deref() {
        Some([only]) => Ok(only),
        _ => Err(invalid("Destinations must name one event data store, or ImportId an import to retry.")),
    }
}

async fn new(cx: &Context<'_, Imports>, input: &Input) -> Result<(Place, Import), ApiError> {
    let store = store_id(cx, destination(input)?)?;
    let source = input.import_source.as_ref();
    let source = &source.ok_or_else(|| invalid("ImportSource is required for a new import."))?.s3;
    let rest = source.uri.strip_prefix("s3://").unwrap_or_default();
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        return Err(ApiError::new(errors::INVALID_SOURCE, "S3LocationUri must look like s3://BUCKET/PREFIX."));
    }
    let (start, end) = (input.start_event_time.map(Timestamp::to_jiff), input.end_event_time.map(Timestamp::to_jiff));
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        return Err(invalid("StartEventTime must be before EndEventTime."));
    }
    let place = Place::in_call(cx, &cx.random().uuid()?);
    let from = ImportFrom {
        account: place.account.clone(),
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        region: source.region.clone(),
        role_arn: source.role_arn.clone(),
        store_arn: place.store_arn(&store),
    };
    let import = Import {
        id: place.id.clone(),
        store,
        uri: source.uri.clone(),
        from,
        start,
        end,
        status: Status::Initializing,
        created: cx.now(),
        updated: cx.now(),
        statistics: Statistics::default(),
    };
    Ok((place, import))
}

/// An import that failed or was stopped, once more. What it has taken in is not read again.
async fn again(cx: &Context<'_, Imports>, id: &str, input: &Input) -> Result<(Place, Import), ApiError> {
    if input.destinations.is_some()
        || input.import_source.is_some()
        || input.start_event_time.is_some()
        || input.end_event_time.is_some()
    {
        return Err(invalid("ImportId retries an import as it was; it cannot be given with other parameters."));
    }
    let (place, import) = imports::find(cx, id).await?;
    if import.status == Status::Completed {
        return Err(invalid("The import has completed; only imports that failed or were stopped can be retried."));
    }
    if cx.service().progress(&place).is_some() {
        return Err(ApiError::new(errors::ONGOING_IMPORT, "The import has not ended yet; try again in a moment."));
    }
    Ok((place, Import { status: Status::Initializing, ..Import::clone(&import) }))
}

async fn check_source(cx: &Context<'_, Imports>, import: &Import) -> Result<(), ApiError> {
    let role = import.from.role_arn.as_str();
    let pass = Access::to("iam:PassRole").on(role);
    cx.authorise(&pass.when("iam:PassedToService", ["cloudtrail.amazonaws.com".to_owned()]))?;
    cx.service().source.check(cx.tx(), &import.from).await.map_err(|problem| match problem {
        SourceProblem::NoBucket | SourceProblem::Unavailable(_) => {
            let text = format!("The bucket {} is not valid for import: {problem}.", import.from.bucket);
            ApiError::new(errors::INVALID_SOURCE, text)
        }
        SourceProblem::Role(reason) => {
            let text = format!("Access denied. Verify in IAM that the role has adequate permissions: {reason}.");
            ApiError::new(errors::SOURCE_POLICY, text)
        }
        SourceProblem::Store(error) => error.into(),
    })
}

fn invalid(text: &'static str) -> ApiError {
    ApiError::new(errors::INVALID_PARAMETER, text)
}
