//! PutUserPolicy: gives a user an inline policy.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use keeptrail_policy::PolicyKind;

use crate::{Iam, errors, limits, model, validate};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html>
pub(crate) struct PutUserPolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for PutUserPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("PutUserPolicy", "iam:PutUserPolicy", &["UserName", "PolicyName", "PolicyDocument"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_user(cx, Self::META.action, &input.user_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        validate::name("policyName", &input.policy_name, 128)?;
        validate::document(&input.policy_document, PolicyKind::Identity)?;
        let mut user = model::user(cx.tx(), cx.account().as_str(), &input.user_name).await?;
        user.rights.inline.insert(input.policy_name.clone(), input.policy_document.clone());
        if user.rights.inline_size() > limits::USER_INLINE {
            return Err(errors::inline_too_large(limits::USER_INLINE, "user", &user.name));
        }
        model::save_user(cx.tx(), cx.account().as_str(), user)?;
        Ok(())
    }
}
