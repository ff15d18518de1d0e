//! `TagLogGroup`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagLogGroup.html>

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::Logs;

/// Sets tags of a log group: the older form of `TagResource`.
pub(crate) struct TagLogGroup;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    tags: BTreeMap<String, String>,
}

impl Operation for TagLogGroup {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("TagLogGroup", "logs:TagLogGroup", &["logGroupName", "tags"], &[]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![resource::with_tags(resource::on_group(cx, Self::META.action, &input.log_group_name), &input.tags)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        resource::tag(cx, &input.log_group_name, &input.tags).await
    }
}
