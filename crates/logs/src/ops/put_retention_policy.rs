//! `PutRetentionPolicy`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{Logs, constraint::one_of, model::Group};

/// The numbers of days that the service takes.
const DAYS: [&str; 22] = [
    "1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731", "1096", "1827",
    "2192", "2557", "2922", "3288", "3653",
];

/// Sets how long a log group keeps its events.
pub(crate) struct PutRetentionPolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    retention_in_days: i64,
}

impl Operation for PutRetentionPolicy {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("PutRetentionPolicy", "logs:PutRetentionPolicy", &["logGroupName", "retentionInDays"], &[]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![resource::on_group(cx, Self::META.action, &input.log_group_name)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        let days = input.retention_in_days.to_string();
        one_of("retentionInDays", &days, &DAYS)?;
        let mut group = Group::clone(&*resource::group(cx, &input.log_group_name).await?);
        group.retention_days = Some(input.retention_in_days);
        resource::put_group(cx, &group)
    }
}
