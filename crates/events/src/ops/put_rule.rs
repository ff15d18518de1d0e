//! PutRule: makes a rule on the default bus, or replaces what a rule says.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_pattern::event::EventPattern;
use serde::{Deserialize, Serialize};

use crate::{
    Events, advice, bus, errors,
    model::{Rule, RuleSet, State, Tag, read},
    tags,
};

/// Rules of a bus, at most (quota of EventBridge).
const MOST_RULES: usize = 300;

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>
pub(crate) struct PutRule;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(default)]
    event_pattern: Option<String>,
    #[serde(default)]
    schedule_expression: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    role_arn: Option<String>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
    #[serde(default)]
    event_bus_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    rule_arn: String,
}

impl Operation for PutRule {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "PutRule",
        "events:PutRule",
        &["Name", "EventPattern", "State", "Description", "Tags", "EventBusName"],
        &["RuleArn"],
    );

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let put = bus::on_rule(cx, Self::META.action, &input.name).await?;
        let tags = input.tags.as_deref().unwrap_or_default();
        if tags.is_empty() {
            return Ok(vec![put]);
        }
        let tag = bus::on_rule(cx, "events:TagResource", &input.name).await?;
        Ok(vec![tags::conditions(put, tags), tags::conditions(tag, tags)])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        bus::check_name(&input.name, "name")?;
        bus::check(cx, input.event_bus_name.as_deref())?;
        let mut rule = rule(input)?;
        let mut rules = RuleSet::clone(&*read(cx).await?);
        if let Some(old) = rules.rules.remove(&input.name) {
            rule.targets = old.targets;
            // AWS: tags in the request are for new rules only.
            rule.tags = old.tags;
        } else if rules.rules.len() >= MOST_RULES {
            return Err(errors::limit_exceeded());
        }
        if rule.state == State::Enabled {
            advice::warn_of_reads(&bus::rule_arn(cx, &input.name), &rule.pattern);
        }
        rules.rules.insert(input.name.clone(), rule);
        rules.save(cx)?;
        Ok(Output { rule_arn: bus::rule_arn(cx, &input.name) })
    }
}

fn rule(input: &Input) -> Result<Rule, ApiError> {
    if input.schedule_expression.as_ref().is_some_and(|schedule| !schedule.is_empty()) {
        return Err(ApiError::not_carried_out("the parameter ScheduleExpression: rules by time"));
    }
    if input.role_arn.is_some() {
        return Err(ApiError::not_carried_out("the parameter RoleArn: topics let rules in by their policy"));
    }
    let pattern =
        input.event_pattern.as_deref().filter(|pattern| !pattern.is_empty()).ok_or_else(|| {
            ApiError::validation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
        })?;
    let pattern = EventPattern::parse(pattern).map_err(|error| errors::invalid_pattern(&error))?;
    let state = input.state.as_deref().map_or(Ok(State::Enabled), State::parse)?;
    if input.description.as_ref().is_some_and(|description| description.chars().count() > 512) {
        return Err(errors::constraint("...", "description", "have length less than or equal to 512"));
    }
    let tags = input.tags.clone().unwrap_or_default();
    tags::check(&tags)?;
    Ok(Rule::new(pattern, state, input.description.clone(), tags))
}
