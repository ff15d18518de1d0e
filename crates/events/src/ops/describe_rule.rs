//! DescribeRule: what a rule says.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Events, bus,
    model::{State, read},
};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html>
pub(crate) struct DescribeRule;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(default)]
    event_bus_name: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    name: String,
    arn: String,
    event_pattern: String,
    state: State,
    description: Option<String>,
    event_bus_name: &'static str,
    created_by: String,
}

impl Operation for DescribeRule {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("DescribeRule", "events:DescribeRule", &["Name", "EventBusName"]);

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![bus::on_rule(cx, Self::META.action, &input.name).await?])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        bus::check(cx, input.event_bus_name.as_deref())?;
        let rules = read(cx).await?;
        let rule = rules.rule(&input.name)?;
        Ok(Output {
            name: input.name.clone(),
            arn: bus::rule_arn(cx, &input.name),
            event_pattern: rule.pattern.clone(),
            state: rule.state,
            description: rule.description.clone(),
            event_bus_name: bus::DEFAULT,
            created_by: cx.account().to_string(),
        })
    }
}
