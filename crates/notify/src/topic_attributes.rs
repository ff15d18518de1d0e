//! The attributes of a topic.

use std::collections::BTreeMap;

use keeptrail_operation::ApiError;
use keeptrail_store::{StoreError, Tx};

use crate::{
    delivery_policy,
    errors::invalid,
    model::{SignatureVersion, Subscription, Topic},
    names::TopicName,
    topic_policy,
};

/// The longest display name, in characters.
const LONGEST_DISPLAY_NAME: usize = 100;

/// Sets an attribute. What keeptrail does not carry out may only be set to the value that means "nothing", as Terraform
/// does. `None` when there is no attribute of this name.
pub(crate) fn set(topic: &mut Topic, attribute: &str, value: &str) -> Option<Result<(), ApiError>> {
    let given = Some(value.to_owned()).filter(|value| !value.is_empty());
    let result = match attribute {
        "DisplayName" if value.chars().count() > LONGEST_DISPLAY_NAME || value.chars().any(char::is_control) => {
            Err(invalid("DisplayName"))
        }
        "DisplayName" => {
            value.clone_into(&mut topic.display_name);
            Ok(())
        }
        "Policy" => given.as_deref().map_or(Ok(()), topic_policy::check).map(|()| topic.policy = given),
        "DeliveryPolicy" => {
            given.as_deref().map_or(Ok(()), delivery_policy::check_topic).map(|()| topic.delivery_policy = given)
        }
        "SignatureVersion" => match value {
            "1" => Ok(Some(SignatureVersion::One)),
            "2" => Ok(Some(SignatureVersion::Two)),
            "" => Ok(None),
            _ => Err(invalid("SignatureVersion")),
        }
        .map(|version| topic.signature_version = version),
        "TracingConfig" => only(attribute, value, &["", "PassThrough"]),
        "FifoTopic" | "ContentBasedDeduplication" => only(attribute, value, &["", "false"]),
        "KmsMasterKeyId" | "FifoThroughputScope" => only(attribute, value, &[""]),
        "ArchivePolicy" | "DataProtectionPolicy" => only(attribute, value, &["", "{}"]),
        _ => {
            let feedback = ["Application", "Firehose", "HTTP", "Lambda", "SQS"]
                .iter()
                .find_map(|sender| attribute.strip_prefix(sender));
            match feedback? {
                "SuccessFeedbackSampleRate" => only(attribute, value, &["", "0"]),
                "SuccessFeedbackRoleArn" | "FailureFeedbackRoleArn" => only(attribute, value, &[""]),
                _ => return None,
            }
        }
    };
    Some(result)
}

fn only(attribute: &str, value: &str, harmless: &[&str]) -> Result<(), ApiError> {
    if harmless.contains(&value) {
        return Ok(());
    }
    Err(ApiError::not_carried_out(&format!("the topic attribute {attribute}")))
}

/// The attributes, as GetTopicAttributes answers them.
pub(crate) async fn all(tx: &Tx, name: &TopicName, topic: &Topic) -> Result<BTreeMap<String, String>, StoreError> {
    let subscriptions = Subscription::of_topic(tx, name).await?;
    let confirmed = subscriptions.iter().filter(|subscription| subscription.confirmed).count();
    let mut attributes = vec![
        ("DisplayName", topic.display_name.clone()),
        ("EffectiveDeliveryPolicy", delivery_policy::topic_attribute(topic)),
        ("Owner", name.account.to_string()),
        ("Policy", topic_policy::text(topic, name)),
        ("SubscriptionsConfirmed", confirmed.to_string()),
        ("SubscriptionsDeleted", topic.subscriptions_deleted.to_string()),
        ("SubscriptionsPending", (subscriptions.len() - confirmed).to_string()),
        ("TopicArn", name.arn()),
    ];
    attributes.extend(topic.delivery_policy.clone().map(|policy| ("DeliveryPolicy", policy)));
    attributes.extend(topic.signature_version.map(|version| ("SignatureVersion", version.as_str().to_owned())));
    Ok(attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
