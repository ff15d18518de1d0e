//! The operations, one a file.

mod create_log_group;
mod create_log_stream;
mod delete_log_group;
mod delete_log_stream;
mod delete_metric_filter;
mod delete_retention_policy;
mod describe_log_groups;
mod describe_log_streams;
mod describe_metric_filters;
mod filter_log_events;
mod get_log_events;
mod list_tags_for_resource;
mod list_tags_log_group;
mod put_log_events;
mod put_metric_filter;
mod put_retention_policy;
mod resource;
mod tag_log_group;
mod tag_resource;
mod test_metric_filter;
mod untag_log_group;
mod untag_resource;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, bind};

use crate::{Logs, META};

/// All operations, bound to their state.
pub(crate) fn operations(state: &Arc<Logs>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        bind::<create_log_group::CreateLogGroup>(&META, state),
        bind::<create_log_stream::CreateLogStream>(&META, state),
        bind::<delete_log_group::DeleteLogGroup>(&META, state),
        bind::<delete_log_stream::DeleteLogStream>(&META, state),
        bind::<delete_metric_filter::DeleteMetricFilter>(&META, state),
        bind::<delete_retention_policy::DeleteRetentionPolicy>(&META, state),
        bind::<describe_log_groups::DescribeLogGroups>(&META, state),
        bind::<describe_log_streams::DescribeLogStreams>(&META, state),
        bind::<describe_metric_filters::DescribeMetricFilters>(&META, state),
        bind::<filter_log_events::FilterLogEvents>(&META, state),
        bind::<get_log_events::GetLogEvents>(&META, state),
        bind::<list_tags_for_resource::ListTagsForResource>(&META, state),
        bind::<list_tags_log_group::ListTagsLogGroup>(&META, state),
        bind::<put_log_events::PutLogEvents>(&META, state),
        bind::<put_metric_filter::PutMetricFilter>(&META, state),
        bind::<put_retention_policy::PutRetentionPolicy>(&META, state),
        bind::<tag_log_group::TagLogGroup>(&META, state),
        bind::<tag_resource::TagResource>(&META, state),
        bind::<test_metric_filter::TestMetricFilter>(&META, state),
        bind::<untag_log_group::UntagLogGroup>(&META, state),
        bind::<untag_resource::UntagResource>(&META, state),
    ]
}
