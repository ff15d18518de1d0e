//! `PutMetricData`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Dimension, Metric, MetricDatum, Metrics, Resolution, StatisticSet,
    constraint::{INVALID_COMBINATION, INVALID_VALUE, MISSING_PARAMETER, items, name},
    metric::{NO_UNIT, check_dimensions, check_unit},
    watch::AHEAD,
};

/// Most metrics of one call.
const MOST_DATA: usize = 1_000;
/// Most values of one metric of a call.
const MOST_VALUES: usize = 150;
/// How old a value may be, in milliseconds.
const OLDEST: i64 = 14 * 86_400_000;

/// Takes values in, and evaluates the alarms that watch their metrics before it answers. A data event, as on AWS: its
/// record tells who called, not what was measured.
pub(crate) struct PutMetricData;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    namespace: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    metric_data: Vec<Datum>,
    entity_metric_data: Option<Value>,
    strict_entity_validation: Option<bool>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Datum {
    metric_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dimensions: Vec<Dimension>,
    timestamp: Option<Timestamp>,
    value: Option<f64>,
    statistic_values: Option<StatisticValues>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    counts: Vec<f64>,
    unit: Option<String>,
    storage_resolution: Option<i64>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct StatisticValues {
    sample_count: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
}

/// A check of one member of the call, with the member's name for messages.
struct Member<'a> {
    place: String,
    datum: &'a Datum,
}

impl Member<'_> {
    fn number(&self, member: &str, value: f64) -> Result<f64, ApiError> {
        // The service's own bounds, 2^360.
        if value.is_finite() && value.abs() <= 2f64.powi(360) {
            return Ok(value);
        }
        let message = format!("The value {value} for parameter {}.{member} is invalid.", self.place);
        Err(ApiError::new(INVALID_VALUE, message))
    }

    fn exclusive(&self, a: (&str, bool), b: (&str, bool)) -> Result<(), ApiError> {
        if !(a.1 && b.1) {
            return Ok(());
        }
        let message = format!(
            "The parameters {place}.{} and {place}.{} are mutually exclusive and you have specified both.",
            a.0,
            b.0,
            place = self.place
        );
        Err(ApiError::new(INVALID_COMBINATION, message))
    }

    fn statistics(&self) -> Result<StatisticSet, ApiError> {
        let Datum { value, statistic_values, values, counts, .. } = self.datum;
        self.exclusive(("Value", value.is_some()), ("StatisticValues", statistic_values.is_some()))?;
        self.exclusive(("Value", value.is_some()), ("Values", !values.is_empty()))?;
        self.exclusive(("Values", !values.is_empty()), ("StatisticValues", statistic_values.is_some()))?;
        if let Some(value) = value {
            return Ok(StatisticSet::one(self.number("Value", *value)?));
        }
        if let Some(given) = statistic_values {
            let sample_count = self.number("StatisticValues.SampleCount", given.sample_count)?;
            let set = StatisticSet {
                sample_count,
                sum: self.number("StatisticValues.Sum", given.sum)?,
                minimum: self.number("StatisticValues.Minimum", given.minimum)?,
                maximum: self.number("StatisticValues.Maximum", given.maximum)?,
            };
            if sample_count <= 0.0 || set.minimum > set.maximum {
                let message = format!("The value for parameter {}.StatisticValues is invalid.", self.place);
                return Err(ApiError::new(INVALID_VALUE, message));
            }
            return Ok(set);
        }
        if values.is_empty() {
            let message = format!(
                "At least one of the parameters {place}.Value, {place}.Values and {place}.StatisticValues must be specified.",
                place = self.place
            );
            return Err(ApiError::new(MISSING_PARAMETER, message));
        }
        self.weighed(values, counts)
    }

    fn weighed(&self, values: &[f64], counts: &[f64]) -> Result<StatisticSet, ApiError> {
        items(&format!("{}.Values", self.place), values.len(), MOST_VALUES)?;
        if !counts.is_empty() && counts.len() != values.len() {
            let message = format!(
                "The parameters {place}.Values and {place}.Counts must be of the same size.",
                place = self.place
            );
            return Err(ApiError::new(INVALID_VALUE, message));
        }
        let mut all: Option<StatisticSet> = None;
        for (index, value) in values.iter().enumerate() {
            let value = self.number("Values", *value)?;
            let count = counts.get(index).copied().unwrap_or(1.0);
            let count = self.number("Counts", count)?;
            if count < 0.0 {
                let message = format!("The value {count} for parameter {}.Counts is invalid.", self.place);
                return Err(ApiError::new(INVALID_VALUE, message));
            }
            let one = StatisticSet::repeated(value, count);
            match &mut all {
                Some(all) => all.merge(&one),
                none => *none = Some(one),
            }
        }
        all.ok_or_else(|| ApiError::new(MISSING_PARAMETER, format!("The parameter {}.Values is empty.", self.place)))
    }

    fn datum(&self, namespace: &str, now: keeptrail_clock::Timestamp) -> Result<MetricDatum, ApiError> {
        name("metricName", &self.datum.metric_name)?;
        check_dimensions(&self.datum.dimensions)?;
        check_unit(self.datum.unit.as_deref())?;
        let resolution = match self.datum.storage_resolution {
            None | Some(60) => Resolution::Minute,
            Some(1) => Resolution::Second,
            Some(other) => {
                let message = format!(
                    "The value {other} for parameter {}.StorageResolution is invalid: it must be 1 or 60.",
                    self.place
                );
                return Err(ApiError::new(INVALID_VALUE, message));
            }
        };
        let timestamp = self.datum.timestamp.map_or(now, Timestamp::to_jiff);
        let age = now.as_millisecond() - timestamp.as_millisecond();
        let bound = if age > OLDEST {
            Some("no more than two weeks in the past")
        } else if age < -(AHEAD.cast_signed() * 1_000) {
            Some("no more than two hours in the future")
        } else {
            None
        };
        if let Some(bound) = bound {
            let message = format!("The parameter {}.Timestamp must specify a time {bound}.", self.place);
            return Err(ApiError::new(INVALID_VALUE, message));
        }
        Ok(MetricDatum {
            metric: Metric {
                namespace: namespace.to_owned(),
                name: self.datum.metric_name.clone(),
                dimensions: self.datum.dimensions.clone(),
            },
            timestamp,
            unit: self.datum.unit.clone().filter(|unit| unit != NO_UNIT),
            statistics: self.statistics()?,
            resolution,
        })
    }
}

