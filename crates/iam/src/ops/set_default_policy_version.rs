//! SetDefaultPolicyVersion: makes a version of a managed policy the one in force.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, errors, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html>
pub(crate) struct SetDefaultPolicyVersion;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    version_id: String,
}

impl Operation for SetDefaultPolicyVersion {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("SetDefaultPolicyVersion", "iam:SetDefaultPolicyVersion", &["PolicyArn", "VersionId"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_policy(cx, Self::META.action, &input.policy_arn).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let account = cx.account().as_str();
        let mut policy = model::policy(cx.tx(), account, &input.policy_arn).await?;
        policy.version(&input.version_id).ok_or_else(|| errors::no_version(&input.policy_arn, &input.version_id))?;
        policy.default.clone_from(&input.version_id);
        policy.updated = cx.now();
        model::save_policy(cx.tx(), account, &policy)?;
        Ok(())
    }
}
