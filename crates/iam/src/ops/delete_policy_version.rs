//! DeletePolicyVersion: deletes a version of a managed policy that is not the default.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, errors, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html>
pub(crate) struct DeletePolicyVersion;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    version_id: String,
}

impl Operation for DeletePolicyVersion {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeletePolicyVersion", "iam:DeletePolicyVersion", &["PolicyArn", "VersionId"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_policy(cx, Self::META.action, &input.policy_arn).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let account = cx.account().as_str();
        let mut policy = model::policy(cx.tx(), account, &input.policy_arn).await?;
        if policy.default == input.version_id {
            return Err(ApiError::new(errors::DELETE_CONFLICT, "Cannot delete the default version of a policy."));
        }
        let before = policy.versions.len();
        policy.versions.retain(|version| version.id != input.version_id);
        if policy.versions.len() == before {
            return Err(errors::no_version(&input.policy_arn, &input.version_id));
        }
        model::save_policy(cx.tx(), account, &policy)?;
        Ok(())
    }
}
