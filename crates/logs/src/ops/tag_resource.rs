//! `TagResource`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html>

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::Logs;

/// Sets tags of a log group.
pub(crate) struct TagResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
    tags: BTreeMap<String, String>,
}

impl Operation for TagResource {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("TagResource", "logs:TagResource", &["resourceArn", "tags"], &[]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = resource::tagged(cx, &input.resource_arn)?;
        let access = Access::to(Self::META.action).on(resource::group_arn(cx, &name));
        Ok(vec![resource::with_tags(access, &input.tags)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        let name = resource::tagged(cx, &input.resource_arn)?;
        resource::tag(cx, &name, &input.tags).await
    }
}
