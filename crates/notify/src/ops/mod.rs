//! The operations of SNS.

mod add_permission;
mod confirm_subscription;
mod create_topic;
mod delete_topic;
mod get_subscription_attributes;
mod get_topic_attributes;
mod list_subscriptions;
mod list_subscriptions_by_topic;
mod list_tags_for_resource;
mod list_topics;
mod publish;
mod publish_batch;
mod remove_permission;
mod set_subscription_attributes;
mod set_topic_attributes;
mod subscribe;
mod tag_resource;
mod unsubscribe;
mod untag_resource;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, bind};

use crate::{META, Notify};

/// All operations.
pub(crate) fn operations(notify: &Arc<Notify>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        bind::<add_permission::AddPermission>(&META, notify),
        bind::<confirm_subscription::ConfirmSubscription>(&META, notify),
        bind::<create_topic::CreateTopic>(&META, notify),
        bind::<delete_topic::DeleteTopic>(&META, notify),
        bind::<get_subscription_attributes::GetSubscriptionAttributes>(&META, notify),
        bind::<get_topic_attributes::GetTopicAttributes>(&META, notify),
        bind::<list_subscriptions::ListSubscriptions>(&META, notify),
        bind::<list_subscriptions_by_topic::ListSubscriptionsByTopic>(&META, notify),
        bind::<list_tags_for_resource::ListTagsForResource>(&META, notify),
        bind::<list_topics::ListTopics>(&META, notify),
        bind::<publish::Publish>(&META, notify),
        bind::<publish_batch::PublishBatch>(&META, notify),
        bind::<remove_permission::RemovePermission>(&META, notify),
        bind::<set_subscription_attributes::SetSubscriptionAttributes>(&META, notify),
        bind::<set_topic_attributes::SetTopicAttributes>(&META, notify),
        bind::<subscribe::Subscribe>(&META, notify),
        bind::<tag_resource::TagResource>(&META, notify),
        bind::<unsubscribe::Unsubscribe>(&META, notify),
        bind::<untag_resource::UntagResource>(&META, notify),
    ]
}
