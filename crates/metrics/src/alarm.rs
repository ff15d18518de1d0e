//! Alarms as they are kept.

use std::collections::BTreeMap;

use keeptrail_clock::Timestamp;
use keeptrail_store::Table;
use serde::{Deserialize, Serialize};

use crate::{Metric, Statistic};

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StateValue {
    /// Within its threshold.
    Ok,
    /// Beyond its threshold.
    Alarm,
    /// Not enough is known.
    InsufficientData,
}

impl StateValue {
    /// The names in the order of AWS's own error text.
    pub(crate) const NAMES: [&'static str; 3] = ["INSUFFICIENT_DATA", "ALARM", "OK"];

    /// AWS's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Ok, Self::Alarm, Self::InsufficientData].into_iter().find(|state| state.name() == name)
    }
}

/// How a datapoint is held against the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// At or above.
    GreaterThanOrEqualToThreshold,
    /// Above.
    GreaterThanThreshold,
    /// Below.
    LessThanThreshold,
    /// At or below.
    LessThanOrEqualToThreshold,
}

impl Comparison {
    /// The names that the API has; the last three are for anomaly detection.
    pub(crate) const NAMES: [&'static str; 7] = [
        "GreaterThanOrEqualToThreshold",
        "GreaterThanThreshold",
        "LessThanThreshold",
        "LessThanOrEqualToThreshold",
        "LessThanLowerOrGreaterThanUpperThreshold",
        "LessThanLowerThreshold",
        "GreaterThanUpperThreshold",
    ];
    const ALL: [Self; 4] = [
        Self::GreaterThanOrEqualToThreshold,
        Self::GreaterThanThreshold,
        Self::LessThanThreshold,
        Self::LessThanOrEqualToThreshold,
    ];

    /// AWS's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GreaterThanOrEqualToThreshold => "GreaterThanOrEqualToThreshold",
            Self::GreaterThanThreshold => "GreaterThanThreshold",
            Self::LessThanThreshold => "LessThanThreshold",
            Self::LessThanOrEqualToThreshold => "LessThanOrEqualToThreshold",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|comparison| comparison.name() == name)
    }

    /// As a state's reason says it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::GreaterThanOrEqualToThreshold => "greater than or equal to",
            Self::GreaterThanThreshold => "greater than",
            Self::LessThanThreshold => "less than",
            Self::LessThanOrEqualToThreshold => "less than or equal to",
        }
    }

    pub(crate) fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThanOrEqualToThreshold => value >= threshold,
            Self::GreaterThanThreshold => value > threshold,
            Self::LessThanThreshold => value < threshold,
            Self::LessThanOrEqualToThreshold => value <= threshold,
        }
    }

    pub(crate) fn is_less(self) -> bool {
        matches!(self, Self::LessThanThreshold | Self::LessThanOrEqualToThreshold)
    }
}

/// What a period without data counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TreatMissingData {
    /// As breaching.
    Breaching,
    /// As not breaching.
    NotBreaching,
    /// As a reason to keep the state.
    Ignore,
    /// As unknown.
    #[default]
    Missing,
}

impl TreatMissingData {
    pub(crate) const NAMES: [&'static str; 4] = ["breaching", "notBreaching", "ignore", "missing"];

    /// AWS's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaching => "breaching",
            Self::NotBreaching => "notBreaching",
            Self::Ignore => "ignore",
            Self::Missing => "missing",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Breaching, Self::NotBreaching, Self::Ignore, Self::Missing].into_iter().find(|kind| kind.name() == name)
    }
}

/// What an alarm watches and does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// The caller's description.
    pub description: Option<String>,
    /// Whether state changes run actions.
    pub actions_enabled: bool,
    /// Topics told of a change to OK.
    pub ok_actions: Vec<String>,
    /// Topics told of a change to ALARM.
    pub alarm_actions: Vec<String>,
    /// Topics told of a change to `INSUFFICIENT_DATA`.
    pub insufficient_data_actions: Vec<String>,
    /// The metric.
    pub metric: Metric,
    /// The statistic of each period.
    pub statistic: Statistic,
    /// A period's length in seconds.
    pub period: u64,
    /// Only data of this unit counts, if set.
    pub unit: Option<String>,
    /// N: how many periods are looked at.
    pub evaluation_periods: u64,
    /// M: how many of them must breach; N when not set.
    pub datapoints_to_alarm: Option<u64>,
    /// What datapoints are held against.
    pub threshold: f64,
    /// How.
    pub comparison: Comparison,
    /// What missing data counts as; `missing` when not set.
    pub treat_missing_data: Option<TreatMissingData>,
}

impl Configuration {
    /// The topics that a change to `state` tells.
    pub(crate) fn actions(&self, state: StateValue) -> &[String] {
        match state {
            StateValue::Ok => &self.ok_actions,
            StateValue::Alarm => &self.alarm_actions,
            StateValue::InsufficientData => &self.insufficient_data_actions,
        }
    }

    /// How many datapoints must breach.
    pub(crate) fn needed(&self) -> u64 {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }
}

/// An alarm's state with its reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The state.
    pub value: StateValue,
    /// Why, for people.
    pub reason: String,
    /// Why, as JSON text.
    pub reason_data: Option<String>,
    /// When value or reason last changed, in milliseconds since 1970.
    pub updated: i64,
    /// When the value last changed, in milliseconds since 1970.
    pub transitioned: i64,
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What it watches and does.
    pub configuration: Configuration,
    /// When it was last configured, in milliseconds since 1970.
    pub configured: i64,
    /// Its state.
    pub state: State,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// When it is evaluated again without new data, in seconds since 1970; `None` when only new data can change it.
    pub due: Option<u64>,
}

/// Alarms, by account, region and name.
pub(crate) const ALARMS: Table<Alarm> = Table::new("metrics.alarm");

/// Milliseconds since 1970.
pub(crate) fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}
