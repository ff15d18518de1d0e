//! UpdateAssumeRolePolicy: replaces a role's trust policy.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, model, validate};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html>
pub(crate) struct UpdateAssumeRolePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    policy_document: String,
}

impl Operation for UpdateAssumeRolePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("UpdateAssumeRolePolicy", "iam:UpdateAssumeRolePolicy", &["RoleName", "PolicyDocument"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_role(cx, Self::META.action, &input.role_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        validate::trust(&input.policy_document)?;
        let account = cx.account().as_str();
        let mut role = model::role(cx.tx(), account, &input.role_name).await?;
        role.trust.clone_from(&input.policy_document);
        model::save_role(cx.tx(), account, role)?;
        Ok(())
    }
}
