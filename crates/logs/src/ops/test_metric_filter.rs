//! `TestMetricFilter`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html>

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::put_metric_filter::parse;
use crate::{
    Logs,
    constraint::{items, length},
};

/// Tells which messages a filter pattern matches, and the values of the fields it names.
pub(crate) struct TestMetricFilter;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    filter_pattern: String,
    log_event_messages: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    matches: Vec<MetricFilterMatchRecord>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MetricFilterMatchRecord {
    event_number: u64,
    event_message: String,
    extracted_values: BTreeMap<String, String>,
}

impl Operation for TestMetricFilter {
    type Service = Logs;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("TestMetricFilter", "logs:TestMetricFilter", &["filterPattern"]);

    async fn access(_cx: &Context<'_, Logs>, _input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(_cx: &Context<'_, Logs>, input: &Input) -> Result<Output, ApiError> {
        items("logEventMessages", input.log_event_messages.len(), 1, 50)?;
        for (message, number) in input.log_event_messages.iter().zip(1..) {
            length(&format!("logEventMessages.{number}.member"), message, 1, 1_048_576)?;
        }
        let pattern = parse(&input.filter_pattern)?;
        let matches = input.log_event_messages.iter().zip(1..).filter_map(|(message, event_number)| {
            let found = pattern.matches(message)?;
            let extracted_values = found.extracted_values().into_iter().collect();
            Some(MetricFilterMatchRecord { event_number, event_message: message.clone(), extracted_values })
        });
        Ok(Output { matches: matches.collect() })
    }
}
