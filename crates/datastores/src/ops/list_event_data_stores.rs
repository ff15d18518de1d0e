//! ListEventDataStores: lists the event data stores of the account in the region, those that are pending deletion included.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{DataStores, errors, model};

const MOST: usize = 1000;

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListEventDataStores.html>
pub(crate) struct ListEventDataStores;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    event_data_stores: Vec<Listed>,
    next_token: Option<String>,
}

/// What AWS still lists of a store; its settings are GetEventDataStore's.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    event_data_store_arn: String,
    name: String,
}

impl Operation for ListEventDataStores {
    type Service = DataStores;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListEventDataStores", "cloudtrail:ListEventDataStores", &["MaxResults"]);

    async fn access(cx: &Context<'_, DataStores>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let _ = (cx, input);
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, DataStores>, input: &Input) -> Result<Output, ApiError> {
        let limit = input.max_results.map_or(Some(MOST), |limit| usize::try_from(limit).ok());
        let limit = limit.filter(|limit| (1..=MOST).contains(limit)).ok_or_else(|| {
            ApiError::new(errors::INVALID_MAX_RESULTS, format!("MaxResults must be between 1 and {MOST}."))
        })?;
        let after = input.next_token.as_deref().map(open).transpose()?;
        let set = model::of_account(cx.tx(), cx.account().as_str()).await?;
        let mut page: Vec<_> = set
            .in_region(cx.region().as_str())
            .filter(|store| after.as_ref().is_none_or(|after| store.id > *after))
            .take(limit + 1)
            .collect();
        let more = page.len() > limit;
        page.truncate(limit);
        let next_token = page.last().filter(|_| more).map(|store| URL_SAFE_NO_PAD.encode(&store.id));
        let listed =
            page.into_iter().map(|store| Listed { event_data_store_arn: store.arn.clone(), name: store.name.clone() });
        Ok(Output { event_data_stores: listed.collect(), next_token })
    }
}

/// The id of the last store of the page before.
fn open(token: &str) -> Result<String, ApiError> {
    let id = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    id.ok_or_else(|| ApiError::new(errors::INVALID_NEXT_TOKEN, "The NextToken is not one of this operation's."))
}
