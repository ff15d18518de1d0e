//! What an alarm's topics are told.

use keeptrail_clock::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Alarm, StateValue,
    reason::{number, stamp_millis},
    region::long_name,
};

/// Most characters of a subject, by SNS.
const SUBJECT: usize = 100;

/// A change of an alarm's state; `alarm` is already in its new state.
pub(crate) struct Change<'a> {
    pub(crate) alarm: &'a Alarm,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) old_state: StateValue,
}

/// The message in the order of AWS's members.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message<'a> {
    alarm_name: &'a str,
    alarm_description: Option<&'a str>,
    #[serde(rename = "AWSAccountId")]
    account: &'a str,
    alarm_configuration_updated_timestamp: String,
    new_state_value: StateValue,
    new_state_reason: &'a str,
    state_change_time: String,
    region: &'a str,
    alarm_arn: &'a str,
    old_state_value: StateValue,
    #[serde(rename = "OKActions")]
    ok_actions: &'a [String],
    alarm_actions: &'a [String],
    insufficient_data_actions: &'a [String],
    action_executed_after_mute_window: bool,
    trigger: Trigger<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Trigger<'a> {
    metric_name: &'a str,
    namespace: &'a str,
    statistic_type: &'static str,
    statistic: &'static str,
    unit: Option<&'a str>,
    dimensions: Vec<Value>,
    period: u64,
    evaluation_periods: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    datapoints_to_alarm: Option<u64>,
    comparison_operator: &'static str,
    threshold: f64,
    treat_missing_data: &'static str,
    evaluate_low_sample_count_percentile: &'static str,
}

