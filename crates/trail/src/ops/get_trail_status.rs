//! GetTrailStatus: shows how a trail is doing.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use keeptrail_operation::Timestamp;

use super::shared;
use crate::{
    Trails,
    jobs::STATUS,
    model::{self, LOG_STATUS},
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
    latest_notification_error: Option<String>,
    latest_delivery_time: Option<Timestamp>,
    latest_notification_time: Option<Timestamp>,
    start_logging_time: Option<Timestamp>,
    stop_logging_time: Option<Timestamp>,
    latest_cloud_watch_logs_delivery_error: Option<String>,
    latest_cloud_watch_logs_delivery_time: Option<Timestamp>,
    /// Texts, empty where there is no time.
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
        let files = STATUS.get(cx.tx(), &[&trail.id]).await?.unwrap_or_default();
        let logs = LOG_STATUS.get(cx.tx(), &[&trail.id]).await?.unwrap_or_default();
        let text =
            |time: Option<keeptrail_clock::Timestamp>| time.map(keeptrail_record::event_time).unwrap_or_default();
        Ok(Output {
            is_logging: trail.logs(),
            latest_delivery_error: files.error.clone(),
            latest_notification_error: files.notice_error.clone(),
            latest_delivery_time: files.delivered.map(Into::into),
            latest_notification_time: files.noticed.map(Into::into),
            start_logging_time: trail.started().map(Into::into),
            stop_logging_time: trail.stopped().map(Into::into),
            latest_cloud_watch_logs_delivery_error: logs.error.clone(),
            latest_cloud_watch_logs_delivery_time: logs.delivered.map(Into::into),
            latest_delivery_attempt_time: text(files.attempted),
            latest_notification_attempt_time: text(files.notice_attempted),
            latest_notification_attempt_succeeded: text(files.noticed),
            latest_delivery_attempt_succeeded: text(files.delivered),
            time_logging_started: text(trail.started()),
            time_logging_stopped: text(trail.stopped()),
        })
    }
}
