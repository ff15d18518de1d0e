//! DetachRolePolicy: detaches a managed policy from a role.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, errors, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html>
pub(crate) struct DetachRolePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    policy_arn: String,
}

impl Operation for DetachRolePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DetachRolePolicy", "iam:DetachRolePolicy", &["RoleName", "PolicyArn"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = super::on_role(cx, Self::META.action, &input.role_name).await?;
        Ok(vec![access.when("iam:PolicyARN", [input.policy_arn.clone()])])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut role = model::role(cx.tx(), cx.account().as_str(), &input.role_name).await?;
        if !role.rights.attached.contains(&input.policy_arn) {
            return Err(errors::not_attached(&input.policy_arn));
        }
        super::count_attachment(cx, &input.policy_arn, -1).await?;
        role.rights.attached.retain(|arn| *arn != input.policy_arn);
        model::save_role(cx.tx(), cx.account().as_str(), role)?;
        Ok(())
    }
}
