//! `DescribeLogStreams`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>

use std::sync::Arc;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::resource;
use crate::{
    Logs,
    constraint::{invalid, name, one_of, range},
    model::{STREAMS, Stream},
    token,
};

/// Shows the streams of a log group, by name or by their last event's time. The times of first and last event and of the
/// last ingestion are those of the moment (AWS's may lag behind by an hour).
pub(crate) struct DescribeLogStreams;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    next_token: Option<String>,
    limit: Option<i64>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    log_streams: Vec<LogStream>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogStream {
    log_stream_name: String,
    creation_time: i64,
    first_event_timestamp: Option<i64>,
    last_event_timestamp: Option<i64>,
    last_ingestion_time: Option<i64>,
    arn: String,
    stored_bytes: u64,
}

/// A stream's place in the order that was asked for: the last event's time (0 when ordered by name), then the name.
type Rank = (i64, String);

impl Operation for DescribeLogStreams {
    type Service = Logs;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "DescribeLogStreams",
        "logs:DescribeLogStreams",
        &["logGroupName", "logGroupIdentifier", "logStreamNamePrefix", "orderBy", "descending", "limit"],
    );

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let group = resource::identified(cx, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        Ok(vec![resource::on_group(cx, Self::META.action, &group)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<Output, ApiError> {
        let group = resource::identified(cx, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        let by = input.order_by.as_deref().unwrap_or("LogStreamName");
        one_of("orderBy", by, &["LogStreamName", "LastEventTime"])?;
        let by_time = by == "LastEventTime";
        if let Some(prefix) = &input.log_stream_name_prefix {
            name("logStreamNamePrefix", prefix)?;
            if by_time {
                return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
            }
        }
        let limit = range("limit", input.limit, 50, 50)?;
        let after: Option<Rank> = token::open(Self::META.name, input.next_token.as_deref())?;
        let group = resource::group(cx, &group).await?;
        let descending = input.descending == Some(true);
        let rank = |stream: &Stream| -> Rank {
            let time = if by_time { stream.last_event.unwrap_or(0) } else { 0 };
            (time, stream.name.clone())
        };
        let parts = [cx.account().as_str(), cx.region().as_str(), &group.id];
        let mut ranked: Vec<(Rank, Arc<Stream>)> = STREAMS
            .all(cx.tx(), &parts)
            .await?
            .into_iter()
            .map(|(_, stream)| (rank(&stream), stream))
            .filter(|(rank, stream)| {
                let beyond = |after: &Rank| if descending { rank < after } else { rank > after };
                after.as_ref().is_none_or(beyond)
                    && input.log_stream_name_prefix.as_deref().is_none_or(|prefix| stream.name.starts_with(prefix))
            })
            .collect();
        ranked.sort_by(|(a, _), (b, _)| if descending { b.cmp(a) } else { a.cmp(b) });
        let more = ranked.len() > limit;
        ranked.truncate(limit);
        let next_token = match ranked.last() {
            Some((rank, _)) if more => Some(token::seal(Self::META.name, rank)?),
            _ => None,
        };
        let arn = resource::group_arn(cx, &group.name);
        let log_streams = ranked.into_iter().map(|(_, stream)| shown(&arn, &stream)).collect();
        Ok(Output { log_streams, next_token })
    }
}

fn shown(group_arn: &str, stream: &Stream) -> LogStream {
    LogStream {
        log_stream_name: stream.name.clone(),
        creation_time: stream.created,
        first_event_timestamp: stream.first_event,
        last_event_timestamp: stream.last_event,
        last_ingestion_time: stream.last_ingestion,
        arn: format!("{group_arn}:log-stream:{}", stream.name),
        // AWS no longer counts by stream and says so.
        stored_bytes: 0,
    }
}
