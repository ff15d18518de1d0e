//! GetInsightSelectors: says that insights are off.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shared;
use crate::{Trails, errors, model};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html>
pub(crate) struct GetInsightSelectors;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    trail_name: String,
}

#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for GetInsightSelectors {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetInsightSelectors", "cloudtrail:GetInsightSelectors", &["TrailName"]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_trail(cx, Self::META.action, &input.trail_name).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        let set = model::set(cx).await?;
        let trail = set.require(cx, &input.trail_name)?;
        let text = format!(
            "Trail {} does not have Insights enabled. Edit the trail settings to enable Insights, and then try the operation again.",
            trail.name
        );
        Err(ApiError::new(errors::NO_INSIGHTS, text))
    }
}
