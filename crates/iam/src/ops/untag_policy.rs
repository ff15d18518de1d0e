//! UntagPolicy: takes tags from a managed policy.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html>
pub(crate) struct UntagPolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tag_keys: Vec<String>,
}

impl Operation for UntagPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("UntagPolicy", "iam:UntagPolicy", &["PolicyArn", "TagKeys"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = super::on_policy(cx, Self::META.action, &input.policy_arn).await?;
        Ok(vec![access.when("aws:TagKeys", input.tag_keys.clone())])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut policy = model::policy(cx.tx(), cx.account().as_str(), &input.policy_arn).await?;
        policy.tags.retain(|tag| !input.tag_keys.contains(&tag.key));
        model::save_policy(cx.tx(), cx.account().as_str(), &policy)?;
        Ok(())
    }
}
