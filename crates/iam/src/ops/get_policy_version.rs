//! GetPolicyVersion: shows a version of a managed policy.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{Iam, errors, managed, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html>
pub(crate) struct GetPolicyVersion;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    version_id: String,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_version: shapes::Version,
}

impl Operation for GetPolicyVersion {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetPolicyVersion", "iam:GetPolicyVersion", &["PolicyArn", "VersionId"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_policy(cx, Self::META.action, &input.policy_arn).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        if let Some(document) = managed::document(&input.policy_arn) {
            let version = shapes::Version::built_in(document, cx.now());
            return if input.version_id == "v1" {
                Ok(Output { policy_version: version })
            } else {
                Err(errors::no_version(&input.policy_arn, &input.version_id))
            };
        }
        let policy = model::policy(cx.tx(), cx.account().as_str(), &input.policy_arn).await?;
        let version = policy
            .version(&input.version_id)
            .ok_or_else(|| errors::no_version(&input.policy_arn, &input.version_id))?;
        Ok(Output { policy_version: shapes::Version::of(&policy, version, true) })
    }
}
