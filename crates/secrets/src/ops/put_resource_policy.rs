//! PutResourcePolicy: attaches a policy to a secret.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_policy::{Policy, PolicyKind, is_public};
use serde::{Deserialize, Serialize};

use crate::{Secrets, condition, errors, model::change, name};

const LONGEST: usize = 20_480;

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html>
pub(crate) struct PutResourcePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
    resource_policy: String,
    #[serde(default)]
    block_public_policy: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
}

impl Operation for PutResourcePolicy {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "PutResourcePolicy",
        "secretsmanager:PutResourcePolicy",
        &["SecretId", "ResourcePolicy", "BlockPublicPolicy"],
        &["ARN"],
    );

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = condition::on(cx, Self::META.action, &input.secret_id).await?;
        Ok(vec![condition::with(access, "secretsmanager:BlockPublicPolicy", input.block_public_policy.as_ref())])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check_id(&input.secret_id)?;
        let policy = check(&input.resource_policy)?;
        if input.block_public_policy.unwrap_or(false) && is_public(&policy) {
            return Err(ApiError::new(
                errors::PUBLIC_POLICY,
                "You can't attach a resource policy that allows broad access to the secret.",
            ));
        }
        let mut secret = change(cx, &input.secret_id).await?;
        secret.policy = Some(input.resource_policy.clone());
        secret.save(cx)?;
        Ok(Output { arn: secret.arn, name: secret.name })
    }
}

/// Checks a policy for a secret.
pub(crate) fn check(text: &str) -> Result<Policy, ApiError> {
    if text.len() > LONGEST {
        return Err(errors::too_long("resourcePolicy", LONGEST));
    }
    Policy::parse(text, PolicyKind::Resource)
        .map_err(|error| ApiError::new(errors::MALFORMED_POLICY, error.to_string()))
}
