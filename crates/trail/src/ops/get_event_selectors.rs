//! GetEventSelectors: shows what a trail takes.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use keeptrail_pattern::selector::{AdvancedEventSelector, EventSelector};

use super::shared;
use crate::{
    Trails,
    model::{self, Chosen},
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html>
pub(crate) struct GetEventSelectors;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    trail_name: String,
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

impl Operation for GetEventSelectors {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetEventSelectors", "cloudtrail:GetEventSelectors", &["TrailName"]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_trail(cx, Self::META.action, &input.trail_name).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        let set = model::set(cx).await?;
        let trail = set.require(cx, &input.trail_name)?;
        let (event_selectors, advanced_event_selectors) = match &trail.chosen {
            // What a trail without selectors takes, as AWS shows it.
            Chosen::Default => (
                Some(vec![EventSelector {
                    read_write_type: Some("All".to_owned()),
                    include_management_events: Some(true),
                    ..EventSelector::default()
                }]),
                None,
            ),
            Chosen::Basic(basic) => (Some(basic.clone()), None),
            Chosen::Advanced(advanced) => (None, Some(advanced.clone())),
        };
        Ok(Output { trail_arn: trail.arn.clone(), event_selectors, advanced_event_selectors })
    }
}
