//! GetSecretValue: reads a secret.

use keeptrail_operation::{Access, ApiError, Blob, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Secrets, condition, errors,
    model::{CURRENT, Secret, Version, require},
    name,
    value::{self, Revealed},
};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>
pub(crate) struct GetSecretValue;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
    #[serde(default)]
    version_id: Option<String>,
    #[serde(default)]
    version_stage: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "ARN")]
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) version_id: String,
    pub(crate) secret_binary: Option<Blob>,
    pub(crate) secret_string: Option<Revealed>,
    pub(crate) version_stages: Option<Vec<String>>,
    pub(crate) created_date: Timestamp,
}

impl Operation for GetSecretValue {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::read("GetSecretValue", "secretsmanager:GetSecretValue", &["SecretId", "VersionId", "VersionStage"]);

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = condition::on(cx, Self::META.action, &input.secret_id).await?;
        let access = condition::with(access, "secretsmanager:VersionId", input.version_id.as_ref());
        let stage = match (&input.version_stage, &input.version_id) {
            (None, None) => Some(CURRENT.to_owned()),
            (stage, _) => stage.clone(),
        };
        Ok(vec![condition::with(access, "secretsmanager:VersionStage", stage.as_ref())])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check_id(&input.secret_id)?;
        let secret = require(cx, &input.secret_id).await?;
        secret.alive()?;
        let version = select(&secret, input.version_id.as_deref(), input.version_stage.as_deref())?;
        read(cx, &secret, version, input.version_stage.as_deref()).await
    }
}

/// The version that id and label name; both must agree.
fn select<'a>(secret: &'a Secret, id: Option<&str>, stage: Option<&str>) -> Result<&'a Version, ApiError> {
    let stage_or_current = stage.unwrap_or(CURRENT);
    let Some(id) = id else {
        return secret.labelled(stage_or_current).ok_or_else(|| errors::no_label(stage_or_current));
    };
    let version = secret.version(id).ok_or_else(|| errors::no_version(id))?;
    if stage.is_some_and(|stage| !version.stages.iter().any(|own| own == stage)) {
        return Err(errors::invalid_request(
            "You provided a VersionStage that is not associated to the provided VersionId.",
        ));
    }
    Ok(version)
}

/// The value of a version. One that has none yet (a rotation's pending version) is not found, by the name it was asked by.
pub(crate) async fn read(
    cx: &Context<'_, Secrets>,
    secret: &Secret,
    version: &Version,
    stage: Option<&str>,
) -> Result<Output, ApiError> {
    let opened = value::open(cx, &secret.arn, &version.id).await?;
    let opened = opened.ok_or_else(|| stage.map_or_else(|| errors::no_version(&version.id), errors::no_label))?;
    Ok(Output {
        arn: secret.arn.clone(),
        name: secret.name.clone(),
        version_id: version.id.clone(),
        secret_binary: opened.binary,
        secret_string: opened.text,
        version_stages: Some(version.stages.clone()).filter(|stages| !stages.is_empty()),
        created_date: version.created.into(),
    })
}
