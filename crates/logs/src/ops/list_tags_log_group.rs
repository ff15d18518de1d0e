//! `ListTagsLogGroup`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsLogGroup.html>

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::Logs;

/// Shows the tags of a log group: the older form of `ListTagsForResource`.
pub(crate) struct ListTagsLogGroup;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
}

#[derive(Serialize)]
pub(crate) struct Output {
    tags: BTreeMap<String, String>,
}

impl Operation for ListTagsLogGroup {
    type Service = Logs;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListTagsLogGroup", "logs:ListTagsLogGroup", &["logGroupName"]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![resource::on_group(cx, Self::META.action, &input.log_group_name)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<Output, ApiError> {
        Ok(Output { tags: resource::group(cx, &input.log_group_name).await?.tags.clone() })
    }
}
