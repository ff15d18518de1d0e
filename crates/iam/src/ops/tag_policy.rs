//! TagPolicy: adds tags to a managed policy.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Iam,
    model::{self, Tag},
    validate,
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html>
pub(crate) struct TagPolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

impl Operation for TagPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("TagPolicy", "iam:TagPolicy", &["PolicyArn", "Tags"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = super::on_policy(cx, Self::META.action, &input.policy_arn).await?;
        Ok(vec![super::with_tags(access, &input.tags)])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut policy = model::policy(cx.tx(), cx.account().as_str(), &input.policy_arn).await?;
        validate::merge_tags(&mut policy.tags, &input.tags)?;
        model::save_policy(cx.tx(), cx.account().as_str(), &policy)?;
        Ok(())
    }
}
