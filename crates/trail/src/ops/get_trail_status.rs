//! GetTrailStatus: shows how a trail is doing.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use keeptrail_operation::Timestamp;

use super::shared;
use crate::{
    Trails,
    model::{self, DELIVERIES, Delivery, LOG_STATUS},
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html>
pub(crate) struct GetTrailStatus;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    is_logging: bool,
    latest_delivery_error: Option<String>,
    latest_delivery_time: Option<Timestamp>,
    start_logging_time: Option<Timestamp>,
    stop_logging_time: Option<Timestamp>,
    latest_cloud_watch_logs_delivery_error: Option<String>,
    latest_cloud_watch_logs_delivery_time: Option<Timestamp>,
    latest_delivery_attempt_time: String,
    latest_notification_attempt_time: String,
    latest_notification_attempt_succeeded: String,
    latest_delivery_attempt_succeeded: String,
    time_logging_started: String,
    time_logging_stopped: String,
}

impl Operation for GetTrailStatus {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetTrailStatus", "cloudtrail:GetTrailStatus", &["Name"]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_trail(cx, Self::META.action, &input.name).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        let set = model::set(cx).await?;
        let trail = set.require(cx, &input.name)?;
        let files = DELIVERIES.get(cx.tx(), &[&trail.arn]).await?;
        let logs = LOG_STATUS.get(cx.tx(), &[&trail.arn]).await?;
        let files = files.map(|files| Delivery::clone(&files)).unwrap_or_default();
        let text =
            |time: Option<keeptrail_clock::Timestamp>| time.map(keeptrail_record::event_time).unwrap_or_default();
        let succeeded = files.attempted.filter(|_| files.error.is_none());
        Ok(Output {
            is_logging: trail.logging,
            latest_delivery_error: files.error.clone(),
            latest_delivery_time: files.delivered.map(Into::into),
            start_logging_time: trail.started.map(Into::into),
            stop_logging_time: trail.stopped.map(Into::into),
            latest_cloud_watch_logs_delivery_error: logs.as_ref().and_then(|logs| logs.error.clone()),
            latest_cloud_watch_logs_delivery_time: logs.as_ref().and_then(|logs| logs.delivered).map(Into::into),
            latest_delivery_attempt_time: text(files.attempted),
            latest_notification_attempt_time: String::new(),
            latest_notification_attempt_succeeded: String::new(),
            latest_delivery_attempt_succeeded: text(succeeded),
            time_logging_started: text(trail.started),
            time_logging_stopped: text(trail.stopped),
        })
    }
}
