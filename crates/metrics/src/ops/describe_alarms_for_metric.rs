//! `DescribeAlarmsForMetric`:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::{metric_alarm::MetricAlarm, resource};
use crate::{
    Dimension, Metric, Metrics, Statistic,
    constraint::{name, one_of},
    metric::{check_dimensions, check_unit},
    series::Series,
    watch::WATCHERS,
};

/// Shows the alarms that watch a metric.
pub(crate) struct DescribeAlarmsForMetric;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    metric_name: String,
    namespace: String,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dimensions: Vec<Dimension>,
    period: Option<u64>,
    unit: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    metric_alarms: Vec<MetricAlarm>,
}

impl Operation for DescribeAlarmsForMetric {
    type Service = Metrics;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "DescribeAlarmsForMetric",
        "cloudwatch:DescribeAlarmsForMetric",
        &["MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit"],
    );

    async fn access(_cx: &Context<'_, Metrics>, _input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<Output, ApiError> {
        name("metricName", &input.metric_name)?;
        name("namespace", &input.namespace)?;
        check_dimensions(&input.dimensions)?;
        check_unit(input.unit.as_deref())?;
        if let Some(statistic) = &input.statistic {
            one_of("statistic", statistic, &Statistic::NAMES)?;
        }
        if input.extended_statistic.is_some() {
            return Err(ApiError::not_carried_out("the parameter ExtendedStatistic"));
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
        let mut metric_alarms = Vec::new();
        let watchers = WATCHERS.get(cx.tx(), &series.parts()).await?;
        for name in watchers.iter().flat_map(|watchers| watchers.alarms.keys()) {
            let Some(alarm) = resource::alarm(cx, name).await? else { continue };
            let configuration = &alarm.configuration;
            let wanted = input.statistic.as_deref().is_none_or(|statistic| statistic == configuration.statistic.name())
                && input.period.is_none_or(|period| period == configuration.period)
                && (input.unit.is_none() || input.unit == configuration.unit);
            if wanted {
                metric_alarms.push(MetricAlarm::from(&*alarm));
            }
        }
        Ok(Output { metric_alarms })
    }
}
