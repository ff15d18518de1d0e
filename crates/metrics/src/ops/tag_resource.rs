//! `TagResource`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource::{self, Tag};
use crate::{Alarm, Metrics, watch};

/// Sets tags of an alarm.
pub(crate) struct TagResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    tags: Vec<Tag>,
}

/// Nothing.
#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for TagResource {
    type Service = Metrics;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("TagResource", "cloudwatch:TagResource", &["ResourceARN", "Tags"], &[]);

    async fn access(_cx: &Context<'_, Metrics>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![resource::with_tags(Access::to(Self::META.action).on(input.resource_arn.as_str()), &input.tags)])
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<Output, ApiError> {
        let before = resource::tagged(cx, &input.resource_arn).await?;
        let mut after = Alarm::clone(&before);
        resource::merge_tags(&mut after.tags, &input.tags)?;
        watch::write(cx.tx(), cx.account(), cx.region(), Some(&before), &after)?;
        Ok(Output {})
    }
}
