//! The operations, one a file.

mod add_tags;
mod create_trail;
mod delete_trail;
mod describe_trails;
mod get_event_selectors;
mod get_insight_selectors;
mod get_trail;
mod get_trail_status;
mod list_tags;
mod list_trails;
mod lookup_events;
mod put_event_selectors;
mod put_insight_selectors;
mod remove_tags;
mod settings;
mod shapes;
mod shared;
mod start_logging;
mod stop_logging;
mod tagging;
mod update_trail;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, bind};

use crate::{META, Trails};

/// Every operation of the service.
pub(crate) fn operations(trails: &Arc<Trails>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        bind::<add_tags::AddTags>(&META, trails),
        bind::<create_trail::CreateTrail>(&META, trails),
        bind::<delete_trail::DeleteTrail>(&META, trails),
        bind::<describe_trails::DescribeTrails>(&META, trails),
        bind::<get_event_selectors::GetEventSelectors>(&META, trails),
        bind::<get_insight_selectors::GetInsightSelectors>(&META, trails),
        bind::<get_trail::GetTrail>(&META, trails),
        bind::<get_trail_status::GetTrailStatus>(&META, trails),
        bind::<list_tags::ListTags>(&META, trails),
        bind::<list_trails::ListTrails>(&META, trails),
        bind::<lookup_events::LookupEvents>(&META, trails),
        bind::<put_event_selectors::PutEventSelectors>(&META, trails),
        bind::<put_insight_selectors::PutInsightSelectors>(&META, trails),
        bind::<remove_tags::RemoveTags>(&META, trails),
        bind::<start_logging::StartLogging>(&META, trails),
        bind::<stop_logging::StopLogging>(&META, trails),
        bind::<update_trail::UpdateTrail>(&META, trails),
    ]
}
