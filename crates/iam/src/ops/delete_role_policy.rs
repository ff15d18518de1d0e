//! DeleteRolePolicy: takes an inline policy from a role.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, errors, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html>
pub(crate) struct DeleteRolePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    policy_name: String,
}

impl Operation for DeleteRolePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeleteRolePolicy", "iam:DeleteRolePolicy", &["RoleName", "PolicyName"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_role(cx, Self::META.action, &input.role_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut role = model::role(cx.tx(), cx.account().as_str(), &input.role_name).await?;
        let removed = role.rights.inline.remove(&input.policy_name);
        removed.ok_or_else(|| errors::no_inline_policy("role", &input.policy_name))?;
        model::save_role(cx.tx(), cx.account().as_str(), role)?;
        Ok(())
    }
}
