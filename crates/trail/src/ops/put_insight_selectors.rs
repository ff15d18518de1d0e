//! PutInsightSelectors: would turn insights on; only turning them off is carried out.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shared;
use crate::{Trails, model};

/// An insight type.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct InsightSelector {
    insight_type: Option<String>,
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutInsightSelectors.html>
pub(crate) struct PutInsightSelectors;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    trail_name: String,
    #[serde(default)]
    insight_selectors: Vec<InsightSelector>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "TrailARN")]
    trail_arn: String,
    insight_selectors: Vec<InsightSelector>,
}

impl Operation for PutInsightSelectors {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::write("PutInsightSelectors", "cloudtrail:PutInsightSelectors", &["TrailName", "InsightSelectors"], &[]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_trail(cx, Self::META.action, &input.trail_name).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        if !input.insight_selectors.is_empty() {
            return Err(ApiError::not_carried_out("CloudTrail Insights (InsightSelectors)"));
        }
        let set = model::set(cx).await?;
        let trail_arn = set.require(cx, &input.trail_name)?.arn.clone();
        Ok(Output { trail_arn, insight_selectors: Vec::new() })
    }
}
