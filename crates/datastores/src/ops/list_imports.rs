//! ListImports: the account's imports, newest first.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    errors::{self, page_size},
    imports::{IMPORTS, Imports, Status},
    place::Place,
    queries::store_id,
    token,
};

const USUAL: usize = 100;
const MOST: usize = 1_000;

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListImports.html>
pub(crate) struct ListImports;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    destination: Option<String>,
    #[serde(default)]
    import_status: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    import_id: String,
    import_status: Status,
    destinations: Vec<String>,
    created_timestamp: Timestamp,
    updated_timestamp: Timestamp,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    imports: Vec<Listed>,
    next_token: Option<String>,
}

impl Operation for ListImports {
    type Service = Imports;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::read("ListImports", "cloudtrail:ListImports", &["MaxResults", "Destination", "ImportStatus"]);

    async fn access(cx: &Context<'_, Imports>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = Access::to(Self::META.action);
        Ok(vec![match &input.destination {
            Some(store) => access.on(cx.arn(&format!("eventdatastore/{}", store_id(cx, store)?))),
            None => access,
        }])
    }

    async fn run(cx: &Context<'_, Imports>, input: &Input) -> Result<Output, ApiError> {
        let store = input.destination.as_deref().map(|store| store_id(cx, store)).transpose()?;
        let status = input.import_status.as_deref().map(status).transpose()?;
        let most = page_size(input.max_results, USUAL, MOST, "MaxResults")?;
        let question = format!("{store:?} {status:?}");
        let start = input
            .next_token
            .as_deref()
            .map_or(Ok(0), |given| token::open(given, &question)?.parse::<usize>().map_err(|_| token::invalid()))?;
        let place = Place::in_call(cx, "");
        let rows = IMPORTS.all(cx.tx(), &[&place.account, &place.region]).await?;
        let mut found: Vec<_> = rows.into_iter().map(|(_, import)| import).collect();
        found.retain(|import| {
            store.as_ref().is_none_or(|store| import.store == *store) && status.is_none_or(|it| import.status == it)
        });
        found.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        let next = start.saturating_add(most);
        let next_token = (next < found.len()).then(|| token::seal(&next.to_string(), &question));
        let page = found.into_iter().skip(start).take(most).map(|import| Listed {
            import_id: import.id.clone(),
            import_status: import.status,
            destinations: vec![place.store_arn(&import.store)],
            created_timestamp: import.created.into(),
            updated_timestamp: import.updated.into(),
        });
        Ok(Output { imports: page.collect(), next_token })
    }
}

fn status(text: &str) -> Result<Status, ApiError> {
    serde_json::from_value(text.into()).map_err(|_| {
        let text = "ImportStatus must be INITIALIZING, IN_PROGRESS, FAILED, STOPPED or COMPLETED.";
        ApiError::new(errors::INVALID_PARAMETER, text)
    })
}
