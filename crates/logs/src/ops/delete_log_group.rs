//! `DeleteLogGroup`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{
    Logs,
    metric_filter::FILTERS,
    model::{DOOMED, Doom, GROUPS},
};

/// Deletes a log group with its streams, events and metric filters. The events themselves are removed in the background.
pub(crate) struct DeleteLogGroup;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
}

impl Operation for DeleteLogGroup {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeleteLogGroup", "logs:DeleteLogGroup", &["logGroupName"], &[]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![resource::on_group(cx, Self::META.action, &input.log_group_name)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        let group = resource::group(cx, &input.log_group_name).await?;
        let (account, region) = (cx.account().as_str(), cx.region().as_str());
        GROUPS.delete(cx.tx(), &[account, region, &group.name]);
        FILTERS.delete(cx.tx(), &[account, region, &group.name]);
        Ok(DOOMED.put(cx.tx(), &[account, region, &group.id, ""], &Doom::Group)?)
    }
}
