//! ListTargetsByRule: the targets of a rule.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Events, bus,
    model::{StoredTarget, read},
    paging,
};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html>
pub(crate) struct ListTargetsByRule;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    rule: String,
    #[serde(default)]
    event_bus_name: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    targets: Vec<StoredTarget>,
    next_token: Option<String>,
}

impl Operation for ListTargetsByRule {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListTargetsByRule", "events:ListTargetsByRule", &["Rule", "EventBusName", "Limit"]);

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![bus::on_rule(cx, Self::META.action, &input.rule).await?])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        bus::check(cx, input.event_bus_name.as_deref())?;
        let rules = read(cx).await?;
        let targets = rules.rule(&input.rule)?.targets.iter();
        let (page, next_token) =
            paging::page(targets, |target| target.id.as_str(), input.limit, input.next_token.as_deref())?;
        Ok(Output { targets: page.into_iter().cloned().collect(), next_token })
    }
}
