//! Unsubscribe: ends a subscription. The link in each message does it unsigned, unless the subscription was confirmed with
//! AuthenticateOnUnsubscribe; the endpoint is told, and can undo it.

use keeptrail_operation::{Access, ApiError, Authorisation, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    META, Notify,
    model::{FAILURES, SUBSCRIPTIONS, Subscription, Topic},
    names::SubscriptionName,
    tokens, topic_policy,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html>
pub(crate) struct Unsubscribe;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    subscription_arn: String,
}

impl Operation for Unsubscribe {
    type Service = Notify;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("Unsubscribe", "SNS:Unsubscribe", &["SubscriptionArn"], &[]).authorised(Authorisation::Anyone);

    async fn access(_: &Context<'_, Notify>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(Vec::new())
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<(), ApiError> {
        let name = SubscriptionName::parse(&input.subscription_arn)?;
        if cx.call().access_key_id.is_some() {
            cx.authorise(&topic_policy::access(cx, &name.topic, Self::META.action).await?)?;
        }
        let Some(subscription) = Subscription::find(cx.tx(), &name).await? else { return Ok(()) };
        if subscription.authenticate_on_unsubscribe && cx.call().access_key_id.is_none() {
            return Err(ApiError::new(
                META.access_denied,
                "Unsubscribing from this subscription needs a signed request",
            ));
        }
        SUBSCRIPTIONS.delete(cx.tx(), &name.key());
        FAILURES.delete(cx.tx(), &name.key());
        if let Some(topic) = Topic::find(cx.tx(), &name.topic).await? {
            let mut topic = Topic::clone(&topic);
            topic.subscriptions_deleted += 1;
            topic.save(cx.tx(), &name.topic)?;
        }
        if subscription.confirmed {
            tokens::tell_the_end(cx.tx(), cx.random(), &cx.service().keyring, &subscription)?;
        }
        Ok(())
    }
}
