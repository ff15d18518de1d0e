//! `ListTagsForResource`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListTagsForResource.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource::{self, Tag};
use crate::Metrics;

/// Shows the tags of an alarm.
pub(crate) struct ListTagsForResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    type Service = Metrics;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListTagsForResource", "cloudwatch:ListTagsForResource", &["ResourceARN"]);

    async fn access(_cx: &Context<'_, Metrics>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action).on(input.resource_arn.as_str())])
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<Output, ApiError> {
        let alarm = resource::tagged(cx, &input.resource_arn).await?;
        Ok(Output { tags: resource::list_tags(&alarm.tags) })
    }
}
