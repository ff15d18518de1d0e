//! What the event bus is told about alarms: "CloudWatch alarm events and EventBridge" in the CloudWatch User Guide.

use aws_lc_rs::digest;
use serde_json::{Map, Value, json};

use crate::{Alarm, Configuration, State, reason::stamp_millis};

pub(crate) const STATE_CHANGE: &str = "CloudWatch Alarm State Change";
pub(crate) const CONFIGURATION_CHANGE: &str = "CloudWatch Alarm Configuration Change";

/// The detail of a state change; `alarm` is already in its new state.
pub(crate) fn state_change(alarm: &Alarm, previous: &State) -> Value {
    let mut configuration = Map::new();
    describe(&mut configuration, &alarm.configuration);
    configuration.insert("metrics".into(), metrics(alarm, &alarm.configuration));
    json!({
        "alarmName": alarm.name,
        "state": state(&alarm.state),
        "previousState": state(previous),
        "configuration": configuration,
    })
}

/// The detail of a new (`create`), changed (`update`) or deleted (`delete`) alarm.
pub(crate) fn configuration_change(operation: &str, alarm: &Alarm, previous: Option<(&Configuration, i64)>) -> Value {
    let mut detail = Map::new();
    detail.insert("alarmName".into(), json!(alarm.name));
    detail.insert("operation".into(), json!(operation));
    detail.insert("state".into(), state(&alarm.state));
    detail.insert("configuration".into(), whole(alarm, &alarm.configuration, alarm.configured));
    if let Some((previous, configured)) = previous {
        detail.insert("previousConfiguration".into(), whole(alarm, previous, configured));
    }
    Value::Object(detail)
}

fn describe(object: &mut Map<String, Value>, configuration: &Configuration) {
    if let Some(description) = &configuration.description {
        object.insert("description".into(), json!(description));
    }
}

fn state(state: &State) -> Value {
    let mut object = Map::new();
    object.insert("value".into(), json!(state.value));
    object.insert("reason".into(), json!(state.reason));
    if let Some(data) = &state.reason_data {
        object.insert("reasonData".into(), json!(data));
    }
    object.insert("timestamp".into(), json!(stamp_millis(state.updated)));
    Value::Object(object)
}

fn whole(alarm: &Alarm, configuration: &Configuration, configured: i64) -> Value {
    let mut object = Map::new();
    object.insert("evaluationPeriods".into(), json!(configuration.evaluation_periods));
    if let Some(needed) = configuration.datapoints_to_alarm {
        object.insert("datapointsToAlarm".into(), json!(needed));
    }
    object.insert("threshold".into(), json!(configuration.threshold));
    object.insert("comparisonOperator".into(), json!(configuration.comparison));
    if let Some(treatment) = configuration.treat_missing_data {
        object.insert("treatMissingData".into(), json!(treatment));
    }
    object.insert("metrics".into(), metrics(alarm, configuration));
    object.insert("alarmName".into(), json!(alarm.name));
    describe(&mut object, configuration);
    object.insert("actionsEnabled".into(), json!(configuration.actions_enabled));
    object.insert("timestamp".into(), json!(stamp_millis(configured)));
    object.insert("okActions".into(), json!(configuration.ok_actions));
    object.insert("alarmActions".into(), json!(configuration.alarm_actions));
    object.insert("insufficientDataActions".into(), json!(configuration.insufficient_data_actions));
    Value::Object(object)
}

fn metrics(alarm: &Alarm, configuration: &Configuration) -> Value {
    let metric = &configuration.metric;
    let dimensions: Map<String, Value> =
        metric.dimensions.iter().map(|one| (one.name.clone(), json!(one.value))).collect();
    let mut stat = Map::new();
    stat.insert(
        "metric".into(),
        json!({ "namespace": metric.namespace, "name": metric.name, "dimensions": dimensions }),
    );
    stat.insert("period".into(), json!(configuration.period));
    stat.insert("stat".into(), json!(configuration.statistic));
    if let Some(unit) = &configuration.unit {
        stat.insert("unit".into(), json!(unit));
    }
    json!([{ "id": id(&alarm.arn), "metricStat": stat, "returnData": true }])
}

/// An id in the form of a UUID that is always the same for an alarm.
fn id(arn: &str) -> String {
    let hex = hex::encode(digest::digest(&digest::SHA256, arn.as_bytes()));
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
