//! DeleteUserPolicy: takes an inline policy from a user.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, errors, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html>
pub(crate) struct DeleteUserPolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    policy_name: String,
}

impl Operation for DeleteUserPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeleteUserPolicy", "iam:DeleteUserPolicy", &["UserName", "PolicyName"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_user(cx, Self::META.action, &input.user_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut user = model::user(cx.tx(), cx.account().as_str(), &input.user_name).await?;
        let removed = user.rights.inline.remove(&input.policy_name);
        removed.ok_or_else(|| errors::no_inline_policy("user", &input.policy_name))?;
        model::save_user(cx.tx(), cx.account().as_str(), user)?;
        Ok(())
    }
}
