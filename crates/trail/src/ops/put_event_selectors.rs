//! PutEventSelectors: sets what a trail takes. Setting one kind of selectors removes the other.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use keeptrail_pattern::selector::{AdvancedEventSelector, EventSelector, SelectorError, Selectors};

use super::shared;
use crate::{
    Trails, errors,
    model::{self, Chosen},
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html>
pub(crate) struct PutEventSelectors;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    trail_name: String,
    #[serde(default)]
    event_selectors: Option<Vec<EventSelector>>,
    #[serde(default)]
    advanced_event_selectors: Option<Vec<AdvancedEventSelector>>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "TrailARN")]
    trail_arn: String,
    event_selectors: Option<Vec<EventSelector>>,
    advanced_event_selectors: Option<Vec<AdvancedEventSelector>>,
}

impl Operation for PutEventSelectors {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "PutEventSelectors",
        "cloudtrail:PutEventSelectors",
        &["TrailName", "EventSelectors", "AdvancedEventSelectors"],
        &["TrailARN", "EventSelectors", "AdvancedEventSelectors"],
    );

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_trail(cx, Self::META.action, &input.trail_name).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        let refuse = |error: SelectorError| ApiError::new(errors::INVALID_SELECTORS, error.to_string());
        let chosen = match (&input.event_selectors, &input.advanced_event_selectors) {
            (Some(basic), None) => {
                Selectors::basic(basic).map_err(refuse)?;
                Chosen::Basic(basic.clone())
            }
            (None, Some(advanced)) => {
                Selectors::advanced(advanced).map_err(refuse)?;
                Chosen::Advanced(advanced.clone())
            }
            _ => {
                let text = "You must specify either EventSelectors or AdvancedEventSelectors, but not both.";
                return Err(ApiError::new(errors::INVALID_SELECTORS, text));
            }
        };
        let mut set = model::set(cx).await?;
        let trail = set.change(cx, &input.trail_name)?;
        trail.chosen = chosen;
        let trail_arn = trail.arn.clone();
        model::save(cx, &set)?;
        Ok(Output {
            trail_arn,
            event_selectors: input.event_selectors.clone(),
            advanced_event_selectors: input.advanced_event_selectors.clone(),
        })
    }
}
