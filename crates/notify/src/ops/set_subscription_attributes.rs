//! SetSubscriptionAttributes: sets one attribute of a subscription.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Notify, errors::no_subscription, model::Subscription, names::SubscriptionName, subscription_attributes,
    topic_policy,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html>
pub(crate) struct SetSubscriptionAttributes;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    subscription_arn: String,
    attribute_name: String,
    #[serde(default)]
    attribute_value: Option<String>,
}

impl Operation for SetSubscriptionAttributes {
    type Service = Notify;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write(
        "SetSubscriptionAttributes",
        "SNS:SetSubscriptionAttributes",
        &["SubscriptionArn", "AttributeName", "AttributeValue"],
        &[],
    );

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = SubscriptionName::parse(&input.subscription_arn)?;
        Ok(vec![topic_policy::access(cx, &name.topic, Self::META.action).await?])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<(), ApiError> {
        let name = SubscriptionName::parse(&input.subscription_arn)?;
        let subscription = Subscription::find(cx.tx(), &name).await?.ok_or_else(no_subscription)?;
        let mut subscription = Subscription::clone(&subscription);
        let value = input.attribute_value.as_deref().unwrap_or_default();
        subscription_attributes::set(&mut subscription, &input.attribute_name, value, "")?;
        Ok(subscription.save(cx.tx())?)
    }
}
