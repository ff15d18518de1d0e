//! GetResourcePolicy: the policy attached to a secret.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Secrets, condition, model::require, name};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html>
pub(crate) struct GetResourcePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    resource_policy: Option<String>,
}

impl Operation for GetResourcePolicy {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetResourcePolicy", "secretsmanager:GetResourcePolicy", &["SecretId"]);

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![condition::on(cx, Self::META.action, &input.secret_id).await?])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check_id(&input.secret_id)?;
        let secret = require(cx, &input.secret_id).await?;
        secret.alive()?;
        Ok(Output { arn: secret.arn.clone(), name: secret.name.clone(), resource_policy: secret.policy.clone() })
    }
}
