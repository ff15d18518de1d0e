//! From one message to a delivery for each subscriber.

use std::collections::BTreeMap;

use keeptrail_clock::{NoRandomness, Random};
use keeptrail_operation::ApiError;
use keeptrail_store::{StoreError, Tx};

use crate::{
    Notify,
    model::{Attribute, Content, PAYLOADS, Payload, Pending, Protocol, Subscription, Topic},
    names::TopicName,
    topic_policy,
};

/// The longest message with its attributes, in bytes.
pub(crate) const LONGEST_MESSAGE: usize = 262_144;
/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 100;

/// On whose behalf a service of this server publishes.
#[derive(Debug, Clone, Copy)]
pub enum Publisher<'a> {
    /// A service, for a resource such as an alarm or a rule. The topic's policy must let it.
    Service {
        /// The service principal, such as `cloudwatch.amazonaws.com`.
        principal: &'a str,
        /// The resource's ARN, `aws:SourceArn` in the topic's policy.
        source_arn: &'a str,
        /// The resource's account, `aws:SourceAccount` in the topic's policy.
        source_account: &'a str,
    },
    /// Somebody whose right was established elsewhere.
    Authorised,
}

/// Why a message was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// No such topic, or no topic's ARN.
    #[error("the topic {0} does not exist")]
    NoTopic(String),
    /// The topic's policy does not let the service publish.
    #[error("the policy of the topic {topic} does not let {principal} publish")]
    Denied {
        /// The topic's ARN.
        topic: String,
        /// The service principal.
        principal: String,
    },
    /// The message cannot be sent as it is.
    #[error("the message cannot be published: {0}")]
    Message(String),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// There is no randomness for ids.
    #[error("there is no randomness for the message's id")]
    Randomness(#[from] NoRandomness),
}

/// A message with its text for each protocol.
pub(crate) struct Message<'a> {
    pub(crate) subject: Option<&'a str>,
    pub(crate) default: &'a str,
    /// Texts that replace the default one for some protocols.
    pub(crate) texts: &'a BTreeMap<Protocol, String>,
    pub(crate) attributes: BTreeMap<String, Attribute>,
}

/// Whether a subject can be one: 1 to 100 characters, no control characters, beginning with a visible one.
pub(crate) fn is_subject(subject: &str) -> bool {
    let length = subject.chars().count();
    (1..=LONGEST_SUBJECT).contains(&length)
        && !subject.chars().any(char::is_control)
        && !subject.starts_with(char::is_whitespace)
}

/// Queues a delivery for each confirmed subscriber, in `tx`; returns the message's id.
pub(crate) async fn fan_out(
    tx: &Tx,
    random: &Random,
    topic: &TopicName,
    message: &Message<'_>,
) -> Result<String, PublishError> {
    let message_id = random.uuid()?;
    for subscription in Subscription::of_topic(tx, topic).await? {
        if !subscription.confirmed {
            continue;
        }
        let id = random.uuid()?;
        let text = message.texts.get(&subscription.protocol).map_or(message.default, String::as_str);
        let payload = Payload {
            message_id: message_id.clone(),
            timestamp: tx.now().into(),
            protocol: subscription.protocol,
            endpoint: subscription.endpoint.clone(),
            content: Content::Notification {
                subject: message.subject.map(str::to_owned),
                message: text.to_owned(),
                attributes: message.attributes.clone(),
            },
        };
        PAYLOADS.put(tx, &[&id], &payload)?;
        Pending { id, subscription: subscription.name.clone(), due: tx.now().into(), failed: 0 }.save(tx)?;
    }
    Ok(message_id)
}

impl Notify {
    /// Whether a service of this server may publish to a topic.
    ///
    /// # Errors
    /// When there is no such topic, or its policy does not let the service publish.
    pub async fn may_publish(&self, tx: &Tx, topic_arn: &str, publisher: Publisher<'_>) -> Result<(), PublishError> {
        self.check(tx, topic_arn, publisher).await.map(drop)
    }

    async fn check(&self, tx: &Tx, topic_arn: &str, publisher: Publisher<'_>) -> Result<TopicName, PublishError> {
        let no_topic = || PublishError::NoTopic(topic_arn.to_owned());
        let name = TopicName::parse(topic_arn, "TopicArn").map_err(|_| no_topic())?;
        let topic = Topic::find(tx, &name).await?.ok_or_else(no_topic)?;
        if let Publisher::Service { principal, source_arn, source_account } = publisher {
            let policy_fault = |error: ApiError| PublishError::Message(error.to_string());
            let allowed = topic_policy::lets_publish(&topic, &name, principal, source_arn, source_account);
            if !allowed.map_err(policy_fault)? {
                return Err(PublishError::Denied { topic: topic_arn.to_owned(), principal: principal.to_owned() });
            }
        }
        Ok(name)
    }

    /// Publishes for a service of this server. The deliveries are queued in `tx`: they are made when it commits, and never
    /// if it does not. `email_text` takes the place of `message` in plain mails. Returns the message's id.
    ///
    /// # Errors
    /// When there is no such topic, its policy does not let the service publish, or the message is too long.
    pub async fn publish(
        &self,
        tx: &Tx,
        topic_arn: &str,
        publisher: Publisher<'_>,
        subject: Option<&str>,
        message: &str,
        email_text: Option<&str>,
    ) -> Result<String, PublishError> {
        let name = self.check(tx, topic_arn, publisher).await?;
        if message.is_empty() || message.len() > LONGEST_MESSAGE {
            return Err(PublishError::Message(format!("it has {} bytes", message.len())));
        }
        let subject = subject.map(shortened).filter(|subject| !subject.is_empty());
        let texts = email_text.map(|text| (Protocol::Email, text.to_owned())).into_iter().collect();
        let message =
            Message { subject: subject.as_deref(), default: message, texts: &texts, attributes: BTreeMap::new() };
        fan_out(tx, &self.random, &name, &message).await
    }
}

/// A subject made of an alarm's or rule's name may be too long: it is cut, not refused.
fn shortened(subject: &str) -> String {
    let cleaned = subject.trim_start().chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut subject: String = cleaned.take(LONGEST_SUBJECT + 1).collect();
    if subject.chars().count() > LONGEST_SUBJECT {
        subject = subject.chars().take(LONGEST_SUBJECT - 3).chain("...".chars()).collect();
    }
    subject
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_1_to_100_characters_and_no_line_breaks() {
        assert!(is_subject("ALARM: \"reads\" in US East"));
        assert!(is_subject(&"ä".repeat(100)));
        for subject in ["", "a\nb", "a\r\nBcc: x@example.com", " a", &"a".repeat(101)] {
            assert!(!is_subject(subject), "{subject:?}");
        }
    }

    #[test]
    fn a_services_subject_is_cut_and_cleaned() {
        assert_eq!(shortened("ALARM: a\nb"), "ALARM: a b");
        let cut = shortened(&"x".repeat(300));
        assert_eq!(cut.len(), 100);
        assert!(cut.ends_with("x...") && is_subject(&cut));
    }
}
