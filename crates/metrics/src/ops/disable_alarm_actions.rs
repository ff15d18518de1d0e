//! `DisableAlarmActions`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{Metrics, constraint::items};

/// Keeps the actions of alarms from running; their states change as before.
pub(crate) struct DisableAlarmActions;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    alarm_names: Vec<String>,
}

impl Operation for DisableAlarmActions {
    type Service = Metrics;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DisableAlarmActions", "cloudwatch:DisableAlarmActions", &["AlarmNames"], &[]);

    async fn access(cx: &Context<'_, Metrics>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(resource::on_each(cx, Self::META.action, &input.alarm_names))
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<(), ApiError> {
        items("alarmNames", input.alarm_names.len(), 100)?;
        for name in &input.alarm_names {
            resource::set_actions_enabled(cx, name, false).await?;
        }
        Ok(())
    }
}
