//! GetTopicAttributes: what is set on a topic, and how many subscribe to it.

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Notify, errors::no_topic, model::Topic, names::TopicName, topic_attributes, topic_policy};

/// <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>
pub(crate) struct GetTopicAttributes;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    topic_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pub(crate) attributes: BTreeMap<String, String>,
}

impl Operation for GetTopicAttributes {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetTopicAttributes", "SNS:GetTopicAttributes", &["TopicArn"]);

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        Ok(vec![topic_policy::access(cx, &name, Self::META.action).await?])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        let topic = Topic::find(cx.tx(), &name).await?.ok_or_else(no_topic)?;
        Ok(Output { attributes: topic_attributes::all(cx.tx(), &name, &topic).await? })
    }
}
