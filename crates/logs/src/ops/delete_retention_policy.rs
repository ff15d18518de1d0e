//! `DeleteRetentionPolicy`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{Logs, model::Group};

/// Lets a log group keep its events for ever.
pub(crate) struct DeleteRetentionPolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
}

impl Operation for DeleteRetentionPolicy {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeleteRetentionPolicy", "logs:DeleteRetentionPolicy", &["logGroupName"], &[]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![resource::on_group(cx, Self::META.action, &input.log_group_name)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        let mut group = Group::clone(&*resource::group(cx, &input.log_group_name).await?);
        group.retention_days = None;
        resource::put_group(cx, &group)
    }
}
