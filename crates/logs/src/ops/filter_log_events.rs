//! `FilterLogEvents`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>

use std::sync::Arc;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_pattern::filter::FilterPattern;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{get_log_events::MOST_BYTES, resource};
use crate::{
    Logs,
    append::OVERHEAD,
    constraint::{invalid, items, name, range},
    model::{Group, Place, STREAMS, Stream, expired_before},
    position::{END_OF_TIME, Position},
    read::{Bounds, Reader},
    token,
};

/// Most events of one answer, and the number when the caller names none.
const MOST_EVENTS: i64 = 10_000;
/// So many bytes of log lines are searched for one answer.
const MOST_SEARCHED: usize = 32 * 1024 * 1024;

/// Shows the events of all streams of a group, or of some, that match a filter pattern, in the order of their times. An
/// answer may have no events and still a token: then there is more to search.
pub(crate) struct FilterLogEvents;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    /// Events are always interleaved, on AWS too, whatever this says.
    interleaved: Option<bool>,
    unmask: Option<bool>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    events: Vec<FilteredLogEvent>,
    searched_log_streams: Vec<()>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilteredLogEvent {
    log_stream_name: String,
    timestamp: i64,
    message: String,
    ingestion_time: i64,
    event_id: String,
}

/// The place of an event among those of all streams: its time, its stream's name, its number.
type Passed = (i64, String, u64);

impl Input {
    fn check(&self) -> Result<FilterPattern, ApiError> {
        if let Some(names) = &self.log_stream_names {
            items("logStreamNames", names.len(), 1, 100)?;
            if self.log_stream_name_prefix.is_some() {
                return Err(invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters."));
            }
        }
        if let Some(prefix) = &self.log_stream_name_prefix {
            name("logStreamNamePrefix", prefix)?;
        }
        let pattern = self.filter_pattern.as_deref().unwrap_or_default();
        FilterPattern::parse(pattern).map_err(|error| invalid(format!("Invalid filter pattern: {error}")))
    }

    /// The streams to search, in the order of their names.
    async fn streams(&self, cx: &Context<'_, Logs>, group: &Group) -> Result<Vec<Arc<Stream>>, ApiError> {
        if let Some(names) = &self.log_stream_names {
            let mut names: Vec<&String> = names.iter().collect();
            names.sort();
            names.dedup();
            let mut streams = Vec::new();
            for name in names {
                streams.push(resource::stream(cx, group, name).await?);
            }
            return Ok(streams);
        }
        let parts = [cx.account().as_str(), cx.region().as_str(), &group.id];
        let all = STREAMS.all(cx.tx(), &parts).await?;
        let prefix = self.log_stream_name_prefix.as_deref().unwrap_or_default();
        Ok(all.into_iter().map(|(_, stream)| stream).filter(|stream| stream.name.starts_with(prefix)).collect())
    }
}

impl Operation for FilterLogEvents {
    type Service = Logs;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "FilterLogEvents",
        "logs:FilterLogEvents",
        &[
            "logGroupName",
            "logGroupIdentifier",
            "logStreamNames",
            "logStreamNamePrefix",
            "startTime",
            "endTime",
            "filterPattern",
            "limit",
            "interleaved",
        ],
    )
    .data();

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let group = resource::identified(cx, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        Ok(vec![resource::on_group(cx, Self::META.action, &group)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<Output, ApiError> {
        let group = resource::identified(cx, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        let pattern = input.check()?;
        let limit = range("limit", input.limit, MOST_EVENTS, MOST_EVENTS)?;
        let passed: Option<Passed> = token::open(Self::META.name, input.next_token.as_deref())?;
        let group = resource::group(cx, &group).await?;
        let kept = expired_before(&group, cx.now().as_millisecond()).unwrap_or(0);
        let from = input.start_time.unwrap_or(0).max(kept).max(passed.as_ref().map_or(0, |(time, ..)| *time));
        // The end time itself is included, unlike GetLogEvents'.
        let to = input.end_time.unwrap_or(END_OF_TIME).saturating_add(1);
        let bounds = Bounds { after: Position::before(from), before: Position::before(to), reverse: false };
        let mut streams = input.streams(cx, &group).await?;
        streams.retain(|stream| stream.first_event.is_some_and(|first| first < to) && stream.last_event >= Some(from));
        let place = |stream: &Arc<Stream>| Place {
            account: cx.account().as_str(),
            region: cx.region().as_str(),
            group: &group.id,
            stream: stream.id,
        };
        let places: Vec<Place<'_>> = streams.iter().map(place).collect();
        let mut reader = Reader::new(cx.tx(), &places, bounds);
        let mut output = Output { events: Vec::new(), searched_log_streams: Vec::new(), next_token: None };
        let (mut bytes, mut last) = (0, passed.clone());
        while let Some(read) = reader.next().await? {
            let Some(stream) = streams.get(read.stream) else { continue };
            let event = read.event;
            let this: Passed = (event.timestamp, stream.name.clone(), event.number);
            if passed.as_ref().is_some_and(|passed| this <= *passed) {
                continue;
            }
            let matches = pattern.matches(&event.message).is_some();
            if matches {
                bytes += event.message.len() + OVERHEAD;
            }
            let full = output.events.len() == limit || (bytes > MOST_BYTES && !output.events.is_empty());
            // At least one event is passed with each answer, so that a search always ends.
            if (matches && full) || (reader.bytes() > MOST_SEARCHED && last != passed) {
                output.next_token = last.as_ref().map(|last| token::seal(Self::META.name, last)).transpose()?;
                break;
            }
            last = Some(this);
            if matches {
                output.events.push(FilteredLogEvent {
                    log_stream_name: stream.name.clone(),
                    timestamp: event.timestamp,
                    ingestion_time: event.ingested,
                    event_id: Position::of(&event).id(stream.id),
                    message: event.message,
                });
            }
        }
        Ok(output)
    }
}
