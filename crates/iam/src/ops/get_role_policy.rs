//! GetRolePolicy: shows an inline policy of a role.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, errors, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>
pub(crate) struct GetRolePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    policy_name: String,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for GetRolePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetRolePolicy", "iam:GetRolePolicy", &["RoleName", "PolicyName"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_role(cx, Self::META.action, &input.role_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let role = model::role(cx.tx(), cx.account().as_str(), &input.role_name).await?;
        let document = role.rights.inline.get(&input.policy_name);
        let document = document.ok_or_else(|| errors::no_inline_policy("role", &input.policy_name))?;
        Ok(Output {
            role_name: role.name.clone(),
            policy_name: input.policy_name.clone(),
            policy_document: super::encoded(document),
        })
    }
}