impl Operation for PutMetricData {
    type Service = Metrics;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("PutMetricData", "cloudwatch:PutMetricData", &["Namespace"], &[]).data();

    async fn access(_cx: &Context<'_, Metrics>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action).when("cloudwatch:namespace", [input.namespace.clone()])])
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<(), ApiError> {
        name("namespace", &input.namespace)?;
        if input.namespace.starts_with("AWS/") {
            let message = format!("The value {} for parameter Namespace is invalid.", input.namespace);
            return Err(ApiError::new(INVALID_VALUE, message));
        }
        if input.entity_metric_data.is_some() {
            return Err(ApiError::not_carried_out("the parameter EntityMetricData"));
        }
        if input.strict_entity_validation.is_some() {
            return Err(ApiError::not_carried_out("the parameter StrictEntityValidation"));
        }
        if input.metric_data.is_empty() {
            return Err(ApiError::new(MISSING_PARAMETER, "The parameter MetricData is required."));
        }
        if input.metric_data.len() > MOST_DATA {
            let message = format!("The collection MetricData must not have a size greater than {MOST_DATA}.");
            return Err(ApiError::new(INVALID_VALUE, message));
        }
        let members = input.metric_data.iter().zip(1..);
        let data: Vec<MetricDatum> = members
            .map(|(datum, number)| {
                Member { place: format!("MetricData.member.{number}"), datum }.datum(&input.namespace, cx.now())
            })
            .collect::<Result<_, _>>()?;
        Ok(cx.service().put(cx.tx(), cx.account(), cx.region(), &data).await?)
    }
}
