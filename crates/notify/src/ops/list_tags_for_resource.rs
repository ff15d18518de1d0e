//! ListTagsForResource: a topic's tags.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Notify,
    errors::no_resource,
    model::{Tag, Topic},
    names::TopicName,
    topic_policy,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html>
pub(crate) struct ListTagsForResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListTagsForResource", "SNS:ListTagsForResource", &["ResourceArn"]);

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = TopicName::parse(&input.resource_arn, "ResourceArn")?;
        Ok(vec![topic_policy::access(cx, &name, Self::META.action).await?])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let name = TopicName::parse(&input.resource_arn, "ResourceArn")?;
        let topic = Topic::find(cx.tx(), &name).await?.ok_or_else(no_resource)?;
        Ok(Output { tags: topic.tags.clone() })
    }
}
