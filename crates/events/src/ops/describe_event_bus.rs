//! DescribeEventBus: the default bus.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Events, bus};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html>
pub(crate) struct DescribeEventBus;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    name: &'static str,
    arn: String,
}

impl Operation for DescribeEventBus {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("DescribeEventBus", "events:DescribeEventBus", &["Name"]);

    async fn access(cx: &Context<'_, Events>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action).on(bus::arn(cx))])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        bus::check(cx, input.name.as_deref())?;
        Ok(Output { name: bus::DEFAULT, arn: bus::arn(cx) })
    }
}
