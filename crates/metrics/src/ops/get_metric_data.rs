//! `GetMetricData`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::get_metric_statistics::{grain, whole_seconds};
use crate::{
    Dimension, Metrics, Statistic, StatisticSet,
    constraint::{items, length, name, one_of, range},
    metric::{self, NO_UNIT, check_dimensions, check_unit},
    series::Series,
    token,
};

/// Most datapoints of one answer, and the number when the caller names none.
const MOST_DATAPOINTS: i64 = 100_800;

/// Shows one statistic by period for each of several metrics. Periods begin at multiples of their length.
pub(crate) struct GetMetricData;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    metric_data_queries: Vec<MetricDataQuery>,
    start_time: Timestamp,
    end_time: Timestamp,
    next_token: Option<String>,
    scan_by: Option<String>,
    max_datapoints: Option<i64>,
    label_options: Option<LabelOptions>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct MetricDataQuery {
    id: String,
    metric_stat: Option<MetricStat>,
    expression: Option<String>,
    label: Option<String>,
    return_data: Option<bool>,
    period: Option<i64>,
    account_id: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct MetricStat {
    metric: Metric,
    period: i64,
    stat: String,
    unit: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Metric {
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dimensions: Vec<Dimension>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct LabelOptions {
    timezone: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    metric_data_results: Vec<MetricDataResult>,
    next_token: Option<String>,
    messages: Vec<()>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetricDataResult {
    id: String,
    label: String,
    timestamps: Vec<Timestamp>,
    values: Vec<f64>,
    status_code: &'static str,
}

/// A query that keeptrail carries out.
struct Checked<'a> {
    id: &'a str,
    label: &'a str,
    metric: metric::Metric,
    statistic: Statistic,
    period: i64,
    unit: Option<&'a str>,
}

impl Input {
    fn check(&self) -> Result<Vec<Checked<'_>>, ApiError> {
        items("metricDataQueries", self.metric_data_queries.len(), 500)?;
        if let Some(by) = &self.scan_by {
            one_of("scanBy", by, &["TimestampDescending", "TimestampAscending"])?;
        }
        if self.label_options.as_ref().is_some_and(|options| options.timezone.is_some()) {
            return Err(ApiError::not_carried_out("the parameter LabelOptions"));
        }
        if self.start_time >= self.end_time {
            return Err(ApiError::validation("The parameter EndTime must be greater than StartTime."));
        }
        let mut checked: Vec<Checked<'_>> = Vec::new();
        for query in &self.metric_data_queries {
            let one = query.check()?;
            if checked.iter().any(|earlier| earlier.id == one.id) {
                let message = format!("The values for parameter id in MetricDataQueries are not unique: {}", one.id);
                return Err(ApiError::validation(message));
            }
            checked.push(one);
        }
        Ok(checked
            .into_iter()
            .zip(&self.metric_data_queries)
            .filter(|(_, query)| query.return_data != Some(false))
            .map(|(one, _)| one)
            .collect())
    }
}

impl MetricDataQuery {
    fn check(&self) -> Result<Checked<'_>, ApiError> {
        length("metricDataQueries.member.id", &self.id, 1, 255)?;
        let well_formed = self.id.starts_with(|first: char| first.is_ascii_lowercase())
            && self.id.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
        if !well_formed {
            let message = format!(
                "The value {} for parameter MetricDataQueries.member.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.",
                self.id
            );
            return Err(ApiError::validation(message));
        }
        if self.expression.is_some() {
            return Err(ApiError::not_carried_out("metric math (the parameter Expression)"));
        }
        if self.account_id.is_some() {
            return Err(ApiError::not_carried_out("the parameter AccountId"));
        }
        if self.period.is_some() {
            return Err(ApiError::not_carried_out("the parameter Period outside MetricStat"));
        }
        if self.label.as_ref().is_some_and(|label| label.contains("${")) {
            return Err(ApiError::not_carried_out("dynamic labels (the parameter Label with ${…})"));
        }
        let Some(stat) = &self.metric_stat else {
            return Err(ApiError::validation("Either MetricStat or Expression must be specified for each query."));
        };
        let Metric { namespace: Some(namespace), metric_name: Some(metric_name), dimensions } = &stat.metric else {
            return Err(ApiError::validation("Namespace and MetricName must be specified for each metric."));
        };
        name("namespace", namespace)?;
        name("metricName", metric_name)?;
        check_dimensions(dimensions)?;
        check_unit(stat.unit.as_deref())?;
        let Some(statistic) = Statistic::named(&stat.stat) else {
            return Err(ApiError::not_carried_out(&format!("the statistic {}", stat.stat)));
        };
        let metric =
            metric::Metric { namespace: namespace.clone(), name: metric_name.clone(), dimensions: dimensions.clone() };
        let label = self.label.as_deref().unwrap_or(metric_name);
        Ok(Checked { id: &self.id, label, metric, statistic, period: stat.period, unit: stat.unit.as_deref() })
    }
}

impl Operation for GetMetricData {
    type Service = Metrics;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "GetMetricData",
        "cloudwatch:GetMetricData",
        &["MetricDataQueries", "StartTime", "EndTime", "ScanBy", "MaxDatapoints"],
    )
    .data();

    async fn access(_cx: &Context<'_, Metrics>, _input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<Output, ApiError> {
        let queries = input.check()?;
        let limit = range("maxDatapoints", input.max_datapoints, 1, MOST_DATAPOINTS, MOST_DATAPOINTS)?;
        let skip: usize = match &input.next_token {
            Some(text) => token::open(Self::META.name, text)?,
            None => 0,
        };
        let ascending = input.scan_by.as_deref() == Some("TimestampAscending");
        let (mut passed, mut room) = (0, limit);
        let mut output = Output { metric_data_results: Vec::new(), next_token: None, messages: Vec::new() };
        for query in queries {
            let mut found: Vec<(u64, f64)> = query.values(cx, input).await?.into_iter().collect();
            if !ascending {
                found.reverse();
            }
            let before = passed;
            passed += found.len();
            let page: Vec<(u64, f64)> = found.into_iter().skip(skip.saturating_sub(before)).take(room).collect();
            room -= page.len();
            let complete = before.max(skip) + page.len() >= passed;
            let time = |begin: u64| Timestamp::from_millis(i64::try_from(begin).unwrap_or(0).saturating_mul(1_000));
            output.metric_data_results.push(MetricDataResult {
                id: query.id.to_owned(),
                label: query.label.to_owned(),
                timestamps: page.iter().map(|(begin, _)| time(*begin)).collect(),
                values: page.iter().map(|(_, value)| *value).collect(),
                status_code: if complete { "Complete" } else { "PartialData" },
            });
        }
        let reached = skip + (limit - room);
        if reached < passed {
            output.next_token = Some(token::seal(Self::META.name, &reached)?);
        }
        Ok(output)
    }
}

impl Checked<'_> {
    /// The statistic of each period, by the period's begin in seconds since 1970.
    async fn values(&self, cx: &Context<'_, Metrics>, input: &Input) -> Result<BTreeMap<u64, f64>, ApiError> {
        let (period, grain) = grain(self.period)?;
        let fingerprint = self.metric.fingerprint();
        let series = Series {
            account: cx.account().as_str(),
            region: cx.region().as_str(),
            metric: &self.metric,
            fingerprint: &fingerprint,
        };
        let (start, end) = (whole_seconds(input.start_time), whole_seconds(input.end_time));
        let mut periods: BTreeMap<u64, StatisticSet> = BTreeMap::new();
        for slot in series.read(cx.tx(), grain, start - start % period, end).await? {
            if self.unit.is_some_and(|unit| unit != slot.unit.as_deref().unwrap_or(NO_UNIT)) {
                continue;
            }
            periods
                .entry(slot.start - slot.start % period)
                .and_modify(|statistics| statistics.merge(&slot.statistics))
                .or_insert(slot.statistics);
        }
        Ok(periods.into_iter().map(|(begin, statistics)| (begin, statistics.value(self.statistic))).collect())
    }
}
