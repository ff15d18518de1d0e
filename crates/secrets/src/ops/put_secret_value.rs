//! PutSecretValue: a new version.

use keeptrail_operation::{Access, ApiError, Blob, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Secrets, condition, errors,
    model::change,
    name,
    value::{self, SecretText},
    versions,
};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html>
pub(crate) struct PutSecretValue;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
    #[serde(default)]
    client_request_token: Option<String>,
    #[serde(default, skip_serializing)]
    secret_binary: Option<Blob>,
    #[serde(default, skip_serializing)]
    secret_string: Option<SecretText>,
    #[serde(default)]
    version_stages: Option<Vec<String>>,
    #[serde(default, skip_serializing)]
    rotation_token: Option<SecretText>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    version_id: String,
    version_stages: Vec<String>,
}

impl Operation for PutSecretValue {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "PutSecretValue",
        "secretsmanager:PutSecretValue",
        &["SecretId", "ClientRequestToken", "VersionStages"],
        &["ARN"],
    );

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = condition::on(cx, Self::META.action, &input.secret_id).await?;
        Ok(vec![match &input.version_stages {
            Some(stages) => access.when("secretsmanager:VersionStage", stages.clone()),
            None => access,
        }])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check_id(&input.secret_id)?;
        if input.rotation_token.is_some() {
            return Err(ApiError::not_carried_out("rotation under an assumed role (RotationToken)"));
        }
        let token = versions::check_token(input.client_request_token.as_deref())?;
        if let Some(stages) = &input.version_stages {
            versions::check_stages(stages)?;
        }
        let plain = value::given(input.secret_string.as_ref(), input.secret_binary.as_ref())?
            .ok_or_else(|| errors::invalid_request("You must provide either SecretString or SecretBinary."))?;
        let mut secret = change(cx, &input.secret_id).await?;
        versions::put(cx, &mut secret, token, &plain, input.version_stages.as_deref()).await?;
        let version_stages = secret.version(token).map(|version| version.stages.clone()).unwrap_or_default();
        Ok(Output { arn: secret.arn, name: secret.name, version_id: token.to_owned(), version_stages })
    }
}
