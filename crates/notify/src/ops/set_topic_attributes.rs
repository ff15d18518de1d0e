//! SetTopicAttributes: sets one attribute of a topic.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Notify,
    errors::{invalid, no_topic},
    model::Topic,
    names::TopicName,
    topic_attributes, topic_policy,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>
pub(crate) struct SetTopicAttributes;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    topic_arn: String,
    attribute_name: String,
    #[serde(default)]
    attribute_value: Option<String>,
}

impl Operation for SetTopicAttributes {
    type Service = Notify;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write(
        "SetTopicAttributes",
        "SNS:SetTopicAttributes",
        &["TopicArn", "AttributeName", "AttributeValue"],
        &[],
    );

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        Ok(vec![topic_policy::access(cx, &name, Self::META.action).await?])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<(), ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        let topic = Topic::find(cx.tx(), &name).await?.ok_or_else(no_topic)?;
        let mut topic = Topic::clone(&topic);
        let value = input.attribute_value.as_deref().unwrap_or_default();
        topic_attributes::set(&mut topic, &input.attribute_name, value)
            .unwrap_or_else(|| Err(invalid("AttributeName")))?;
        Ok(topic.save(cx.tx(), &name)?)
    }
}
