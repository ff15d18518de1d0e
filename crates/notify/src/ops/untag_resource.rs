//! UntagResource: takes tags off a topic.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::tag_resource::Output;
use crate::{Notify, errors::no_resource, model::Topic, names::TopicName, topic_policy};

/// <https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html>
pub(crate) struct UntagResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("UntagResource", "SNS:UntagResource", &["ResourceArn", "TagKeys"], &[]);

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = TopicName::parse(&input.resource_arn, "ResourceArn")?;
        let access = topic_policy::access(cx, &name, Self::META.action).await?;
        Ok(vec![access.when("aws:TagKeys", input.tag_keys.clone())])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let name = TopicName::parse(&input.resource_arn, "ResourceArn")?;
        let topic = Topic::find(cx.tx(), &name).await?.ok_or_else(no_resource)?;
        let mut topic = Topic::clone(&topic);
        topic.tags.retain(|tag| !input.tag_keys.contains(&tag.key));
        topic.save(cx.tx(), &name)?;
        Ok(Output {})
    }
}
