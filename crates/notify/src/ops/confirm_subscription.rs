//! ConfirmSubscription: the endpoint answers that it wants the messages. The token is the right to it.

use keeptrail_operation::{Access, ApiError, Authorisation, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Notify,
    errors::{INVALID_PARAMETER, invalid, no_topic},
    model::{Subscription, TOKENS, Topic},
    names::TopicName,
    tokens,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html>
pub(crate) struct ConfirmSubscription;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    topic_arn: String,
    #[serde(skip_serializing)]
    token: String,
    #[serde(default)]
    authenticate_on_unsubscribe: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pub(crate) subscription_arn: String,
}

impl Operation for ConfirmSubscription {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "ConfirmSubscription",
        "SNS:ConfirmSubscription",
        &["TopicArn", "AuthenticateOnUnsubscribe"],
        &["SubscriptionArn"],
    )
    .authorised(Authorisation::Anyone);

    async fn access(_: &Context<'_, Notify>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(Vec::new())
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let topic = TopicName::parse(&input.topic_arn, "TopicArn").map_err(|_| invalid("Topic"))?;
        if !tokens::is_well_formed(&input.token) {
            return Err(ApiError::new(INVALID_PARAMETER, "Invalid token"));
        }
        let authenticate = match input.authenticate_on_unsubscribe.as_deref() {
            None | Some("" | "false") => false,
            Some("true") => true,
            Some(_) => return Err(invalid("AuthenticateOnUnsubscribe")),
        };
        // Looked up by its hash: how long that takes says nothing about any token.
        let token = TOKENS.get(cx.tx(), &[&tokens::hash(&input.token)]).await?;
        let token = token.filter(|token| token.expires.to_jiff() > cx.now()).ok_or_else(|| invalid("Token"))?;
        if token.subscription.topic != topic {
            return Err(invalid("Topic"));
        }
        Topic::find(cx.tx(), &topic).await?.ok_or_else(no_topic)?;
        let current = Subscription::find(cx.tx(), &token.subscription).await?.map(|row| Subscription::clone(&row));
        let mut subscription = match (current, &token.restores) {
            (Some(current), _) => current,
            (None, Some(former)) => former.clone(),
            (None, None) => return Err(invalid("Token")),
        };
        if !subscription.confirmed || token.restores.is_some() {
            let signed = cx.call().access_key_id.is_some();
            subscription.confirmed = true;
            subscription.confirmation_was_authenticated = signed;
            // Only who signs can say who may unsubscribe.
            subscription.authenticate_on_unsubscribe = authenticate && signed;
            subscription.save(cx.tx())?;
        }
        Ok(Output { subscription_arn: subscription.name.arn() })
    }
}
