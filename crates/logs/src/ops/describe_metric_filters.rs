//! `DescribeMetricFilters`:
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{put_metric_filter::MetricTransformation, resource};
use crate::{
    Logs,
    constraint::{invalid, metric_name, name, range},
    metric_filter::{FILTERS, Filters, MetricFilter},
    token,
};

/// Shows the metric filters of a group, or of all groups, in the order of the names.
pub(crate) struct DescribeMetricFilters;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: Option<String>,
    filter_name_prefix: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    metric_name: Option<String>,
    metric_namespace: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    metric_filters: Vec<Shown>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    filter_name: String,
    filter_pattern: String,
    metric_transformations: [MetricTransformation; 1],
    creation_time: i64,
    log_group_name: String,
    apply_on_transformed_logs: bool,
}

impl Input {
    fn check(&self) -> Result<(), ApiError> {
        if let Some(prefix) = &self.filter_name_prefix {
            name("filterNamePrefix", prefix)?;
        }
        if let Some(metric) = &self.metric_name {
            metric_name("metricName", metric)?;
        }
        if let Some(namespace) = &self.metric_namespace {
            metric_name("metricNamespace", namespace)?;
        }
        if self.metric_name.is_some() != self.metric_namespace.is_some() {
            return Err(invalid("metricName and metricNamespace must be given together."));
        }
        Ok(())
    }

    fn wants(&self, filter: &MetricFilter) -> bool {
        self.filter_name_prefix.as_deref().is_none_or(|prefix| filter.name.starts_with(prefix))
            && self.metric_name.as_ref().is_none_or(|name| *name == filter.metric_name)
            && self.metric_namespace.as_ref().is_none_or(|namespace| *namespace == filter.namespace)
    }
}

impl Operation for DescribeMetricFilters {
    type Service = Logs;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "DescribeMetricFilters",
        "logs:DescribeMetricFilters",
        &["logGroupName", "filterNamePrefix", "limit", "metricName", "metricNamespace"],
    );

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let group = input.log_group_name.as_deref().unwrap_or_default();
        Ok(vec![resource::on_group(cx, Self::META.action, group)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<Output, ApiError> {
        input.check()?;
        let limit = range("limit", input.limit, 50, 50)?;
        let after: Option<(String, String)> = token::open(Self::META.name, input.next_token.as_deref())?;
        let parts = [cx.account().as_str(), cx.region().as_str()];
        let mut output = Output { metric_filters: Vec::new(), next_token: None };
        let mut last = after.clone();
        for (group, filters) in groups(cx, &parts, input.log_group_name.as_deref()).await? {
            for filter in filters.filters.values().filter(|filter| input.wants(filter)) {
                let this = (group.clone(), filter.name.clone());
                if after.as_ref().is_some_and(|after| this <= *after) {
                    continue;
                }
                if output.metric_filters.len() == limit {
                    output.next_token = Some(token::seal(Self::META.name, &last)?);
                    return Ok(output);
                }
                output.metric_filters.push(shown(&group, filter));
                last = Some(this);
            }
        }
        Ok(output)
    }
}

/// The groups that have filters, with them.
async fn groups(
    cx: &Context<'_, Logs>,
    parts: &[&str; 2],
    only: Option<&str>,
) -> Result<Vec<(String, std::sync::Arc<Filters>)>, ApiError> {
    if let Some(name) = only {
        let group = resource::group(cx, name).await?;
        let filters = FILTERS.get(cx.tx(), &[parts[0], parts[1], &group.name]).await?;
        return Ok(filters.map(|filters| (group.name.clone(), filters)).into_iter().collect());
    }
    let all = FILTERS.all(cx.tx(), parts).await?;
    Ok(all.into_iter().filter_map(|(key, filters)| Some((key.parts().pop()?, filters))).collect())
}

fn shown(group: &str, filter: &MetricFilter) -> Shown {
    Shown {
        filter_name: filter.name.clone(),
        filter_pattern: filter.pattern.clone(),
        metric_transformations: [MetricTransformation {
            metric_name: filter.metric_name.clone(),
            metric_namespace: filter.namespace.clone(),
            metric_value: filter.value.clone(),
            default_value: filter.default_value,
            dimensions: filter.dimensions.clone(),
            unit: filter.unit.clone(),
        }],
        creation_time: filter.created,
        log_group_name: group.to_owned(),
        apply_on_transformed_logs: false,
    }
}
