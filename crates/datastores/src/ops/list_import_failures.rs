//! ListImportFailures: the files that an import could not read, or not to their end.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    errors::page_size,
    imports::{self, FAILURES, Imports},
    token,
};

const USUAL: usize = 100;
const MOST: usize = 1_000;

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListImportFailures.html>
pub(crate) struct ListImportFailures;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    import_id: String,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    location: String,
    status: &'static str,
    error_type: String,
    error_message: String,
    last_updated_time: Timestamp,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    failures: Vec<Failure>,
    next_token: Option<String>,
}

impl Operation for ListImportFailures {
    type Service = Imports;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListImportFailures", "cloudtrail:ListImportFailures", &["ImportId", "MaxResults"]);

    async fn access(cx: &Context<'_, Imports>, input: &Input) -> Result<Vec<Access>, ApiError> {
        imports::access(cx, Self::META.action, &input.import_id).await
    }

    async fn run(cx: &Context<'_, Imports>, input: &Input) -> Result<Output, ApiError> {
        let (place, _) = imports::find(cx, &input.import_id).await?;
        let most = page_size(input.max_results, USUAL, MOST, "MaxResults")?;
        let start = input
            .next_token
            .as_deref()
            .map_or(Ok(0), |given| token::open(given, &place.id)?.parse::<usize>().map_err(|_| token::invalid()))?;
        let found = FAILURES.get(cx.tx(), &place.parts()).await?.unwrap_or_default();
        let next = start.saturating_add(most);
        let next_token = (next < found.len()).then(|| token::seal(&next.to_string(), &place.id));
        let page = found.iter().skip(start).take(most).map(|failure| Failure {
            location: failure.location.clone(),
            status: "FAILED",
            error_type: failure.kind.clone(),
            error_message: failure.message.clone(),
            last_updated_time: failure.at.into(),
        });
        Ok(Output { failures: page.collect(), next_token })
    }
}
