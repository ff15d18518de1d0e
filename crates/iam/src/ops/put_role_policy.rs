//! PutRolePolicy: gives a role an inline policy.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use keeptrail_policy::PolicyKind;

use crate::{Iam, errors, limits, model, validate};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>
pub(crate) struct PutRolePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for PutRolePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("PutRolePolicy", "iam:PutRolePolicy", &["RoleName", "PolicyName", "PolicyDocument"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_role(cx, Self::META.action, &input.role_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        validate::name("policyName", &input.policy_name, 128)?;
        validate::document(&input.policy_document, PolicyKind::Identity)?;
        let mut role = model::role(cx.tx(), cx.account().as_str(), &input.role_name).await?;
        role.rights.inline.insert(input.policy_name.clone(), input.policy_document.clone());
        if role.rights.inline_size() > limits::ROLE_INLINE {
            return Err(errors::inline_too_large(limits::ROLE_INLINE, "role", &role.name));
        }
        model::save_role(cx.tx(), cx.account().as_str(), role)?;
        Ok(())
    }
}
