//! `GetLogEvents`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{
    Logs,
    append::OVERHEAD,
    chunk::Event,
    constraint::range,
    model::{Place, expired_before},
    position::{END_OF_TIME, Position, Token},
    read::{Bounds, Reader},
};

/// Most events of one answer, and the number when the caller names none.
const MOST_EVENTS: i64 = 10_000;
/// Most bytes of one answer, but for a single larger event.
pub(super) const MOST_BYTES: usize = 1_048_576;

/// Shows the events of a stream in the order of their times, page by page in both directions. A token that leads to no
/// more events comes back as it was sent, which is how callers see the end; it leads on when events have come since.
pub(crate) struct GetLogEvents;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
    unmask: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    events: Vec<OutputLogEvent>,
    next_forward_token: String,
    next_backward_token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutputLogEvent {
    timestamp: i64,
    message: String,
    ingestion_time: i64,
}

impl Operation for GetLogEvents {
    type Service = Logs;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "GetLogEvents",
        "logs:GetLogEvents",
        &[
            "logGroupName",
            "logGroupIdentifier",
            "logStreamName",
            "startTime",
            "endTime",
            "nextToken",
            "limit",
            "startFromHead",
        ],
    )
    .data();

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let group = resource::identified(cx, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        Ok(vec![resource::on_stream(cx, Self::META.action, &group, &input.log_stream_name)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<Output, ApiError> {
        let group = resource::identified(cx, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        let limit = range("limit", input.limit, MOST_EVENTS, MOST_EVENTS)?;
        let group = resource::group(cx, &group).await?;
        let stream = resource::stream(cx, &group, &input.log_stream_name).await?;
        let kept = expired_before(&group, cx.now().as_millisecond()).unwrap_or(0);
        // The first place that may be shown, and the first that may not.
        let first = Position::before(input.start_time.unwrap_or(0).max(kept));
        let end = Position::before(input.end_time.unwrap_or(END_OF_TIME));
        let token = match &input.next_token {
            Some(text) => Token::parse(text, stream.id)?,
            None if input.start_from_head == Some(true) => Token::Forward(first),
            None => Token::Backward(end),
        };
        let bounds = match token {
            Token::Forward(after) => Bounds { after: after.max(first), before: end, reverse: false },
            Token::Backward(before) => Bounds { after: first, before: before.min(end), reverse: true },
        };
        let place =
            Place { account: cx.account().as_str(), region: cx.region().as_str(), group: &group.id, stream: stream.id };
        let events = page(&mut Reader::new(cx.tx(), &[place], bounds), limit, bounds.reverse).await?;
        let (forward, backward) = match (events.first(), events.last(), token) {
            (Some(first), Some(last), _) => (Token::Forward(Position::of(last)), Token::Backward(Position::of(first))),
            (_, _, Token::Forward(after)) => (token, Token::Backward(after.next())),
            (_, _, Token::Backward(_)) if input.next_token.is_none() => (Token::Forward(first), token),
            (_, _, Token::Backward(before)) => (Token::Forward(before.previous()), token),
        };
        let shown = |event: Event| OutputLogEvent {
            timestamp: event.timestamp,
            message: event.message,
            ingestion_time: event.ingested,
        };
        Ok(Output {
            events: events.into_iter().map(shown).collect(),
            next_forward_token: forward.text(stream.id),
            next_backward_token: backward.text(stream.id),
        })
    }
}

/// The next events in the order of their times, as many as fit one answer.
async fn page(reader: &mut Reader<'_>, limit: usize, reverse: bool) -> Result<Vec<Event>, ApiError> {
    let (mut events, mut bytes) = (Vec::new(), 0);
    while events.len() < limit {
        let Some(read) = reader.next().await? else { break };
        bytes += read.event.message.len() + OVERHEAD;
        if bytes > MOST_BYTES && !events.is_empty() {
            break;
        }
        events.push(read.event);
    }
    if reverse {
        events.reverse();
    }
    Ok(events)
}
