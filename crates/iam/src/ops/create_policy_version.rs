//! CreatePolicyVersion: adds a version to a managed policy.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{
    Iam, errors, limits,
    model::{self, PolicyVersion},
    validate,
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html>
pub(crate) struct CreatePolicyVersion;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    policy_document: String,
    #[serde(default)]
    set_as_default: Option<bool>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_version: shapes::Version,
}

impl Operation for CreatePolicyVersion {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "CreatePolicyVersion",
        "iam:CreatePolicyVersion",
        &["PolicyArn", "PolicyDocument", "SetAsDefault"],
        &["PolicyVersion"],
    );

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_policy(cx, Self::META.action, &input.policy_arn).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        validate::managed(&input.policy_document)?;
        let account = cx.account().as_str();
        let mut policy = model::policy(cx.tx(), account, &input.policy_arn).await?;
        if policy.versions.len() >= limits::VERSIONS {
            let text = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.";
            return Err(ApiError::new(errors::LIMIT_EXCEEDED, text));
        }
        let version = PolicyVersion {
            id: format!("v{}", policy.next),
            document: input.policy_document.clone(),
            created: cx.now(),
        };
        policy.next += 1;
        policy.updated = cx.now();
        if input.set_as_default.unwrap_or(false) {
            policy.default.clone_from(&version.id);
        }
        policy.versions.push(version.clone());
        let shape = shapes::Version::of(&policy, &version, false);
        model::save_policy(cx.tx(), account, &policy)?;
        Ok(Output { policy_version: shape })
    }
}
