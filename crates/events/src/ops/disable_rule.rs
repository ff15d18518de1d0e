//! DisableRule: stops a rule.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Events, bus,
    model::{RuleSet, State, read},
};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html>
pub(crate) struct DisableRule;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(default)]
    event_bus_name: Option<String>,
}

impl Operation for DisableRule {
    type Service = Events;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DisableRule", "events:DisableRule", &["Name", "EventBusName"], &[]);

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![bus::on_rule(cx, Self::META.action, &input.name).await?])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<(), ApiError> {
        bus::check(cx, input.event_bus_name.as_deref())?;
        let mut rules = RuleSet::clone(&*read(cx).await?);
        rules.rule_mut(&input.name)?.state = State::Disabled;
        Ok(rules.save(cx)?)
    }
}
