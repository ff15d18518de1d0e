//! `DeleteMetricFilter`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteMetricFilter.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{
    Logs,
    constraint::{RESOURCE_NOT_FOUND, name},
    metric_filter::{FILTERS, Filters, MINUTES},
};

/// Deletes a metric filter. The metric's values stay.
pub(crate) struct DeleteMetricFilter;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    filter_name: String,
}

impl Operation for DeleteMetricFilter {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("DeleteMetricFilter", "logs:DeleteMetricFilter", &["logGroupName", "filterName"], &[]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![resource::on_group(cx, Self::META.action, &input.log_group_name)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        name("filterName", &input.filter_name)?;
        let group = resource::group(cx, &input.log_group_name).await?;
        let parts = [cx.account().as_str(), cx.region().as_str(), &group.name];
        let mut filters = FILTERS.get(cx.tx(), &parts).await?.map_or_else(Filters::default, |row| Filters::clone(&row));
        if filters.filters.remove(&input.filter_name).is_none() {
            return Err(ApiError::new(RESOURCE_NOT_FOUND, "The specified metric filter does not exist."));
        }
        if filters.filters.is_empty() {
            FILTERS.delete(cx.tx(), &parts);
        } else {
            FILTERS.put(cx.tx(), &parts, &filters)?;
        }
        MINUTES.delete(cx.tx(), &[parts[0], parts[1], &group.id, &input.filter_name]);
        Ok(())
    }
}
