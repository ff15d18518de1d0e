//! AttachUserPolicy: attaches a managed policy to a user.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, errors, limits, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html>
pub(crate) struct AttachUserPolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    policy_arn: String,
}

impl Operation for AttachUserPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("AttachUserPolicy", "iam:AttachUserPolicy", &["UserName", "PolicyArn"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = super::on_user(cx, Self::META.action, &input.user_name).await?;
        Ok(vec![access.when("iam:PolicyARN", [input.policy_arn.clone()])])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut user = model::user(cx.tx(), cx.account().as_str(), &input.user_name).await?;
        if user.rights.attached.contains(&input.policy_arn) {
            return Ok(());
        }
        if user.rights.attached.len() >= limits::ATTACHED {
            return Err(errors::over_quota("PoliciesPerUser", limits::ATTACHED));
        }
        super::count_attachment(cx, &input.policy_arn, 1).await?;
        user.rights.attached.push(input.policy_arn.clone());
        model::save_user(cx.tx(), cx.account().as_str(), user)?;
        Ok(())
    }
}
