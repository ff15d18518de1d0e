//! ListRuleNamesByTarget: the rules that have a target.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Events, bus, model::read, paging};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html>
pub(crate) struct ListRuleNamesByTarget;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    target_arn: String,
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
    rule_names: Vec<String>,
    next_token: Option<String>,
}

impl Operation for ListRuleNamesByTarget {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::read("ListRuleNamesByTarget", "events:ListRuleNamesByTarget", &["TargetArn", "EventBusName", "Limit"]);

    async fn access(_: &Context<'_, Events>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        bus::check(cx, input.event_bus_name.as_deref())?;
        let rules = read(cx).await?;
        let having = rules.rules.iter().filter(|(_, rule)| rule.targets.iter().any(|t| t.arn == input.target_arn));
        let names = having.map(|(name, _)| name.as_str());
        let (page, next_token) = paging::page(names, |name| name, input.limit, input.next_token.as_deref())?;
        Ok(Output { rule_names: page.into_iter().map(str::to_owned).collect(), next_token })
    }
}
