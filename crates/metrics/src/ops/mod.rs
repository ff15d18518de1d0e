//! The operations, one a file.

mod delete_alarms;
mod describe_alarm_history;
mod describe_alarms;
mod describe_alarms_for_metric;
mod disable_alarm_actions;
mod enable_alarm_actions;
mod get_metric_data;
mod get_metric_statistics;
mod list_metrics;
mod list_tags_for_resource;
mod metric_alarm;
mod put_metric_alarm;
mod put_metric_data;
mod resource;
mod set_alarm_state;
mod tag_resource;
mod untag_resource;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, bind};

use crate::{META, Metrics};

/// All operations, bound to their state.
pub(crate) fn operations(state: &Arc<Metrics>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        bind::<delete_alarms::DeleteAlarms>(&META, state),
        bind::<describe_alarm_history::DescribeAlarmHistory>(&META, state),
        bind::<describe_alarms::DescribeAlarms>(&META, state),
        bind::<describe_alarms_for_metric::DescribeAlarmsForMetric>(&META, state),
        bind::<disable_alarm_actions::DisableAlarmActions>(&META, state),
        bind::<enable_alarm_actions::EnableAlarmActions>(&META, state),
        bind::<get_metric_data::GetMetricData>(&META, state),
        bind::<get_metric_statistics::GetMetricStatistics>(&META, state),
        bind::<list_metrics::ListMetrics>(&META, state),
        bind::<list_tags_for_resource::ListTagsForResource>(&META, state),
        bind::<put_metric_alarm::PutMetricAlarm>(&META, state),
        bind::<put_metric_data::PutMetricData>(&META, state),
        bind::<set_alarm_state::SetAlarmState>(&META, state),
        bind::<tag_resource::TagResource>(&META, state),
        bind::<untag_resource::UntagResource>(&META, state),
    ]
}
