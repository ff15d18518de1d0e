//! The operations, one a file.

mod delete_rule;
mod describe_event_bus;
mod describe_rule;
mod disable_rule;
mod enable_rule;
mod list_event_buses;
mod list_rule_names_by_target;
mod list_rules;
mod list_tags_for_resource;
mod list_targets_by_rule;
mod put_events;
mod put_rule;
mod put_targets;
mod remove_targets;
mod tag_resource;
mod test_event_pattern;
mod untag_resource;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, bind};

use crate::{Events, META};

/// Every operation of the service.
pub(crate) fn operations(events: &Arc<Events>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        bind::<delete_rule::DeleteRule>(&META, events),
        bind::<describe_event_bus::DescribeEventBus>(&META, events),
        bind::<describe_rule::DescribeRule>(&META, events),
        bind::<disable_rule::DisableRule>(&META, events),
        bind::<enable_rule::EnableRule>(&META, events),
        bind::<list_event_buses::ListEventBuses>(&META, events),
        bind::<list_rule_names_by_target::ListRuleNamesByTarget>(&META, events),
        bind::<list_rules::ListRules>(&META, events),
        bind::<list_tags_for_resource::ListTagsForResource>(&META, events),
        bind::<list_targets_by_rule::ListTargetsByRule>(&META, events),
        bind::<put_events::PutEvents>(&META, events),
        bind::<put_rule::PutRule>(&META, events),
        bind::<put_targets::PutTargets>(&META, events),
        bind::<remove_targets::RemoveTargets>(&META, events),
        bind::<tag_resource::TagResource>(&META, events),
        bind::<test_event_pattern::TestEventPattern>(&META, events),
        bind::<untag_resource::UntagResource>(&META, events),
    ]
}
