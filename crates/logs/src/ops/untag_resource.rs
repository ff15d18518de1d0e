//! `UntagResource`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::Logs;

/// Removes tags of a log group.
pub(crate) struct UntagResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("UntagResource", "logs:UntagResource", &["resourceArn", "tagKeys"], &[]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = resource::tagged(cx, &input.resource_arn)?;
        let access = Access::to(Self::META.action).on(resource::group_arn(cx, &name));
        Ok(vec![access.when("aws:TagKeys", input.tag_keys.iter().cloned())])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        let name = resource::tagged(cx, &input.resource_arn)?;
        resource::untag(cx, &name, &input.tag_keys).await
    }
}
