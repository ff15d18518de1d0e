//! UpdateSecretVersionStage: moves a staging label.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Secrets, condition, errors,
    model::{CURRENT, Secret, change},
    name, versions,
};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html>
pub(crate) struct UpdateSecretVersionStage;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
    version_stage: String,
    #[serde(default)]
    remove_from_version_id: Option<String>,
    #[serde(default)]
    move_to_version_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
}

impl Operation for UpdateSecretVersionStage {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "UpdateSecretVersionStage",
        "secretsmanager:UpdateSecretVersionStage",
        &["SecretId", "VersionStage", "RemoveFromVersionId", "MoveToVersionId"],
        &["ARN"],
    );

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = condition::on(cx, Self::META.action, &input.secret_id).await?;
        Ok(vec![access.when("secretsmanager:VersionStage", [input.version_stage.clone()])])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check_id(&input.secret_id)?;
        versions::check_stages(std::slice::from_ref(&input.version_stage))?;
        let mut secret = change(cx, &input.secret_id).await?;
        for id in input.remove_from_version_id.iter().chain(&input.move_to_version_id) {
            secret.version(id).ok_or_else(|| errors::no_version(id))?;
        }
        relabel(&mut secret, input)?;
        secret.save(cx)?;
        Ok(Output { arn: secret.arn, name: secret.name })
    }
}

fn relabel(secret: &mut Secret, input: &Input) -> Result<(), ApiError> {
    let stage = input.version_stage.as_str();
    let holder = secret.labelled(stage).map(|version| version.id.clone());
    let remove = input.remove_from_version_id.as_deref();
    match (holder.as_deref(), input.move_to_version_id.as_deref()) {
        (_, None) if stage == CURRENT => Err(errors::invalid_parameter(
            "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
        )),
        (Some(holder), _) if remove.is_some_and(|remove| remove != holder) => Err(errors::invalid_parameter(format!(
            "The parameter RemoveFromVersionId can't be {}. Staging label {stage} is currently attached to version {holder}.",
            remove.unwrap_or_default()
        ))),
        (Some(holder), Some(to)) if remove.is_none() && holder != to => Err(errors::invalid_parameter(format!(
            "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to version {holder}, so you must explicitly reference that version in RemoveFromVersionId."
        ))),
        (None, _) if remove.is_some() => Err(errors::invalid_parameter(format!(
            "Staging label {stage} is not attached to version {}.",
            remove.unwrap_or_default()
        ))),
        (_, Some(to)) => {
            versions::move_label(secret, stage, to);
            Ok(())
        }
        (Some(holder), None) => {
            versions::detach_from(secret, stage, holder);
            Ok(())
        }
        (None, None) => Err(errors::invalid_parameter("You must provide MoveToVersionId or RemoveFromVersionId.")),
    }
}
