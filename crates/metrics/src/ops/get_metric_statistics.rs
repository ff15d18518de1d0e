//! `GetMetricStatistics`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    Dimension, Metric, Metrics, Statistic, StatisticSet,
    constraint::{INVALID_COMBINATION, INVALID_VALUE, MISSING_PARAMETER, items, name, one_of},
    metric::{NO_UNIT, check_dimensions, check_unit},
    series::{Grain, Series},
};

/// Most datapoints of one answer.
const MOST_DATAPOINTS: u64 = 1_440;

/// Shows statistics of a metric by period. Periods begin at the start time, rounded down to the minute (for periods
/// shorter than a minute: to the second).
pub(crate) struct GetMetricStatistics;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    namespace: String,
    metric_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dimensions: Vec<Dimension>,
    start_time: Timestamp,
    end_time: Timestamp,
    period: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    statistics: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    extended_statistics: Vec<String>,
    unit: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    label: String,
    datapoints: Vec<Datapoint>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Datapoint {
    timestamp: Timestamp,
    sample_count: Option<f64>,
    average: Option<f64>,
    sum: Option<f64>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    unit: String,
}

/// A whole second since 1970, rounded down.
pub(super) fn whole_seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_millis().div_euclid(1_000)).unwrap_or(0)
}

/// Checks a period and tells how finely its values are kept.
pub(super) fn grain(period: i64) -> Result<(u64, Grain), ApiError> {
    let period = u64::try_from(period).unwrap_or(0);
    let sub_minute = matches!(period, 1 | 5 | 10 | 20 | 30);
    if !sub_minute && (period == 0 || period % 60 != 0) {
        let message = "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.";
        return Err(ApiError::new(INVALID_VALUE, message));
    }
    Ok((period, if sub_minute { Grain::Second } else { Grain::Minute }))
}

impl Input {
    fn check(&self) -> Result<(), ApiError> {
        name("namespace", &self.namespace)?;
        name("metricName", &self.metric_name)?;
        check_dimensions(&self.dimensions)?;
        check_unit(self.unit.as_deref())?;
        items("statistics", self.statistics.len(), 5)?;
        for statistic in &self.statistics {
            one_of("statistics", statistic, &Statistic::NAMES)?;
        }
        if !self.extended_statistics.is_empty() {
            return Err(ApiError::not_carried_out("the parameter ExtendedStatistics"));
        }
        if self.statistics.is_empty() {
            let message = "At least one of the parameters Statistics and ExtendedStatistics must be specified.";
            return Err(ApiError::new(MISSING_PARAMETER, message));
        }
        if self.start_time >= self.end_time {
            let message = "The parameter StartTime must be less than the parameter EndTime.";
            return Err(ApiError::new(INVALID_COMBINATION, message));
        }
        Ok(())
    }
}

impl Operation for GetMetricStatistics {
    type Service = Metrics;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "GetMetricStatistics",
        "cloudwatch:GetMetricStatistics",
        &["Namespace", "MetricName", "Dimensions", "StartTime", "EndTime", "Period", "Statistics", "Unit"],
    )
    .data();

    async fn access(_cx: &Context<'_, Metrics>, _input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<Output, ApiError> {
        input.check()?;
        let (period, grain) = grain(input.period)?;
        let start = whole_seconds(input.start_time);
        let start = start - start % grain.slot();
        let end = whole_seconds(input.end_time);
        let asked = end.saturating_sub(start).div_ceil(period);
        if asked > MOST_DATAPOINTS {
            let message = format!(
                "You have requested up to {asked} datapoints, which exceeds the limit of {MOST_DATAPOINTS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range."
            );
            return Err(ApiError::new(INVALID_COMBINATION, message));
        }
        let metric = Metric {
            namespace: input.namespace.clone(),
            name: input.metric_name.clone(),
            dimensions: input.dimensions.clone(),
        };
        let fingerprint = metric.fingerprint();
        let series = Series {
            account: cx.account().as_str(),
            region: cx.region().as_str(),
            metric: &metric,
            fingerprint: &fingerprint,
        };
        let mut periods: BTreeMap<(u64, String), StatisticSet> = BTreeMap::new();
        for slot in series.read(cx.tx(), grain, start, end).await? {
            let unit = slot.unit.unwrap_or_else(|| NO_UNIT.to_owned());
            if input.unit.as_ref().is_some_and(|wanted| *wanted != unit) {
                continue;
            }
            let begin = start + (slot.start - start) / period * period;
            periods
                .entry((begin, unit))
                .and_modify(|statistics| statistics.merge(&slot.statistics))
                .or_insert(slot.statistics);
        }
        let datapoints = periods.into_iter().map(|((begin, unit), set)| input.datapoint(begin, unit, &set)).collect();
        Ok(Output { label: input.metric_name.clone(), datapoints })
    }
}

impl Input {
    fn datapoint(&self, begin: u64, unit: String, set: &StatisticSet) -> Datapoint {
        let asked = |statistic: Statistic| {
            let asked = self.statistics.iter().any(|name| name == statistic.name());
            asked.then(|| set.value(statistic))
        };
        Datapoint {
            timestamp: Timestamp::from_millis(i64::try_from(begin).unwrap_or(0).saturating_mul(1_000)),
            sample_count: asked(Statistic::SampleCount),
            average: asked(Statistic::Average),
            sum: asked(Statistic::Sum),
            minimum: asked(Statistic::Minimum),
            maximum: asked(Statistic::Maximum),
            unit,
        }
    }
}
