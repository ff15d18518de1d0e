//! GetUserPolicy: shows an inline policy of a user.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, errors, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html>
pub(crate) struct GetUserPolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    policy_name: String,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for GetUserPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetUserPolicy", "iam:GetUserPolicy", &["UserName", "PolicyName"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_user(cx, Self::META.action, &input.user_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let user = model::user(cx.tx(), cx.account().as_str(), &input.user_name).await?;
        let document = user.rights.inline.get(&input.policy_name);
        let document = document.ok_or_else(|| errors::no_inline_policy("user", &input.policy_name))?;
        Ok(Output {
            user_name: user.name.clone(),
            policy_name: input.policy_name.clone(),
            policy_document: super::encoded(document),
        })
    }
}
