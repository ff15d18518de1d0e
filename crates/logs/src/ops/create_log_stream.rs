//! `CreateLogStream`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{Logs, constraint::ALREADY_EXISTS, model::STREAMS};

/// Makes an empty log stream.
pub(crate) struct CreateLogStream;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation for CreateLogStream {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("CreateLogStream", "logs:CreateLogStream", &["logGroupName", "logStreamName"], &[]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![resource::on_stream(cx, Self::META.action, &input.log_group_name, &input.log_stream_name)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        let group = resource::group(cx, &input.log_group_name).await?;
        if resource::find_stream(cx, &group, &input.log_stream_name).await?.is_some() {
            return Err(ApiError::new(ALREADY_EXISTS, "The specified log stream already exists"));
        }
        let stream = cx.service().stream(cx.tx(), &input.log_stream_name)?;
        let parts = [cx.account().as_str(), cx.region().as_str(), &group.id, &stream.name];
        Ok(STREAMS.put(cx.tx(), &parts, &stream)?)
    }
}
