//! `PutMetricAlarm`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>

use std::collections::BTreeMap;

use keeptrail_arn::Arn;
use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::resource::{self, Tag};
use crate::{
    Alarm, Comparison, Configuration, Dimension, Metric, Metrics, State, StateValue, Statistic, TreatMissingData,
    alarm::millis,
    constraint::{items, length, name, one_of},
    evaluate::next_tick,
    metric::{check_dimensions, check_unit},
    reason, watch,
};

/// How far back an alarm may look, in seconds.
const DAY: u64 = 86_400;
/// The same for periods of an hour and more.
const WEEK: u64 = 7 * DAY;

/// Makes an alarm or configures it anew. A new alarm has not enough data; an existing one keeps its state. Either is
/// evaluated with the next datapoint, or at the next minute.
pub(crate) struct PutMetricAlarm;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    alarm_name: String,
    alarm_description: Option<String>,
    actions_enabled: Option<bool>,
    #[serde(rename = "OKActions", default, skip_serializing_if = "Vec::is_empty")]
    ok_actions: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    alarm_actions: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    insufficient_data_actions: Vec<String>,
    metric_name: Option<String>,
    namespace: Option<String>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dimensions: Vec<Dimension>,
    period: Option<i64>,
    unit: Option<String>,
    evaluation_periods: i64,
    datapoints_to_alarm: Option<i64>,
    threshold: Option<f64>,
    comparison_operator: String,
    treat_missing_data: Option<String>,
    evaluate_low_sample_count_percentile: Option<String>,
    metrics: Option<Value>,
    threshold_metric_id: Option<String>,
    evaluation_criteria: Option<Value>,
    evaluation_interval: Option<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

fn required<T>(member: &str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| ApiError::validation(format!("{member} is required for an alarm on a metric.")))
}

fn count(member: &str, value: i64) -> Result<u64, ApiError> {
    match u64::try_from(value) {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(ApiError::validation(format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have value greater than or equal to 1"
        ))),
    }
}

/// An action must be a topic's ARN.
fn check_actions(member: &str, actions: &[String]) -> Result<(), ApiError> {
    items(member, actions.len(), 5)?;
    for action in actions {
        length(member, action, 1, 1024)?;
        let arn = Arn::parse(action).map_err(|_| ApiError::validation(format!("Invalid arn syntax: {action}")))?;
        if arn.service != "sns" {
            return Err(ApiError::not_carried_out(&format!(
                "the alarm action {action}: an action must be an SNS topic"
            )));
        }
    }
    Ok(())
}

impl Input {
    fn refuse_what_is_not_carried_out(&self) -> Result<(), ApiError> {
        let unsupported = [
            ("ExtendedStatistic", self.extended_statistic.is_some()),
            ("EvaluateLowSampleCountPercentile", self.evaluate_low_sample_count_percentile.is_some()),
            ("Metrics (metric math and anomaly detection)", self.metrics.is_some()),
            ("EvaluationCriteria", self.evaluation_criteria.is_some()),
            ("EvaluationInterval", self.evaluation_interval.is_some()),
            ("ThresholdMetricId", self.threshold_metric_id.is_some()),
        ];
        for (member, given) in unsupported {
            if given {
                return Err(ApiError::not_carried_out(&format!("the parameter {member}")));
            }
        }
        Ok(())
    }

    fn configuration(&self) -> Result<Configuration, ApiError> {
        length("alarmName", &self.alarm_name, 1, 255)?;
        if let Some(description) = &self.alarm_description {
            length("alarmDescription", description, 0, 1024)?;
        }
        self.refuse_what_is_not_carried_out()?;
        check_actions("oKActions", &self.ok_actions)?;
        check_actions("alarmActions", &self.alarm_actions)?;
        check_actions("insufficientDataActions", &self.insufficient_data_actions)?;
        let metric_name = required("MetricName", self.metric_name.clone())?;
        let namespace = required("Namespace", self.namespace.clone())?;
        name("metricName", &metric_name)?;
        name("namespace", &namespace)?;
        check_dimensions(&self.dimensions)?;
        check_unit(self.unit.as_deref())?;
        let statistic = required("Statistic", self.statistic.as_deref())?;
        one_of("statistic", statistic, &Statistic::NAMES)?;
        one_of("comparisonOperator", &self.comparison_operator, &Comparison::NAMES)?;
        let threshold = required("Threshold", self.threshold)?;
        if !threshold.is_finite() {
            return Err(ApiError::validation("Threshold must be a number."));
        }
        let (period, evaluation_periods, datapoints_to_alarm) = self.periods()?;
        Ok(Configuration {
            description: self.alarm_description.clone(),
            actions_enabled: self.actions_enabled.unwrap_or(true),
            ok_actions: self.ok_actions.clone(),
            alarm_actions: self.alarm_actions.clone(),
            insufficient_data_actions: self.insufficient_data_actions.clone(),
            metric: Metric { namespace, name: metric_name, dimensions: self.dimensions.clone() },
            statistic: required("Statistic", Statistic::named(statistic))?,
            period,
            unit: self.unit.clone(),
            evaluation_periods,
            datapoints_to_alarm,
            threshold,
            comparison: Comparison::named(&self.comparison_operator).ok_or_else(|| {
                let what = format!("anomaly detection (the comparison operator {})", self.comparison_operator);
                ApiError::not_carried_out(&what)
            })?,
            treat_missing_data: self.treat_missing_data()?,
        })
    }

