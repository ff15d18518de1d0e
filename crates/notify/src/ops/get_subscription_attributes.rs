//! GetSubscriptionAttributes: what is set on a subscription, and how it fares.

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Notify,
    errors::no_subscription,
    model::{FAILURES, Subscription, Topic},
    names::SubscriptionName,
    subscription_attributes, topic_policy,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html>
pub(crate) struct GetSubscriptionAttributes;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    subscription_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pub(crate) attributes: BTreeMap<String, String>,
}

impl Operation for GetSubscriptionAttributes {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetSubscriptionAttributes", "SNS:GetSubscriptionAttributes", &["SubscriptionArn"]);

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = SubscriptionName::parse(&input.subscription_arn)?;
        Ok(vec![topic_policy::access(cx, &name.topic, Self::META.action).await?])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let name = SubscriptionName::parse(&input.subscription_arn)?;
        let subscription = Subscription::find(cx.tx(), &name).await?.ok_or_else(no_subscription)?;
        let topic = Topic::find(cx.tx(), &name.topic).await?;
        let failures = FAILURES.get(cx.tx(), &name.key()).await?;
        let attributes = subscription_attributes::all(topic.as_deref(), &subscription, failures.as_deref());
        Ok(Output { attributes })
    }
}
