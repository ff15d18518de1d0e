//! UpdateSecret: changes a secret's description, key or value.

use keeptrail_operation::{Access, ApiError, Blob, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::create_secret::check_description;
use crate::{
    Secrets, condition,
    model::change,
    name,
    value::{self, SecretText},
    versions,
};

/// The one key there is; its name is what AWS calls the key it manages itself.
pub(crate) const DEFAULT_KEY: &str = "alias/aws/secretsmanager";

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html>
pub(crate) struct UpdateSecret;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
    #[serde(default)]
    client_request_token: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    kms_key_id: Option<String>,
    #[serde(default, skip_serializing)]
    secret_binary: Option<Blob>,
    #[serde(default, skip_serializing)]
    secret_string: Option<SecretText>,
    #[serde(default)]
    r#type: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    version_id: Option<String>,
}

impl Operation for UpdateSecret {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "UpdateSecret",
        "secretsmanager:UpdateSecret",
        &["SecretId", "ClientRequestToken", "Description", "KmsKeyId"],
        &["ARN"],
    );

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = condition::on(cx, Self::META.action, &input.secret_id).await?;
        let access = condition::with(access, "secretsmanager:Description", input.description.as_ref());
        Ok(vec![condition::with(access, "secretsmanager:KmsKeyId", input.kms_key_id.as_ref())])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check_id(&input.secret_id)?;
        check_description(input.description.as_deref())?;
        check_key(input.kms_key_id.as_deref())?;
        if input.r#type.is_some() {
            return Err(ApiError::not_carried_out("managed external secrets (Type)"));
        }
        let plain = value::given(input.secret_string.as_ref(), input.secret_binary.as_ref())?;
        let token = match (&plain, &input.client_request_token) {
            (None, None) => None,
            (_, token) => Some(versions::check_token(token.as_deref())?),
        };
        let mut secret = change(cx, &input.secret_id).await?;
        if let Some(description) = &input.description {
            secret.description = Some(description.clone()).filter(|text| !text.is_empty());
        }
        if input.kms_key_id.is_some() {
            secret.kms_key_id.clone_from(&input.kms_key_id);
        }
        secret.save(cx)?;
        let mut version_id = None;
        if let (Some(plain), Some(token)) = (&plain, token) {
            versions::put(cx, &mut secret, token, plain, None).await?;
            version_id = Some(token.to_owned());
        }
        Ok(Output { arn: secret.arn, name: secret.name, version_id })
    }
}

/// Keys other than the service's own come with the KMS API.
pub(crate) fn check_key(key: Option<&str>) -> Result<(), ApiError> {
    match key {
        None | Some(DEFAULT_KEY) => Ok(()),
        Some(_) => Err(ApiError::not_carried_out("a KmsKeyId other than alias/aws/secretsmanager")),
    }
}