impl Change<'_> {
    /// `ALARM: "NAME" in US East (N. Virginia)`; a long name is cut so that the subject fits.
    pub(crate) fn subject(&self) -> String {
        let (state, name, region) = (self.alarm.state.value.name(), &self.alarm.name, long_name(self.region));
        let whole = format!("{state}: \"{name}\" in {region}");
        let over = whole.chars().count().saturating_sub(SUBJECT);
        if over == 0 {
            return whole;
        }
        let kept = name.chars().count().saturating_sub(over + 3);
        let cut: String = name.chars().take(kept).collect();
        format!("{state}: \"{cut}...\" in {region}")
    }

    /// The message as JSON text.
    pub(crate) fn message(&self) -> Result<String, serde_json::Error> {
        let Alarm { name, arn, configuration, configured, state, .. } = self.alarm;
        let metric = &configuration.metric;
        serde_json::to_string(&Message {
            alarm_name: name,
            alarm_description: configuration.description.as_deref(),
            account: self.account,
            alarm_configuration_updated_timestamp: stamp_millis(*configured),
            new_state_value: state.value,
            new_state_reason: &state.reason,
            state_change_time: stamp_millis(state.updated),
            region: long_name(self.region),
            alarm_arn: arn,
            old_state_value: self.old_state,
            ok_actions: &configuration.ok_actions,
            alarm_actions: &configuration.alarm_actions,
            insufficient_data_actions: &configuration.insufficient_data_actions,
            action_executed_after_mute_window: false,
            trigger: Trigger {
                metric_name: &metric.name,
                namespace: &metric.namespace,
                statistic_type: "Statistic",
                statistic: configuration.statistic.upper(),
                unit: configuration.unit.as_deref(),
                dimensions: metric
                    .dimensions
                    .iter()
                    .map(|one| json!({ "value": one.value, "name": one.name }))
                    .collect(),
                period: configuration.period,
                evaluation_periods: configuration.evaluation_periods,
                datapoints_to_alarm: configuration.datapoints_to_alarm,
                comparison_operator: configuration.comparison.name(),
                threshold: configuration.threshold,
                treat_missing_data: configuration.treat_missing_data.map_or("", |treatment| treatment.name()),
                evaluate_low_sample_count_percentile: "",
            },
        })
    }

    /// The message for e-mail subscribers. AWS's text without its link to AWS's console.
    pub(crate) fn email_text(&self) -> String {
        let Alarm { name, arn, configuration, state, .. } = self.alarm;
        let metric = &configuration.metric;
        let time = Timestamp::from_millisecond(state.updated).unwrap_or(Timestamp::UNIX_EPOCH);
        let time = time.strftime("%A %d %B, %Y %H:%M:%S UTC");
        let (new, old, reason) = (state.value.name(), self.old_state.name(), &state.reason);
        let region = long_name(self.region);
        let (periods, period) = (configuration.evaluation_periods, configuration.period);
        let stretch = if periods == 1 {
            format!("{period} seconds")
        } else {
            format!("at least {} of the last {periods} period(s) of {period} seconds", configuration.needed())
        };
        let dimensions: Vec<String> =
            metric.dimensions.iter().map(|one| format!("[{} = {}]", one.name, one.value)).collect();
        let actions = |state| configuration.actions(state).iter().map(|arn| format!(" [{arn}]")).collect::<String>();
        format!(
            "You are receiving this email because your Amazon CloudWatch Alarm \"{name}\" in the {region} region has entered the {new} state, because \"{reason}\" at \"{time}\".

Alarm Details:
- Name:                       {name}
- Description:                {description}
- State Change:               {old} -> {new}
- Reason for State Change:    {reason}
- Timestamp:                  {time}
- AWS Account:                {account}
- Alarm Arn:                  {arn}

Threshold:
- The alarm is in the ALARM state when the metric is {comparison} {threshold} for {stretch}.

Monitored Metric:
- MetricNamespace:                     {namespace}
- MetricName:                          {metric_name}
- Dimensions:                          {dimensions}
- Period:                              {period} seconds
- Statistic:                           {statistic}
- Unit:                                {unit}
- TreatMissingData:                    {treatment}

State Change Actions:
- OK:{ok}
- ALARM:{alarm}
- INSUFFICIENT_DATA:{insufficient}
",
            description = configuration.description.as_deref().unwrap_or_default(),
            account = self.account,
            comparison = configuration.comparison.name(),
            threshold = number(configuration.threshold),
            namespace = metric.namespace,
            metric_name = metric.name,
            dimensions = dimensions.join(" "),
            statistic = configuration.statistic.name(),
            unit = configuration.unit.as_deref().unwrap_or("not specified"),
            treatment = configuration.treat_missing_data.unwrap_or_default().name(),
            ok = actions(StateValue::Ok),
            alarm = actions(StateValue::Alarm),
            insufficient = actions(StateValue::InsufficientData),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Dimension, State, evaluate::tests::configuration};

    fn alarm(name: &str) -> Alarm {
        let mut configuration = configuration(1, None);
        configuration.description = Some("Non-Ethos principal read an ethos/* secret".into());
        configuration.alarm_actions = vec!["arn:aws:sns:us-east-1:123456789012:ethos-security-alerts".into()];
        configuration.metric.namespace = "Ethos/Security".into();
        configuration.metric.name = "EthosSecretsUnauthorizedAccess".into();
        configuration.metric.dimensions = vec![Dimension { name: "Env".into(), value: "prod".into() }];
        configuration.period = 300;
        Alarm {
            name: name.into(),
            arn: format!("arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}"),
            configuration,
            configured: 1_772_100_000_123,
            state: State {
                value: StateValue::Alarm,
                reason:
                    "Threshold Crossed: 1 datapoint [1.0 (26/02/26 10:14:00)] was greater than the threshold (0.0)."
                        .into(),
                reason_data: None,
                updated: 1_772_101_177_123,
                transitioned: 1_772_101_177_123,
            },
            tags: BTreeMap::new(),
            due: None,
        }
    }

    fn change(alarm: &Alarm) -> Change<'_> {
        Change { alarm, account: "123456789012", region: "us-east-1", old_state: StateValue::InsufficientData }
    }

    #[test]
    fn the_message_has_awss_members_in_awss_order() {
        insta::assert_snapshot!(change(&alarm("ethos-secrets-unauthorized-read")).message().unwrap());
    }

    #[test]
    fn the_mail_reads_as_awss() {
        insta::assert_snapshot!(change(&alarm("ethos-secrets-unauthorized-read")).email_text());
    }

    #[test]
    fn a_long_name_is_cut_so_that_the_subject_fits() {
        assert_eq!(change(&alarm("n")).subject(), "ALARM: \"n\" in US East (N. Virginia)");
        let subject = change(&alarm(&"ä".repeat(255))).subject();
        assert_eq!(subject.chars().count(), 100);
        assert!(subject.ends_with("ä...\" in US East (N. Virginia)"), "{subject}");
    }
}
