//! Publish: sends a message to all who subscribe to a topic.

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Notify,
    errors::{invalid, no_topic},
    message_attributes::{self, MessageAttributeValue},
    model::{Protocol, Topic},
    names::TopicName,
    publish::{LONGEST_MESSAGE, Message, PublishError, fan_out, is_subject},
    topic_policy,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
pub(crate) struct Publish;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    topic_arn: Option<String>,
    #[serde(default)]
    target_arn: Option<String>,
    #[serde(default)]
    phone_number: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    message_structure: Option<String>,
    #[serde(default)]
    message_attributes: Option<BTreeMap<String, MessageAttributeValue>>,
    #[serde(default)]
    message_deduplication_id: Option<String>,
    /// Only receivers of kinds that keeptrail does not have do something with it: SNS ignores it for http and e-mail.
    #[serde(default)]
    message_group_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pub(crate) message_id: String,
}

fn topic(input: &Input) -> Result<TopicName, ApiError> {
    match (&input.topic_arn, &input.target_arn, &input.phone_number) {
        (_, _, Some(_)) => Err(ApiError::not_carried_out("the parameter PhoneNumber")),
        (Some(arn), None, None) => TopicName::parse(arn, "TopicArn"),
        (None, Some(arn), None) => TopicName::parse(arn, "TargetArn"),
        (Some(_), Some(_), None) => Err(invalid("Only one of TopicArn and TargetArn may be given")),
        (None, None, None) => Err(invalid("TopicArn or TargetArn Reason: no value for required parameter")),
    }
}

impl Operation for Publish {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "Publish",
        "SNS:Publish",
        &["TopicArn", "TargetArn", "MessageStructure", "MessageGroupId"],
        &["MessageId"],
    )
    .data();

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![topic_policy::access(cx, &topic(input)?, Self::META.action).await?])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let topic = topic(input)?;
        let draft = Draft {
            message: input.message.as_deref().unwrap_or_default(),
            subject: input.subject.as_deref(),
            structure: input.message_structure.as_deref(),
            attributes: input.message_attributes.as_ref(),
            deduplicated: input.message_deduplication_id.is_some(),
        };
        let checked = draft.check("messageAttributes")?;
        Topic::find(cx.tx(), &topic).await?.ok_or_else(no_topic)?;
        let message_id = fan_out(cx.tx(), cx.random(), &topic, &checked.message()).await.map_err(unpublished)?;
        Ok(Output { message_id })
    }
}

pub(super) fn unpublished(error: PublishError) -> ApiError {
    match error {
        PublishError::Store(error) => error.into(),
        error => ApiError::internal(error),
    }
}

/// A message as it was given, alone or in a batch.
pub(super) struct Draft<'a> {
    pub(super) message: &'a str,
    pub(super) subject: Option<&'a str>,
    pub(super) structure: Option<&'a str>,
    pub(super) attributes: Option<&'a BTreeMap<String, MessageAttributeValue>>,
    pub(super) deduplicated: bool,
}

/// A message that was checked.
pub(super) struct Checked<'a> {
    subject: Option<&'a str>,
    default: String,
    texts: BTreeMap<Protocol, String>,
    attributes: BTreeMap<String, crate::model::Attribute>,
    pub(super) length: usize,
}

impl Checked<'_> {
    pub(super) fn message(&self) -> Message<'_> {
        Message {
            subject: self.subject,
            default: &self.default,
            texts: &self.texts,
            attributes: self.attributes.clone(),
        }
    }
}

impl<'a> Draft<'a> {
    /// Checks the message. `place` is the member that holds the attributes.
    pub(super) fn check(&self, place: &str) -> Result<Checked<'a>, ApiError> {
        if self.message.is_empty() {
            return Err(invalid("Empty message"));
        }
        if self.deduplicated {
            return Err(invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid \
                 for this topic type",
            ));
        }
        if self.subject.is_some_and(|subject| !is_subject(subject)) {
            return Err(invalid("Subject"));
        }
        let attributes = match self.attributes {
            Some(attributes) => message_attributes::check(attributes, place)?,
            None => BTreeMap::new(),
        };
        let length = self.message.len() + message_attributes::length(&attributes);
        if length > LONGEST_MESSAGE {
            return Err(invalid("Message too long"));
        }
        let (default, texts) = match self.structure {
            None | Some("") => (self.message.to_owned(), BTreeMap::new()),
            Some("json") => structured(self.message)?,
            Some(_) => return Err(invalid("MessageStructure")),
        };
        Ok(Checked { subject: self.subject, default, texts, attributes, length })
    }
}

/// Texts by protocol; texts for protocols that keeptrail does not have are never asked for.
fn structured(message: &str) -> Result<(String, BTreeMap<Protocol, String>), ApiError> {
    let fault = |what: &str| invalid(format!("Message Structure - {what}"));
    let document: Value = serde_json::from_str(message).map_err(|_| fault("JSON message body failed to parse"))?;
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let default = text("default").ok_or_else(|| fault("No default entry in JSON message body"))?;
    let protocols = [Protocol::Http, Protocol::Https, Protocol::Email, Protocol::EmailJson];
    let texts = protocols.into_iter().filter_map(|protocol| Some((protocol, text(protocol.as_str())?)));
    Ok((default, texts.collect()))
}
