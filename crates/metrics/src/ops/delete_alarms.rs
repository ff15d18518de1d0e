//! `DeleteAlarms`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{Metrics, constraint::items, watch};

/// Deletes alarms. Names without an alarm are passed over, as on AWS. The alarms' history stays.
pub(crate) struct DeleteAlarms;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    alarm_names: Vec<String>,
}

impl Operation for DeleteAlarms {
    type Service = Metrics;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeleteAlarms", "cloudwatch:DeleteAlarms", &["AlarmNames"], &[]);

    async fn access(cx: &Context<'_, Metrics>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(resource::on_each(cx, Self::META.action, &input.alarm_names))
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<(), ApiError> {
        items("alarmNames", input.alarm_names.len(), 100)?;
        for name in &input.alarm_names {
            let Some(alarm) = resource::alarm(cx, name).await? else { continue };
            watch::remove(cx.tx(), cx.account(), cx.region(), &alarm);
            watch::rewatch(cx.tx(), cx.account(), cx.region(), name, Some(&alarm.configuration), None).await?;
            cx.service().configured(cx.tx(), cx.account(), cx.region(), "delete", &alarm, None).await?;
        }
        Ok(())
    }
}
