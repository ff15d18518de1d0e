//! ListSubscriptionsByTopic: a topic's subscriptions.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::list_subscriptions::{Entry, Output};
use crate::{
    Notify,
    errors::no_topic,
    model::{SUBSCRIPTIONS, Topic},
    names::TopicName,
    paging, topic_policy,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html>
pub(crate) struct ListSubscriptionsByTopic;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    topic_arn: String,
    #[serde(default)]
    next_token: Option<String>,
}

impl Operation for ListSubscriptionsByTopic {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::read("ListSubscriptionsByTopic", "SNS:ListSubscriptionsByTopic", &["TopicArn", "NextToken"]);

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        Ok(vec![topic_policy::access(cx, &name, Self::META.action).await?])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        Topic::find(cx.tx(), &name).await?.ok_or_else(no_topic)?;
        let token = input.next_token.as_deref();
        let (rows, next_token) = paging::page(cx.tx(), &SUBSCRIPTIONS, &name.key(), token).await?;
        Ok(Output { subscriptions: rows.iter().map(|(_, row)| Entry::of(row)).collect(), next_token })
    }
}
