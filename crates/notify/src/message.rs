//! The documents that subscribers receive.
//!
//! Source: "Parsing Amazon SNS message formats" in the SNS developer guide; the order of members is AWS's.

use std::collections::BTreeMap;

use keeptrail_operation::Timestamp;
use serde::Serialize;

use crate::{
    NotifyError,
    model::{Attribute, SignatureVersion},
    names::{SubscriptionName, TopicName},
    signer::Signer,
};

/// What kind of document it is, as the `x-amz-sns-message-type` header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Notification,
    SubscriptionConfirmation,
    UnsubscribeConfirmation,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Notification => "Notification",
            Self::SubscriptionConfirmation => "SubscriptionConfirmation",
            Self::UnsubscribeConfirmation => "UnsubscribeConfirmation",
        }
    }
}

/// What is the same in all documents about one topic.
pub(crate) struct Envelope<'a> {
    pub(crate) signer: &'a Signer,
    pub(crate) version: SignatureVersion,
    pub(crate) public_url: &'a str,
    pub(crate) topic_arn: &'a str,
    pub(crate) message_id: &'a str,
    pub(crate) timestamp: Timestamp,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Notification<'a> {
    r#type: &'a str,
    message_id: &'a str,
    topic_arn: &'a str,
    subject: Option<&'a str>,
    message: &'a str,
    timestamp: &'a str,
    signature_version: &'a str,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    #[serde(rename = "UnsubscribeURL")]
    unsubscribe_url: String,
    message_attributes: Option<&'a BTreeMap<String, Attribute>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Confirmation<'a> {
    r#type: &'a str,
    message_id: &'a str,
    token: &'a str,
    topic_arn: &'a str,
    message: &'a str,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: &'a str,
    timestamp: &'a str,
    signature_version: &'a str,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
}

impl Envelope<'_> {
    /// A notification.
    pub(crate) fn notification(
        &self,
        subscription: &SubscriptionName,
        subject: Option<&str>,
        message: &str,
        attributes: &BTreeMap<String, Attribute>,
    ) -> Result<String, NotifyError> {
        let timestamp = time(self.timestamp);
        let signed = [
            ("Message", Some(message)),
            ("MessageId", Some(self.message_id)),
            ("Subject", subject),
            ("Timestamp", Some(&timestamp)),
            ("TopicArn", Some(self.topic_arn)),
            ("Type", Some(Kind::Notification.as_str())),
        ];
        json(&Notification {
            r#type: Kind::Notification.as_str(),
            message_id: self.message_id,
            topic_arn: self.topic_arn,
            subject,
            message,
            timestamp: &timestamp,
            signature_version: self.version.as_str(),
            signature: self.signer.sign(self.version, &text_to_sign(&signed))?,
            signing_cert_url: self.certificate_url(),
            unsubscribe_url: unsubscribe_url(self.public_url, subscription),
            message_attributes: Some(attributes).filter(|attributes| !attributes.is_empty()),
        })
    }

    /// A question whether a subscription is wanted, or the news of its end.
    pub(crate) fn confirmation(&self, kind: Kind, message: &str, token: &str) -> Result<String, NotifyError> {
        let timestamp = time(self.timestamp);
        let subscribe_url = subscribe_url(self.public_url, self.topic_arn, token);
        let signed = [
            ("Message", Some(message)),
            ("MessageId", Some(self.message_id)),
            ("SubscribeURL", Some(subscribe_url.as_str())),
            ("Timestamp", Some(&timestamp)),
            ("Token", Some(token)),
            ("TopicArn", Some(self.topic_arn)),
            ("Type", Some(kind.as_str())),
        ];
        json(&Confirmation {
            r#type: kind.as_str(),
            message_id: self.message_id,
            token,
            topic_arn: self.topic_arn,
            message,
            subscribe_url: &subscribe_url,
            timestamp: &timestamp,
            signature_version: self.version.as_str(),
            signature: self.signer.sign(self.version, &text_to_sign(&signed))?,
            signing_cert_url: self.certificate_url(),
        })
    }

    fn certificate_url(&self) -> String {
        format!("{}{}", self.public_url, self.signer.path())
    }
}

/// `key\nvalue\n` for each member that is present; the callers list them in byte order of the keys.
fn text_to_sign(members: &[(&str, Option<&str>)]) -> String {
    let mut text = String::new();
    for (key, value) in members.iter().filter_map(|(key, value)| Some((key, (*value)?))) {
        for line in [key, value] {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

fn json<T: Serialize>(document: &T) -> Result<String, NotifyError> {
    serde_json::to_string(document).map_err(|error| NotifyError::Encoding(error.to_string()))
}

/// ISO 8601 with three digits of a second, as SNS writes times.
fn time(timestamp: Timestamp) -> String {
    format!("{:.3}", timestamp.to_jiff())
}

/// The link that confirms a subscription.
pub(crate) fn subscribe_url(public_url: &str, topic_arn: &str, token: &str) -> String {
    format!("{public_url}/?Action=ConfirmSubscription&TopicArn={topic_arn}&Token={token}")
}

/// The link that ends a subscription.
pub(crate) fn unsubscribe_url(public_url: &str, subscription: &SubscriptionName) -> String {
    format!("{public_url}/?Action=Unsubscribe&SubscriptionArn={}", subscription.arn())
}

/// The text of a subscription's confirmation.
pub(crate) fn subscribe_text(topic: &TopicName) -> String {
    format!(
        "You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the SubscribeURL included in this message.",
        topic.arn()
    )
}

/// The text of an unsubscription's confirmation.
pub(crate) fn unsubscribe_text(subscription: &SubscriptionName) -> String {
    format!(
        "You have chosen to deactivate subscription {}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.",
        subscription.arn()
    )
}
