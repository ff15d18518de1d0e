//! DeletePolicy: deletes a managed policy that is attached to nobody and has one version.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Iam, errors,
    model::{self, POLICIES},
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html>
pub(crate) struct DeletePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
}

impl Operation for DeletePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeletePolicy", "iam:DeletePolicy", &["PolicyArn"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_policy(cx, Self::META.action, &input.policy_arn).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let account = cx.account().as_str();
        let policy = model::policy(cx.tx(), account, &input.policy_arn).await?;
        if policy.attachments > 0 || policy.boundaries > 0 {
            return Err(ApiError::new(errors::DELETE_CONFLICT, "Cannot delete a policy attached to entities."));
        }
        if policy.versions.len() > 1 {
            let text = "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.";
            return Err(ApiError::new(errors::DELETE_CONFLICT, text));
        }
        POLICIES.delete(cx.tx(), account, &policy.name);
        Ok(())
    }
}
