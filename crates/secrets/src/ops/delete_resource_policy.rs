//! DeleteResourcePolicy: takes a secret's policy away.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Secrets, condition, model::change, name};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteResourcePolicy.html>
pub(crate) struct DeleteResourcePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
}

impl Operation for DeleteResourcePolicy {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::write("DeleteResourcePolicy", "secretsmanager:DeleteResourcePolicy", &["SecretId"], &["ARN"]);

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![condition::on(cx, Self::META.action, &input.secret_id).await?])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check_id(&input.secret_id)?;
        let mut secret = change(cx, &input.secret_id).await?;
        secret.policy = None;
        secret.save(cx)?;
        Ok(Output { arn: secret.arn, name: secret.name })
    }
}
