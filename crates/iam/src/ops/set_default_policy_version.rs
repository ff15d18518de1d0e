//! SetDefaultPolicyVersion: makes a version of a managed policy the one in force.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Iam, errors,
    model::{self, POLICIES},
};

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
        Ok(vec![super::on_policy(Self::META.action, cx, &input.policy_arn)])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let account = cx.account().as_str();
        let mut policy = model::policy(cx.tx(), account, &input.policy_arn).await?;
        policy.version(&input.version_id).ok_or_else(|| errors::no_policy(&input.policy_arn))?;
        policy.default.clone_from(&input.version_id);
        policy.updated = cx.now();
        POLICIES.put(cx.tx(), &[account, &policy.arn], &policy)?;
        Ok(())
    }
}
