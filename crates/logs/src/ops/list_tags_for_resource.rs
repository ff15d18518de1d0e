//! `ListTagsForResource`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html>

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::Logs;

/// Shows the tags of a log group.
pub(crate) struct ListTagsForResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
}

#[derive(Serialize)]
pub(crate) struct Output {
    tags: BTreeMap<String, String>,
}

impl Operation for ListTagsForResource {
    type Service = Logs;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListTagsForResource", "logs:ListTagsForResource", &["resourceArn"]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = resource::tagged(cx, &input.resource_arn)?;
        Ok(vec![Access::to(Self::META.action).on(resource::group_arn(cx, &name))])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<Output, ApiError> {
        let name = resource::tagged(cx, &input.resource_arn)?;
        Ok(Output { tags: resource::group(cx, &name).await?.tags.clone() })
    }
}
