//! `PutLogEvents`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::resource;
use crate::{
    LogEvent, Logs,
    append::OVERHEAD,
    constraint::{invalid, items, length},
    model::expired_before,
};

/// Most bytes of a batch, each event counted with its overhead.
const MOST_BYTES: usize = 1_048_576;
/// A batch spans at most so much time, in milliseconds.
const DAY: i64 = 86_400_000;
/// Events older than this are not taken in, in milliseconds.
const OLDEST: i64 = 14 * DAY;
/// Events that lie further ahead than this are not taken in, in milliseconds.
const NEWEST: i64 = 2 * 3_600_000;

/// Writes events to a log stream and runs the group's metric filters over them, before it answers. A data event: its
/// record tells who wrote where, not what.
pub(crate) struct PutLogEvents;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<InputLogEvent>,
    /// AWS ignores it, and so do we: streams need no tokens any more.
    sequence_token: Option<String>,
    entity: Option<serde_json::Value>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct InputLogEvent {
    timestamp: i64,
    message: String,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    rejected_log_events_info: Option<RejectedLogEventsInfo>,
}

/// Which events were not taken in: ends are the index after the last such event.
#[skip_serializing_none]
#[derive(Serialize, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RejectedLogEventsInfo {
    too_new_log_event_start_index: Option<usize>,
    too_old_log_event_end_index: Option<usize>,
    expired_log_event_end_index: Option<usize>,
}

impl Input {
    fn check(&self) -> Result<(), ApiError> {
        items("logEvents", self.log_events.len(), 1, 10_000)?;
        for (event, number) in self.log_events.iter().zip(1..) {
            length(&format!("logEvents.{number}.member.message"), &event.message, 1, MOST_BYTES)?;
            if event.timestamp < 0 {
                return Err(invalid(format!(
                    "1 validation error detected: Value '{}' at 'logEvents.{number}.member.timestamp' failed to satisfy constraint: Member must have value greater than or equal to 0",
                    event.timestamp
                )));
            }
        }
        let bytes: usize = self.log_events.iter().map(|event| event.message.len() + OVERHEAD).sum();
        if bytes > MOST_BYTES {
            return Err(invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MOST_BYTES}")));
        }
        if !self.log_events.is_sorted_by_key(|event| event.timestamp) {
            return Err(invalid("Log events in a single PutLogEvents request must be in chronological order."));
        }
        let times = || self.log_events.iter().map(|event| event.timestamp);
        if times().max().unwrap_or(0).saturating_sub(times().min().unwrap_or(0)) > DAY {
            return Err(invalid(
                "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
            ));
        }
        if self.entity.is_some() {
            return Err(ApiError::not_carried_out("the parameter entity"));
        }
        Ok(())
    }
}

impl Operation for PutLogEvents {
    type Service = Logs;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("PutLogEvents", "logs:PutLogEvents", &["logGroupName", "logStreamName"], &[]).data();

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![resource::on_stream(cx, Self::META.action, &input.log_group_name, &input.log_stream_name)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<Output, ApiError> {
        input.check()?;
        let group = resource::group(cx, &input.log_group_name).await?;
        let stream = resource::stream(cx, &group, &input.log_stream_name).await?;
        let now = cx.now().as_millisecond();
        let expired = expired_before(&group, now).unwrap_or(i64::MIN);
        // Events are in the order of their times, so those that are not taken in are at the ends.
        let before = |time: i64| input.log_events.partition_point(|event| event.timestamp < time);
        let (too_old, expired) = (before(now - OLDEST), before(expired));
        let too_new = input.log_events.partition_point(|event| event.timestamp <= now + NEWEST);
        let taken = input.log_events.get(too_old.max(expired)..too_new).unwrap_or_default();
        let events: Vec<LogEvent<'_>> = taken
            .iter()
            .map(|event| LogEvent { timestamp: event.timestamp, message: &event.message, document: None })
            .collect();
        cx.service().append(cx.tx(), cx.account(), cx.region(), &group.name, &stream.name, &events).await?;
        let rejected = RejectedLogEventsInfo {
            too_new_log_event_start_index: (too_new < input.log_events.len()).then_some(too_new),
            too_old_log_event_end_index: (too_old > 0).then_some(too_old),
            expired_log_event_end_index: (expired > too_old).then_some(expired),
        };
        Ok(Output { rejected_log_events_info: Some(rejected).filter(|info| *info != RejectedLogEventsInfo::default()) })
    }
}
