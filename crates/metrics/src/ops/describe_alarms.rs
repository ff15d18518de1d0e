//! `DescribeAlarms`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>

use std::sync::Arc;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{metric_alarm::MetricAlarm, resource};
use crate::{
    Alarm, Metrics, StateValue,
    alarm::ALARMS,
    constraint::{INVALID_COMBINATION, items, length, one_of, range},
    token,
};

/// Shows alarms, in the order of their names. There are no composite alarms, so that list is always empty.
pub(crate) struct DescribeAlarms;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    alarm_names: Option<Vec<String>>,
    alarm_name_prefix: Option<String>,
    alarm_types: Option<Vec<String>>,
    children_of_alarm_name: Option<String>,
    parents_of_alarm_name: Option<String>,
    state_value: Option<String>,
    action_prefix: Option<String>,
    max_records: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    composite_alarms: Vec<()>,
    metric_alarms: Vec<MetricAlarm>,
    next_token: Option<String>,
}

impl Input {
    fn check(&self) -> Result<(), ApiError> {
        let names = self.alarm_names.as_deref().unwrap_or_default();
        items("alarmNames", names.len(), 100)?;
        for name in names {
            length("alarmNames.member", name, 1, 255)?;
        }
        if let Some(prefix) = &self.alarm_name_prefix {
            length("alarmNamePrefix", prefix, 1, 255)?;
            if !names.is_empty() {
                let message = "AlarmNames and AlarmNamePrefix cannot be given together.";
                return Err(ApiError::new(INVALID_COMBINATION, message));
            }
        }
        for kind in self.alarm_types.iter().flatten() {
            one_of("alarmTypes", kind, &["CompositeAlarm", "MetricAlarm"])?;
        }
        if let Some(state) = &self.state_value {
            one_of("stateValue", state, &StateValue::NAMES)?;
        }
        if let Some(prefix) = &self.action_prefix {
            length("actionPrefix", prefix, 1, 1024)?;
        }
        if self.children_of_alarm_name.is_some() {
            return Err(ApiError::not_carried_out("the parameter ChildrenOfAlarmName"));
        }
        if self.parents_of_alarm_name.is_some() {
            return Err(ApiError::not_carried_out("the parameter ParentsOfAlarmName"));
        }
        Ok(())
    }

    fn wants(&self, alarm: &Alarm) -> bool {
        let configuration = &alarm.configuration;
        let mut actions =
            [&configuration.ok_actions, &configuration.alarm_actions, &configuration.insufficient_data_actions]
                .into_iter()
                .flatten();
        self.alarm_name_prefix.as_deref().is_none_or(|prefix| alarm.name.starts_with(prefix))
            && self.state_value.as_deref().is_none_or(|state| state == alarm.state.value.name())
            && self.action_prefix.as_deref().is_none_or(|prefix| actions.any(|action| action.starts_with(prefix)))
    }
}

impl Operation for DescribeAlarms {
    type Service = Metrics;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "DescribeAlarms",
        "cloudwatch:DescribeAlarms",
        &["AlarmNames", "AlarmNamePrefix", "AlarmTypes", "StateValue", "ActionPrefix", "MaxRecords"],
    );

    async fn access(cx: &Context<'_, Metrics>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(match input.alarm_names.as_deref() {
            Some(names) if !names.is_empty() => resource::on_each(cx, Self::META.action, names),
            _ => vec![Access::to(Self::META.action).on(resource::arn(cx, "*"))],
        })
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<Output, ApiError> {
        input.check()?;
        let limit = range("maxRecords", input.max_records, 1, 100, 50)?;
        let after: Option<String> =
            input.next_token.as_deref().map(|text| token::open(Self::META.name, text)).transpose()?;
        let mut output = Output { composite_alarms: Vec::new(), metric_alarms: Vec::new(), next_token: None };
        if input
            .alarm_types
            .as_ref()
            .is_some_and(|kinds| !kinds.is_empty() && !kinds.iter().any(|kind| kind == "MetricAlarm"))
        {
            return Ok(output);
        }
        let mut last = after;
        loop {
            let page = match input.alarm_names.as_deref() {
                Some(names) if !names.is_empty() => named(cx, names, last.as_deref()).await?,
                _ => listed(cx, input.alarm_name_prefix.as_deref(), last.as_deref()).await?,
            };
            let Some(end) = page.last().map(|alarm| alarm.name.clone()) else { return Ok(output) };
            for alarm in page.iter().filter(|alarm| input.wants(alarm)) {
                if output.metric_alarms.len() == limit {
                    output.next_token = Some(token::seal(Self::META.name, &last)?);
                    return Ok(output);
                }
                output.metric_alarms.push(MetricAlarm::from(&**alarm));
                last = Some(alarm.name.clone());
            }
            last = Some(end);
        }
    }
}

/// The alarms of these names that exist, after `after`, in the order of their names.
async fn named(cx: &Context<'_, Metrics>, names: &[String], after: Option<&str>) -> Result<Vec<Arc<Alarm>>, ApiError> {
    let mut names: Vec<&String> = names.iter().filter(|name| after.is_none_or(|after| name.as_str() > after)).collect();
    names.sort();
    names.dedup();
    let mut alarms = Vec::new();
    for name in names {
        alarms.extend(resource::alarm(cx, name).await?);
    }
    Ok(alarms)
}

/// Alarms after `after`, in the order of their names; none when they cannot begin with `prefix` any more.
async fn listed(
    cx: &Context<'_, Metrics>,
    prefix: Option<&str>,
    after: Option<&str>,
) -> Result<Vec<Arc<Alarm>>, ApiError> {
    let parts = [cx.account().as_str(), cx.region().as_str()];
    // No name with the prefix lies before the prefix without its last character.
    let short = prefix.and_then(|prefix| prefix.char_indices().next_back().and_then(|(end, _)| prefix.get(..end)));
    let after = after.max(short.filter(|short| !short.is_empty()));
    let after = after.map(|after| ALARMS.key(&[parts[0], parts[1], after]));
    let page = ALARMS.page(cx.tx(), &parts, after.as_ref(), 100).await?;
    let beyond =
        |alarm: &Alarm| prefix.is_some_and(|prefix| alarm.name.as_str() > prefix && !alarm.name.starts_with(prefix));
    Ok(page.into_iter().map(|(_, alarm)| alarm).take_while(|alarm| !beyond(alarm)).collect())
}
