//! AttachRolePolicy: attaches a managed policy to a role.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, errors, limits, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>
pub(crate) struct AttachRolePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    policy_arn: String,
}

impl Operation for AttachRolePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("AttachRolePolicy", "iam:AttachRolePolicy", &["RoleName", "PolicyArn"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = super::on_role(cx, Self::META.action, &input.role_name).await?;
        Ok(vec![access.when("iam:PolicyARN", [input.policy_arn.clone()])])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut role = model::role(cx.tx(), cx.account().as_str(), &input.role_name).await?;
        if role.rights.attached.contains(&input.policy_arn) {
            return Ok(());
        }
        if role.rights.attached.len() >= limits::ATTACHED {
            return Err(errors::over_quota("PoliciesPerRole", limits::ATTACHED));
        }
        super::count_attachment(cx, &input.policy_arn, 1).await?;
        role.rights.attached.push(input.policy_arn.clone());
        model::save_role(cx.tx(), cx.account().as_str(), role)?;
        Ok(())
    }
}
