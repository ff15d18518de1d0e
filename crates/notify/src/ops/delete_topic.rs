//! DeleteTopic: removes a topic with its subscriptions; succeeds when there is none.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Notify,
    model::{FAILURES, SUBSCRIPTIONS, Subscription, TOPICS},
    names::TopicName,
    topic_policy,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html>
pub(crate) struct DeleteTopic;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    topic_arn: String,
}

impl Operation for DeleteTopic {
    type Service = Notify;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeleteTopic", "SNS:DeleteTopic", &["TopicArn"], &[]);

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        Ok(vec![topic_policy::access(cx, &name, Self::META.action).await?])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<(), ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        // Deliveries that wait find no subscription and are dropped.
        for subscription in Subscription::of_topic(cx.tx(), &name).await? {
            SUBSCRIPTIONS.delete(cx.tx(), &subscription.name.key());
            FAILURES.delete(cx.tx(), &subscription.name.key());
        }
        TOPICS.delete(cx.tx(), &name.key());
        Ok(())
    }
}
