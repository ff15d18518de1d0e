//! DeleteRule: deletes a rule that has no targets. One that does not exist is no error.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Events, bus,
    model::{RuleSet, read},
};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html>
pub(crate) struct DeleteRule;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(default)]
    event_bus_name: Option<String>,
    /// For rules that AWS manages; there are none here.
    #[serde(default)]
    force: Option<bool>,
}

impl Operation for DeleteRule {
    type Service = Events;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeleteRule", "events:DeleteRule", &["Name", "EventBusName", "Force"], &[]);

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![bus::on_rule(cx, Self::META.action, &input.name).await?])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<(), ApiError> {
        bus::check(cx, input.event_bus_name.as_deref())?;
        let mut rules = RuleSet::clone(&*read(cx).await?);
        match rules.rules.remove(&input.name) {
            None => Ok(()),
            Some(rule) if rule.targets.is_empty() => Ok(rules.save(cx)?),
            Some(_) => Err(ApiError::validation("Rule can't be deleted since it has targets.")),
        }
    }
}
