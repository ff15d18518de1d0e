//! `PutMetricFilter`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html>

use std::{collections::BTreeMap, sync::OnceLock};

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_pattern::filter::{FilterPattern, Kind};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::resource;
use crate::{
    Logs,
    constraint::{LIMIT_EXCEEDED, invalid, items, length, metric_name, name, one_of},
    metric_filter::{FILTERS, Filters, MINUTES, MetricFilter},
};

/// Most filters of a group.
const MOST_FILTERS: usize = 100;
/// Most filters of a group whose patterns have regular expressions.
const MOST_REGEX_FILTERS: usize = 5;
/// Most dimensions of a filter.
const MOST_DIMENSIONS: usize = 3;

const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// Makes a metric filter or replaces the one of its name. It sees events that are written from now on.
pub(crate) struct PutMetricFilter;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    filter_name: String,
    filter_pattern: String,
    metric_transformations: Vec<MetricTransformation>,
    apply_on_transformed_logs: Option<bool>,
    field_selection_criteria: Option<String>,
    emit_system_field_dimensions: Option<Vec<String>>,
}

/// What a filter makes of the events that match.
#[skip_serializing_none]
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct MetricTransformation {
    pub(super) metric_name: String,
    pub(super) metric_namespace: String,
    pub(super) metric_value: String,
    pub(super) default_value: Option<f64>,
    pub(super) dimensions: Option<BTreeMap<String, String>>,
    pub(super) unit: Option<String>,
}

impl MetricTransformation {
    fn check(&self, pattern: &FilterPattern) -> Result<(), ApiError> {
        metric_name("metricTransformations.1.member.metricName", &self.metric_name)?;
        metric_name("metricTransformations.1.member.metricNamespace", &self.metric_namespace)?;
        length("metricTransformations.1.member.metricValue", &self.metric_value, 1, 100)?;
        if let Some(unit) = &self.unit {
            one_of("metricTransformations.1.member.unit", unit, &UNITS)?;
        }
        let number = self.metric_value.parse::<f64>().is_ok_and(f64::is_finite);
        if !number && !is_selector(pattern, &self.metric_value) {
            return Err(invalid(format!(
                "Invalid metric transformation: the metric value {} is neither a number nor a field that the filter pattern can select.",
                self.metric_value
            )));
        }
        if self.default_value.is_some_and(|value| !value.is_finite()) {
            return Err(invalid("Invalid metric transformation: the default value is no number."));
        }
        let Some(dimensions) = self.dimensions.as_ref().filter(|dimensions| !dimensions.is_empty()) else {
            return Ok(());
        };
        if self.default_value.is_some() {
            return Err(invalid(
                "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
            ));
        }
        items("metricTransformations.1.member.dimensions", dimensions.len(), 0, MOST_DIMENSIONS)?;
        for (key, selector) in dimensions {
            length("metricTransformations.1.member.dimensions", key, 1, 255)?;
            if !is_selector(pattern, selector) {
                return Err(invalid(format!(
                    "Invalid metric transformation: the dimension value {selector} is not a field that the filter pattern can select."
                )));
            }
        }
        Ok(())
    }
}

/// Whether a match of the pattern can have a value of this name: any path of a JSON event, a named or numbered field of a
/// space-delimited one.
fn is_selector(pattern: &FilterPattern, text: &str) -> bool {
    match pattern.kind() {
        Kind::Terms => false,
        Kind::Json => text.starts_with("$.") || text.starts_with("$["),
        Kind::SpaceDelimited => {
            let number = text.strip_prefix('$').is_some_and(|rest| rest.parse::<u16>().is_ok());
            number || pattern.names().iter().any(|name| name == text)
        }
    }
}

/// Reads a filter pattern, or says where it is wrong.
pub(super) fn parse(pattern: &str) -> Result<FilterPattern, ApiError> {
    FilterPattern::parse(pattern).map_err(|error| invalid(format!("Invalid metric filter pattern: {error}")))
}

impl Input {
    fn filter(&self, created: i64) -> Result<MetricFilter, ApiError> {
        name("filterName", &self.filter_name)?;
        if self.apply_on_transformed_logs == Some(true) {
            return Err(ApiError::not_carried_out("the parameter applyOnTransformedLogs"));
        }
        if self.field_selection_criteria.as_ref().is_some_and(|criteria| !criteria.is_empty()) {
            return Err(ApiError::not_carried_out("the parameter fieldSelectionCriteria"));
        }
        if self.emit_system_field_dimensions.as_ref().is_some_and(|fields| !fields.is_empty()) {
            return Err(ApiError::not_carried_out("the parameter emitSystemFieldDimensions"));
        }
        items("metricTransformations", self.metric_transformations.len(), 1, 1)?;
        let pattern = parse(&self.filter_pattern)?;
        let transformation = self.metric_transformations.first().cloned();
        let transformation = transformation.ok_or_else(|| invalid("A metric transformation is needed."))?;
        transformation.check(&pattern)?;
        Ok(MetricFilter {
            name: self.filter_name.clone(),
            pattern: self.filter_pattern.clone(),
            metric_name: transformation.metric_name,
            namespace: transformation.metric_namespace,
            value: transformation.metric_value,
            default_value: transformation.default_value,
            dimensions: transformation.dimensions.filter(|dimensions| !dimensions.is_empty()),
            unit: transformation.unit,
            created,
            compiled: OnceLock::from(Some(pattern)),
        })
    }
}

impl Operation for PutMetricFilter {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write(
        "PutMetricFilter",
        "logs:PutMetricFilter",
        &["logGroupName", "filterName", "filterPattern", "metricTransformations", "applyOnTransformedLogs"],
        &[],
    );

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![resource::on_group(cx, Self::META.action, &input.log_group_name)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        let filter = input.filter(cx.now().as_millisecond())?;
        let group = resource::group(cx, &input.log_group_name).await?;
        let parts = [cx.account().as_str(), cx.region().as_str(), &group.name];
        let mut filters = FILTERS.get(cx.tx(), &parts).await?.map_or_else(Filters::default, |row| Filters::clone(&row));
        filters.filters.insert(filter.name.clone(), filter);
        if filters.filters.len() > MOST_FILTERS {
            return Err(ApiError::new(LIMIT_EXCEEDED, "Resource limit exceeded."));
        }
        let has_regex = |filter: &&MetricFilter| {
            let pattern = filter.compiled.get_or_init(|| FilterPattern::parse(&filter.pattern).ok());
            pattern.as_ref().is_some_and(FilterPattern::has_regex)
        };
        if filters.filters.values().filter(has_regex).count() > MOST_REGEX_FILTERS {
            let message = "Resource limit exceeded: a log group takes five filter patterns with regular expressions.";
            return Err(ApiError::new(LIMIT_EXCEEDED, message));
        }
        MINUTES.delete(cx.tx(), &[parts[0], parts[1], &group.id, &input.filter_name]);
        Ok(FILTERS.put(cx.tx(), &parts, &filters)?)
    }
}
