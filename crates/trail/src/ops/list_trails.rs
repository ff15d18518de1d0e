//! ListTrails: lists the account's trails.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Trails, model};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html>
pub(crate) struct ListTrails;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    next_token: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    trails: Vec<Info>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    #[serde(rename = "TrailARN")]
    trail_arn: String,
    name: String,
    home_region: String,
}

impl Operation for ListTrails {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListTrails", "cloudtrail:ListTrails", &[]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let _ = input;
        Ok(vec![Access::to(Self::META.action).on(cx.arn("trail/*"))])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        if input.next_token.is_some() {
            return Err(ApiError::validation(
                "The NextToken is not one of this operation's: its list always fits one page.",
            ));
        }
        let set = model::set(cx).await?;
        let info = |trail: &model::Trail| Info {
            trail_arn: trail.arn.clone(),
            name: trail.name.clone(),
            home_region: trail.region.clone(),
        };
        Ok(Output { trails: set.trails.values().map(info).collect() })
    }
}
