//! ListRules: the rules of the default bus, by name.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Events, bus,
    model::{State, read},
    paging,
};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html>
pub(crate) struct ListRules;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    name_prefix: Option<String>,
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
    rules: Vec<Listed>,
    next_token: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    name: String,
    arn: String,
    event_pattern: String,
    state: State,
    description: Option<String>,
    event_bus_name: &'static str,
}

impl Operation for ListRules {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListRules", "events:ListRules", &["NamePrefix", "EventBusName", "Limit"]);

    async fn access(_: &Context<'_, Events>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        bus::check(cx, input.event_bus_name.as_deref())?;
        let rules = read(cx).await?;
        let prefix = input.name_prefix.as_deref().unwrap_or_default();
        let named = rules.rules.iter().filter(|(name, _)| name.starts_with(prefix));
        let (page, next_token) =
            paging::page(named, |(name, _)| name.as_str(), input.limit, input.next_token.as_deref())?;
        let listed = page.into_iter().map(|(name, rule)| Listed {
            name: name.clone(),
            arn: bus::rule_arn(cx, name),
            event_pattern: rule.pattern.clone(),
            state: rule.state,
            description: rule.description.clone(),
            event_bus_name: bus::DEFAULT,
        });
        Ok(Output { rules: listed.collect(), next_token })
    }
}
