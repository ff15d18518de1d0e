//! RemoveTargets: takes targets from a rule. Ids that it does not have are no error.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Events, bus, errors,
    model::{RuleSet, read},
};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html>
pub(crate) struct RemoveTargets;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    rule: String,
    #[serde(default)]
    event_bus_name: Option<String>,
    ids: Vec<String>,
    /// For rules that AWS manages; there are none here.
    #[serde(default)]
    force: Option<bool>,
}

/// AWS's answer for targets that failed one by one; here a request is carried out whole or refused whole.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    failed_entry_count: u32,
    failed_entries: Vec<()>,
}

impl Operation for RemoveTargets {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "RemoveTargets",
        "events:RemoveTargets",
        &["Rule", "EventBusName", "Ids", "Force"],
        &["FailedEntryCount", "FailedEntries"],
    );

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![bus::on_rule(cx, Self::META.action, &input.rule).await?])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        bus::check(cx, input.event_bus_name.as_deref())?;
        if input.ids.is_empty() {
            return Err(errors::constraint("[]", "ids", "have length greater than or equal to 1"));
        }
        if input.ids.len() > 100 {
            return Err(errors::constraint("[String]", "ids", "have length less than or equal to 100"));
        }
        let mut rules = RuleSet::clone(&*read(cx).await?);
        rules.rule_mut(&input.rule)?.targets.retain(|target| !input.ids.contains(&target.id));
        rules.save(cx)?;
        Ok(Output { failed_entry_count: 0, failed_entries: Vec::new() })
    }
}
