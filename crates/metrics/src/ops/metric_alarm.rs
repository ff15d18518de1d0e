//! `MetricAlarm`: an alarm as the API shows it.

use keeptrail_operation::Timestamp;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{Alarm, Comparison, Dimension, StateValue, Statistic, TreatMissingData};

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetricAlarm {
    alarm_name: String,
    alarm_arn: String,
    alarm_description: Option<String>,
    alarm_configuration_updated_timestamp: Timestamp,
    actions_enabled: bool,
    #[serde(rename = "OKActions")]
    ok_actions: Vec<String>,
    alarm_actions: Vec<String>,
    insufficient_data_actions: Vec<String>,
    state_value: StateValue,
    state_reason: String,
    state_reason_data: Option<String>,
    state_updated_timestamp: Timestamp,
    metric_name: String,
    namespace: String,
    statistic: Statistic,
    dimensions: Vec<Dimension>,
    period: u64,
    unit: Option<String>,
    evaluation_periods: u64,
    datapoints_to_alarm: Option<u64>,
    threshold: f64,
    comparison_operator: Comparison,
    treat_missing_data: Option<TreatMissingData>,
    state_transitioned_timestamp: Timestamp,
}

impl From<&Alarm> for MetricAlarm {
    fn from(alarm: &Alarm) -> Self {
        let Alarm { name, arn, configuration, configured, state, .. } = alarm.clone();
        Self {
            alarm_name: name,
            alarm_arn: arn,
            alarm_description: configuration.description,
            alarm_configuration_updated_timestamp: Timestamp::from_millis(configured),
            actions_enabled: configuration.actions_enabled,
            ok_actions: configuration.ok_actions,
            alarm_actions: configuration.alarm_actions,
            insufficient_data_actions: configuration.insufficient_data_actions,
            state_value: state.value,
            state_reason: state.reason,
            state_reason_data: state.reason_data,
            state_updated_timestamp: Timestamp::from_millis(state.updated),
            metric_name: configuration.metric.name,
            namespace: configuration.metric.namespace,
            statistic: configuration.statistic,
            dimensions: configuration.metric.dimensions,
            period: configuration.period,
            unit: configuration.unit,
            evaluation_periods: configuration.evaluation_periods,
            datapoints_to_alarm: configuration.datapoints_to_alarm,
            threshold: configuration.threshold,
            comparison_operator: configuration.comparison,
            treat_missing_data: configuration.treat_missing_data,
            state_transitioned_timestamp: Timestamp::from_millis(state.transitioned),
        }
    }
}
