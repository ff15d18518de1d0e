//! `UntagLogGroup`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagLogGroup.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::Logs;

/// Removes tags of a log group: the older form of `UntagResource`.
pub(crate) struct UntagLogGroup;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    tags: Vec<String>,
}

impl Operation for UntagLogGroup {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("UntagLogGroup", "logs:UntagLogGroup", &["logGroupName", "tags"], &[]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = resource::on_group(cx, Self::META.action, &input.log_group_name);
        Ok(vec![access.when("aws:TagKeys", input.tags.iter().cloned())])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        resource::untag(cx, &input.log_group_name, &input.tags).await
    }
}
