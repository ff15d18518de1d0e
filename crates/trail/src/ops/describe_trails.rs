//! DescribeTrails: shows trails.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{Trails, model};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html>
pub(crate) struct DescribeTrails;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    trail_name_list: Vec<String>,
    #[serde(default)]
    include_shadow_trails: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    trail_list: Vec<shapes::Described>,
}

impl Operation for DescribeTrails {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::read("DescribeTrails", "cloudtrail:DescribeTrails", &["trailNameList", "includeShadowTrails"]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let _ = input;
        Ok(vec![Access::to(Self::META.action).on(cx.arn("trail/*"))])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        let set = model::set(cx).await?;
        let shadows = input.include_shadow_trails.unwrap_or(true);
        let region = cx.region().as_str();
        // A name that means no trail is left out, as on AWS.
        let named: Vec<String> =
            input.trail_name_list.iter().map(|name| model::arn(cx, name)).collect::<Result<_, _>>()?;
        let asked = |trail: &&model::Trail| {
            let here = trail.region == region || (trail.multi_region && shadows);
            let by_name = named.iter().any(|arn| set.find(arn).is_some_and(|found| found.arn == trail.arn));
            if named.is_empty() { here } else { by_name }
        };
        let trail_list = set.trails.values().filter(asked).map(shapes::Described::of).collect();
        Ok(Output { trail_list })
    }
}
