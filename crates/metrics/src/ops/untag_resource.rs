//! `UntagResource`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_UntagResource.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{Alarm, Metrics, watch};

/// Removes tags of an alarm. Keys that it does not have are passed over.
pub(crate) struct UntagResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    tag_keys: Vec<String>,
}

/// Nothing.
#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for UntagResource {
    type Service = Metrics;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("UntagResource", "cloudwatch:UntagResource", &["ResourceARN", "TagKeys"], &[]);

    async fn access(_cx: &Context<'_, Metrics>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = Access::to(Self::META.action).on(input.resource_arn.as_str());
        Ok(vec![access.when("aws:TagKeys", input.tag_keys.iter().cloned())])
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<Output, ApiError> {
        let before = resource::tagged(cx, &input.resource_arn).await?;
        let mut after = Alarm::clone(&before);
        after.tags.retain(|key, _| !input.tag_keys.contains(key));
        watch::write(cx.tx(), cx.account(), cx.region(), Some(&before), &after)?;
        Ok(Output {})
    }
}
