//! Names and ARNs of topics and subscriptions.

use keeptrail_arn::{AccountId, Arn, Region};
use keeptrail_operation::ApiError;
use serde::{Deserialize, Serialize};

use crate::errors::invalid;

/// Which topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct TopicName {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl TopicName {
    /// Reads the ARN that the member `parameter` holds.
    pub(crate) fn parse(text: &str, parameter: &str) -> Result<Self, ApiError> {
        let arn = parts(text, parameter)?;
        if arn.resource.contains(':') || !is_topic_name(arn.resource) {
            return Err(invalid(parameter));
        }
        let bad = |_| invalid(parameter);
        Ok(Self {
            account: arn.account.parse().map_err(bad)?,
            region: arn.region.parse().map_err(bad)?,
            name: arn.resource.to_owned(),
        })
    }

    pub(crate) fn arn(&self) -> String {
        keeptrail_arn::arn("sns", self.region.as_str(), self.account.as_str(), &self.name)
    }

    /// The topic's key in its tables.
    pub(crate) fn key(&self) -> [&str; 3] {
        [self.account.as_str(), self.region.as_str(), &self.name]
    }
}

/// Which subscription.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct SubscriptionName {
    pub(crate) topic: TopicName,
    /// A UUID.
    pub(crate) id: String,
}

impl SubscriptionName {
    /// Reads the ARN that the member `SubscriptionArn` holds.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let parameter = "SubscriptionArn";
        let arn = parts(text, parameter)?;
        let (name, id) = arn.resource.split_once(':').ok_or_else(|| {
            invalid(format!("{parameter} Reason: An ARN must have at least 7 elements for a subscription"))
        })?;
        let topic = TopicName::parse(&keeptrail_arn::arn("sns", arn.region, arn.account, name), parameter)?;
        let well_formed = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if !well_formed {
            return Err(invalid(parameter));
        }
        Ok(Self { topic, id: id.to_owned() })
    }

    pub(crate) fn arn(&self) -> String {
        format!("{}:{}", self.topic.arn(), self.id)
    }

    /// The subscription's key in its tables.
    pub(crate) fn key(&self) -> [&str; 4] {
        let [account, region, topic] = self.topic.key();
        [account, region, topic, &self.id]
    }
}

fn parts<'a>(text: &'a str, parameter: &str) -> Result<Arn<'a>, ApiError> {
    let elements = text.split(':').count();
    if elements < 6 {
        return Err(invalid(format!("{parameter} Reason: An ARN must have at least 6 elements, not {elements}")));
    }
    match Arn::parse(text) {
        Ok(arn) if arn.service == "sns" => Ok(arn),
        _ => Err(invalid(parameter)),
    }
}

/// Whether `name` can be a topic's: 1 to 256 letters, digits, hyphens and underscores.
pub(crate) fn is_topic_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=256).contains(&name.len()) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_and_a_subscription_are_read_from_their_arns() {
        let arn = "arn:aws:sns:us-east-1:111111111111:alerts:0b1f6a9e-6a0b-4c6e-9d6c-3a1f5a2b7c8d";
        let subscription = SubscriptionName::parse(arn).unwrap();
        assert_eq!(subscription.topic.name, "alerts");
        assert_eq!(subscription.arn(), arn);
        assert_eq!(TopicName::parse(&subscription.topic.arn(), "TopicArn").unwrap(), subscription.topic);
    }

    #[test]
    fn what_is_no_arn_is_refused_in_the_words_of_sns() {
        for (text, message) in [
            ("randomstring", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"),
            ("", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"),
            ("arn:aws", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 2"),
            ("arn:aws:sqs:us-east-1:111111111111:q", "Invalid parameter: TopicArn"),
            ("arn:aws:sns:us-east-1:111111111111:a b", "Invalid parameter: TopicArn"),
        ] {
            assert_eq!(TopicName::parse(text, "TopicArn").unwrap_err().message, message, "{text}");
        }
    }
}
