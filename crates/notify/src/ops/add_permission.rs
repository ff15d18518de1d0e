//! AddPermission: lets other accounts use a topic.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Notify,
    errors::{invalid, no_topic},
    model::Topic,
    names::TopicName,
    topic_policy,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html>
pub(crate) struct AddPermission;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    topic_arn: String,
    label: String,
    #[serde(rename = "AWSAccountId")]
    aws_account_id: Vec<String>,
    action_name: Vec<String>,
}

impl Operation for AddPermission {
    type Service = Notify;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("AddPermission", "SNS:AddPermission", &["TopicArn", "Label", "AWSAccountId", "ActionName"], &[]);

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        Ok(vec![topic_policy::access(cx, &name, Self::META.action).await?])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<(), ApiError> {
        let name = TopicName::parse(&input.topic_arn, "TopicArn")?;
        if input.label.is_empty() {
            return Err(invalid("Label"));
        }
        if input.aws_account_id.is_empty()
            || input.aws_account_id.iter().any(|id| id.parse::<keeptrail_arn::AccountId>().is_err())
        {
            return Err(invalid("AWSAccountId"));
        }
        if input.action_name.is_empty() {
            return Err(invalid("ActionName"));
        }
        let topic = Topic::find(cx.tx(), &name).await?.ok_or_else(no_topic)?;
        let mut topic = Topic::clone(&topic);
        topic.policy = Some(topic_policy::with_permission(
            &topic,
            &name,
            &input.label,
            &input.aws_account_id,
            &input.action_name,
        )?);
        Ok(topic.save(cx.tx(), &name)?)
    }
}
