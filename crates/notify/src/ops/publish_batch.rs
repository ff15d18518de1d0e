//! PublishBatch: sends up to ten messages to all who subscribe to a topic.

use std::collections::{BTreeMap, BTreeSet};

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::publish::{Draft, unpublished};
use crate::{
    Notify,
    errors::{BATCH_ID, BATCH_IDS, BATCH_TOO_LONG, BATCH_TOO_MANY, EMPTY_BATCH, no_topic},
    message_attributes::MessageAttributeValue,
    model::Topic,
    names::TopicName,
    publish::{LONGEST_MESSAGE, fan_out},
    topic_policy,
};

/// Messages in one call, at most.
const MOST: usize = 10;

/// <https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>
pub(crate) struct PublishBatch;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    topic_arn: String,
    publish_batch_request_entries: Vec<Entry>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Entry {
    id: String,
    message: String,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    message_structure: Option<String>,
    #[serde(default)]
    message_attributes: Option<BTreeMap<String, MessageAttributeValue>>,
    #[serde(default)]
    message_deduplication_id: Option<String>,
    /// As in Publish.
    #[serde(default)]
    message_group_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pub(crate) successful: Vec<Published>,
    /// Always empty: a fault in one entry fails the call, as it does on AWS.
    failed: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Published {
    id: String,
    message_id: String,
}

impl Operation for PublishBatch {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("PublishBatch", "SNS:Publish", &["TopicArn"], &["Successful"]).data();

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        Ok(vec![topic_policy::access(cx, &name, Self::META.action).await?])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        let entries = &input.publish_batch_request_entries;
        check_entries(entries)?;
        let mut checked = Vec::with_capacity(entries.len());
        for (number, entry) in (1..).zip(entries) {
            let draft = Draft {
                message: &entry.message,
                subject: entry.subject.as_deref(),
                structure: entry.message_structure.as_deref(),
                attributes: entry.message_attributes.as_ref(),
                deduplicated: entry.message_deduplication_id.is_some(),
            };
            let place = format!("publishBatchRequestEntries.{number}.member.messageAttributes");
            checked.push((&entry.id, draft.check(&place)?));
        }
        if checked.iter().map(|(_, message)| message.length).sum::<usize>() > LONGEST_MESSAGE {
            let text = "The length of all the messages put together is more than the limit.";
            return Err(ApiError::new(BATCH_TOO_LONG, text));
        }
        Topic::find(cx.tx(), &name).await?.ok_or_else(no_topic)?;
        let mut successful = Vec::with_capacity(checked.len());
        for (id, message) in checked {
            let message_id = fan_out(cx.tx(), cx.random(), &name, &message.message()).await.map_err(unpublished)?;
            successful.push(Published { id: id.clone(), message_id });
        }
        Ok(Output { successful, failed: [] })
    }
}

fn check_entries(entries: &[Entry]) -> Result<(), ApiError> {
    if entries.is_empty() {
        return Err(ApiError::new(EMPTY_BATCH, "The batch request doesn't contain any entries."));
    }
    if entries.len() > MOST {
        return Err(ApiError::new(BATCH_TOO_MANY, "The batch request contains more entries than permissible."));
    }
    let well_formed = |id: &str| {
        (1..=80).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if entries.iter().any(|entry| !well_formed(&entry.id)) {
        return Err(ApiError::new(
            BATCH_ID,
            "The Id of a batch entry in a batch request doesn't abide by the specification.",
        ));
    }
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    if ids.len() < entries.len() {
        return Err(ApiError::new(BATCH_IDS, "Two or more batch entries in the request have the same Id."));
    }
    Ok(())
}
