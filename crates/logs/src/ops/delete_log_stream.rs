//! `DeleteLogStream`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{
    Logs,
    model::{DOOMED, Doom, STREAMS, ordered},
};

/// Deletes a log stream with its events. The events themselves are removed in the background.
pub(crate) struct DeleteLogStream;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation for DeleteLogStream {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeleteLogStream", "logs:DeleteLogStream", &["logGroupName", "logStreamName"], &[]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![resource::on_stream(cx, Self::META.action, &input.log_group_name, &input.log_stream_name)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        let group = resource::group(cx, &input.log_group_name).await?;
        let stream = resource::stream(cx, &group, &input.log_stream_name).await?;
        let (account, region) = (cx.account().as_str(), cx.region().as_str());
        STREAMS.delete(cx.tx(), &[account, region, &group.id, &stream.name]);
        Ok(DOOMED.put(cx.tx(), &[account, region, &group.id, &ordered(stream.id)], &Doom::Stream)?)
    }
}
