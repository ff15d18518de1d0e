//! EnableRule: sets a rule to work again.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Events, advice, bus,
    model::{RuleSet, State, read},
};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html>
pub(crate) struct EnableRule;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(default)]
    event_bus_name: Option<String>,
}

impl Operation for EnableRule {
    type Service = Events;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("EnableRule", "events:EnableRule", &["Name", "EventBusName"], &[]);

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![bus::on_rule(cx, Self::META.action, &input.name).await?])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<(), ApiError> {
        bus::check(cx, input.event_bus_name.as_deref())?;
        let mut rules = RuleSet::clone(&*read(cx).await?);
        let rule = rules.rule_mut(&input.name)?;
        // A rule that already sees more keeps doing so.
        if rule.state == State::Disabled {
            rule.state = State::Enabled;
            advice::warn_of_reads(&bus::rule_arn(cx, &input.name), &rule.pattern);
        }
        Ok(rules.save(cx)?)
    }
}