    fn periods(&self) -> Result<(u64, u64, Option<u64>), ApiError> {
        let period = count("period", required("Period", self.period)?)?;
        if !matches!(period, 10 | 20 | 30) && period % 60 != 0 {
            return Err(ApiError::validation("Period must be 10, 20, 30 or a multiple of 60"));
        }
        let evaluation_periods = count("evaluationPeriods", self.evaluation_periods)?;
        let (most, stretch) = if period >= 3_600 { (WEEK, "seven days") } else { (DAY, "a day") };
        if evaluation_periods.saturating_mul(period) > most {
            return Err(ApiError::validation(format!(
                "Metrics cannot be checked across more than {stretch} (EvaluationPeriods * Period must be <= {most})."
            )));
        }
        let datapoints_to_alarm =
            self.datapoints_to_alarm.map(|value| count("datapointsToAlarm", value)).transpose()?;
        if datapoints_to_alarm.is_some_and(|needed| needed > evaluation_periods) {
            return Err(ApiError::validation("DatapointsToAlarm must be less than or equal to EvaluationPeriods."));
        }
        Ok((period, evaluation_periods, datapoints_to_alarm))
    }

    fn treat_missing_data(&self) -> Result<Option<TreatMissingData>, ApiError> {
        let Some(text) = self.treat_missing_data.as_deref() else { return Ok(None) };
        let treatment = TreatMissingData::named(text).ok_or_else(|| {
            let names = TreatMissingData::NAMES.join(", ");
            ApiError::validation(format!(
                "The value {text} is not supported for TreatMissingData parameter. Supported values are [{names}]."
            ))
        })?;
        Ok(Some(treatment))
    }
}

impl Operation for PutMetricAlarm {
    type Service = Metrics;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write(
        "PutMetricAlarm",
        "cloudwatch:PutMetricAlarm",
        &[
            "AlarmName",
            "AlarmDescription",
            "ActionsEnabled",
            "OKActions",
            "AlarmActions",
            "InsufficientDataActions",
            "MetricName",
            "Namespace",
            "Statistic",
            "Dimensions",
            "Period",
            "Unit",
            "EvaluationPeriods",
            "DatapointsToAlarm",
            "Threshold",
            "ComparisonOperator",
            "TreatMissingData",
            "Tags",
        ],
        &[],
    );

    async fn access(cx: &Context<'_, Metrics>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let arn = resource::arn(cx, &input.alarm_name);
        let access = resource::with_tags(Access::to(Self::META.action).on(arn.as_str()), &input.tags);
        let mut needs = vec![if input.alarm_actions.is_empty() {
            access
        } else {
            access.when("cloudwatch:AlarmActions", input.alarm_actions.iter().cloned())
        }];
        if !input.tags.is_empty() {
            needs.push(resource::with_tags(Access::to("cloudwatch:TagResource").on(arn), &input.tags));
        }
        Ok(needs)
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<(), ApiError> {
        let configuration = input.configuration()?;
        let (tx, account, region) = (cx.tx(), cx.account(), cx.region());
        let now = millis(cx.now());
        let due = Some(next_tick(configuration.period, cx.now()));
        let before = resource::alarm(cx, &input.alarm_name).await?;
        let old = before.as_deref().map(|before| &before.configuration);
        watch::rewatch(tx, account, region, &input.alarm_name, old, Some(&configuration)).await?;
        let alarm = match before.as_deref() {
            // Tags are for new alarms only, as on AWS.
            Some(before) => Alarm { configuration, configured: now, due, ..before.clone() },
            None => {
                let mut tags = BTreeMap::new();
                resource::merge_tags(&mut tags, &input.tags)?;
                let state = State {
                    value: StateValue::InsufficientData,
                    reason: reason::INITIAL.to_owned(),
                    reason_data: None,
                    updated: now,
                    transitioned: now,
                };
                let arn = resource::arn(cx, &input.alarm_name);
                Alarm { name: input.alarm_name.clone(), arn, configuration, configured: now, state, tags, due }
            }
        };
        watch::write(tx, account, region, before.as_deref(), &alarm)?;
        let operation = if before.is_some() { "update" } else { "create" };
        let previous = before.as_deref().map(|before| (&before.configuration, before.configured));
        Ok(cx.service().configured(tx, account, region, operation, &alarm, previous).await?)
    }
}
