//! Subscribe: asks an endpoint whether it wants the messages of a topic.

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Notify,
    errors::{invalid, no_topic},
    mail,
    model::{Protocol, Subscription, Topic},
    names::{SubscriptionName, TopicName},
    subscription_attributes, tokens, topic_policy,
};

/// The longest endpoint, in bytes.
const LONGEST_ENDPOINT: usize = 2048;

/// <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>
pub(crate) struct Subscribe;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    topic_arn: String,
    protocol: String,
    #[serde(default)]
    endpoint: Option<String>,
    #[serde(default)]
    attributes: Option<BTreeMap<String, String>>,
    #[serde(default)]
    return_subscription_arn: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pub(crate) subscription_arn: String,
}

impl Operation for Subscribe {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    // The endpoint may hold a key of the receiver's, as those of chat and paging services do: it stays off the record.
    const META: Meta = Meta::write(
        "Subscribe",
        "SNS:Subscribe",
        &["TopicArn", "Protocol", "Attributes", "ReturnSubscriptionArn"],
        &["SubscriptionArn"],
    );

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        let access = topic_policy::access(cx, &name, Self::META.action).await?;
        let access = access.when("sns:Protocol", [input.protocol.clone()]);
        Ok(vec![access.when("sns:Endpoint", input.endpoint.clone())])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let topic = TopicName::parse(&input.topic_arn, "TopicArn")?;
        let protocol = protocol(&input.protocol)?;
        let endpoint = input.endpoint.as_deref().filter(|endpoint| !endpoint.is_empty());
        let endpoint = endpoint.ok_or_else(|| invalid("Endpoint"))?;
        check(cx.service(), protocol, endpoint)?;
        let mut wanted = Subscription {
            name: SubscriptionName { topic, id: cx.random().uuid()? },
            protocol,
            endpoint: endpoint.to_owned(),
            owner: cx.account().to_string(),
            principal: cx.identity().principal.arn().into_owned(),
            asked_at: cx.now().into(),
            confirmed: false,
            confirmation_was_authenticated: false,
            authenticate_on_unsubscribe: false,
            raw: false,
            delivery_policy: None,
        };
        let attributes = input.attributes.clone().unwrap_or_default();
        for (attribute, value) in &attributes {
            subscription_attributes::set(&mut wanted, attribute, value, "Attributes Reason: ")?;
        }
        Topic::find(cx.tx(), &wanted.name.topic).await?.ok_or_else(no_topic)?;
        let others = Subscription::of_topic(cx.tx(), &wanted.name.topic).await?;
        let existing = others.iter().find(|other| other.protocol == protocol && other.endpoint == endpoint);
        let subscription = match existing {
            None => wanted,
            Some(existing) => {
                let same = wanted.raw == existing.raw && wanted.delivery_policy == existing.delivery_policy;
                if !attributes.is_empty() && !same {
                    return Err(invalid("Attributes Reason: Subscription already exists with different attributes"));
                }
                Subscription::clone(existing)
            }
        };
        if !subscription.confirmed {
            tokens::ask(cx.tx(), cx.random(), &cx.service().keyring, &subscription)?;
        }
        let shows_arn = subscription.confirmed || input.return_subscription_arn == Some(true);
        let subscription_arn = if shows_arn { subscription.name.arn() } else { "pending confirmation".to_owned() };
        Ok(Output { subscription_arn })
    }
}

fn protocol(name: &str) -> Result<Protocol, ApiError> {
    match name {
        "http" => Ok(Protocol::Http),
        "https" => Ok(Protocol::Https),
        "email" => Ok(Protocol::Email),
        "email-json" => Ok(Protocol::EmailJson),
        "sqs" | "sms" | "lambda" | "application" | "firehose" => {
            Err(ApiError::not_carried_out(&format!("the subscription protocol {name}")))
        }
        _ => Err(invalid(format!("Amazon SNS does not support this protocol string: {name}"))),
    }
}

fn check(notify: &Notify, protocol: Protocol, endpoint: &str) -> Result<(), ApiError> {
    if endpoint.len() > LONGEST_ENDPOINT {
        return Err(invalid("Endpoint Reason: the endpoint is too long"));
    }
    if protocol.is_mail() {
        if notify.mailer.is_none() {
            let reason = "this server sends no mail, because KEEPTRAIL_SMTP_URL and KEEPTRAIL_SMTP_FROM are not set";
            return Err(invalid(format!("Endpoint Reason: {reason}")));
        }
        return if mail::is_address(endpoint) { Ok(()) } else { Err(invalid("Email address")) };
    }
    if !endpoint.starts_with(&format!("{}://", protocol.as_str())) {
        return Err(invalid("Endpoint must match the specified protocol"));
    }
    let checked = notify.guard.check_url(endpoint);
    checked.map(drop).map_err(|forbidden| invalid(format!("Endpoint Reason: {forbidden}")))
}
