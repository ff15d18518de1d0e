//! RemovePermission: takes a statement out of a topic's policy.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Notify, errors::no_topic, model::Topic, names::TopicName, topic_policy};

/// <https://docs.aws.amazon.com/sns/latest/api/API_RemovePermission.html>
pub(crate) struct RemovePermission;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    topic_arn: String,
    label: String,
}

impl Operation for RemovePermission {
    type Service = Notify;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("RemovePermission", "SNS:RemovePermission", &["TopicArn", "Label"], &[]);

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        Ok(vec![topic_policy::access(cx, &name, Self::META.action).await?])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<(), ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        let topic = Topic::find(cx.tx(), &name).await?.ok_or_else(no_topic)?;
        let mut topic = Topic::clone(&topic);
        topic.policy = Some(topic_policy::without_permission(&topic, &name, &input.label)?);
        Ok(topic.save(cx.tx(), &name)?)
    }
}
