//! CreateTopic: makes a topic, or finds the one of that name.

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::tag_resource;
use crate::{
    Notify,
    errors::invalid,
    model::{Tag, Topic},
    names::{TopicName, is_topic_name},
    topic_attributes, topic_policy,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>
pub(crate) struct CreateTopic;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(default)]
    attributes: Option<BTreeMap<String, String>>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
    #[serde(default)]
    data_protection_policy: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pub(crate) topic_arn: String,
}

fn name(cx: &Context<'_, Notify>, input: &Input) -> TopicName {
    TopicName { account: cx.account().clone(), region: cx.region().clone(), name: input.name.clone() }
}

impl Operation for CreateTopic {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("CreateTopic", "SNS:CreateTopic", &["Name", "Attributes", "Tags"], &["TopicArn"]);

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = name(cx, input);
        let create = topic_policy::access(cx, &name, Self::META.action).await?;
        let Some(tags) = input.tags.as_deref().filter(|tags| !tags.is_empty()) else { return Ok(vec![create]) };
        let tag = topic_policy::access(cx, &name, "SNS:TagResource").await?;
        Ok([create, tag].into_iter().map(|access| tag_resource::conditions(access, tags)).collect())
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let attributes = input.attributes.clone().unwrap_or_default();
        if input.name.ends_with(".fifo") || attributes.get("FifoTopic").is_some_and(|fifo| fifo == "true") {
            return Err(ApiError::not_carried_out("FIFO topics"));
        }
        if !is_topic_name(&input.name) {
            return Err(invalid("Topic Name"));
        }
        if input.data_protection_policy.as_deref().is_some_and(|policy| !matches!(policy, "" | "{}")) {
            return Err(ApiError::not_carried_out("the parameter DataProtectionPolicy"));
        }
        let tags = input.tags.clone().unwrap_or_default();
        tag_resource::check(&tags)?;
        let name = name(cx, input);
        let mut topic = Topic::new(tags);
        for (attribute, value) in &attributes {
            topic_attributes::set(&mut topic, attribute, value)
                .unwrap_or_else(|| Err(invalid(format!("Attributes Reason: Unknown attribute {attribute}"))))?;
        }
        match Topic::find(cx.tx(), &name).await? {
            None => topic.save(cx.tx(), &name)?,
            Some(existing) => {
                if topic.tags.iter().any(|tag| !existing.tags.contains(tag)) {
                    return Err(invalid("Tags Reason: Topic already exists with different tags"));
                }
                let mut same = Topic::clone(&existing);
                for (attribute, value) in &attributes {
                    topic_attributes::set(&mut same, attribute, value).unwrap_or(Ok(()))?;
                }
                let unchanged = same.display_name == existing.display_name
                    && same.policy == existing.policy
                    && same.delivery_policy == existing.delivery_policy
                    && same.signature_version == existing.signature_version;
                if !unchanged {
                    return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
                }
            }
        }
        let topic_arn = name.arn();
        cx.touch("AWS::SNS::Topic", &topic_arn);
        Ok(Output { topic_arn })
    }
}
