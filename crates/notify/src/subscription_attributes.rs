//! The attributes of a subscription.

use std::collections::BTreeMap;

use keeptrail_operation::ApiError;

use crate::{
    delivery_policy,
    errors::invalid,
    model::{Failures, Subscription, Topic},
};

/// Sets an attribute. `context` goes before what is wrong with the value, as SNS's messages for Subscribe have it.
pub(crate) fn set(
    subscription: &mut Subscription,
    attribute: &str,
    value: &str,
    context: &str,
) -> Result<(), ApiError> {
    let fault = |what: String| Err(invalid(format!("{context}{what}")));
    match attribute {
        "RawMessageDelivery" => {
            let raw = match value.to_ascii_lowercase().as_str() {
                "true" => true,
                "false" => false,
                _ => return fault(format!("RawMessageDelivery: Invalid value [{value}]. Must be true or false.")),
            };
            if raw && subscription.protocol.is_mail() {
                let protocol = subscription.protocol.as_str();
                return fault(format!("Delivery protocol [{protocol}] does not support raw message delivery."));
            }
            subscription.raw = raw;
            Ok(())
        }
        "DeliveryPolicy" if value.is_empty() => {
            subscription.delivery_policy = None;
            Ok(())
        }
        "DeliveryPolicy" => {
            if subscription.protocol.is_mail() {
                let protocol = subscription.protocol.as_str();
                return fault(format!("DeliveryPolicy: Delivery protocol [{protocol}] has no delivery policy."));
            }
            delivery_policy::check_subscription(value)?;
            subscription.delivery_policy = Some(value.to_owned());
            Ok(())
        }
        "FilterPolicy" | "RedrivePolicy" | "ReplayPolicy" if matches!(value, "" | "{}") => Ok(()),
        "FilterPolicyScope" if matches!(value, "" | "MessageAttributes") => Ok(()),
        "SubscriptionRoleArn" if value.is_empty() => Ok(()),
        "FilterPolicy" | "FilterPolicyScope" | "RedrivePolicy" | "ReplayPolicy" | "SubscriptionRoleArn" => {
            Err(ApiError::not_carried_out(&format!("the subscription attribute {attribute}")))
        }
        _ => Err(invalid("AttributeName")),
    }
}

/// The attributes, as GetSubscriptionAttributes answers them. Where deliveries were given up, two of our own say so.
pub(crate) fn all(
    topic: Option<&Topic>,
    subscription: &Subscription,
    failures: Option<&Failures>,
) -> BTreeMap<String, String> {
    let mut attributes = vec![
        ("ConfirmationWasAuthenticated", subscription.confirmation_was_authenticated.to_string()),
        ("Endpoint", subscription.endpoint.clone()),
        ("Owner", subscription.owner.clone()),
        ("PendingConfirmation", (!subscription.confirmed).to_string()),
        ("Protocol", subscription.protocol.as_str().to_owned()),
        ("RawMessageDelivery", subscription.raw.to_string()),
        ("SubscriptionArn", subscription.name.arn()),
        ("SubscriptionPrincipal", subscription.principal.clone()),
        ("TopicArn", subscription.name.topic.arn()),
    ];
    if !subscription.protocol.is_mail() {
        attributes.push(("EffectiveDeliveryPolicy", delivery_policy::subscription_attribute(topic, subscription)));
    }
    attributes.extend(subscription.delivery_policy.clone().map(|policy| ("DeliveryPolicy", policy)));
    if let Some(failures) = failures {
        attributes.push(("NumberOfNotificationsFailed", failures.count.to_string()));
        attributes.push(("LastFailure", format!("{} {}", failures.last_at, failures.last)));
    }
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
