//! CreateSecret: makes a secret, with or without a first value.

use std::sync::OnceLock;

use keeptrail_operation::{Access, ApiError, Blob, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Secrets, condition, errors,
    model::{SECRETS, Secret, Tag},
    name,
    ops::tag_resource,
    ops::update_secret::check_key,
    value::{self, SecretText},
    versions,
};

const LONGEST_DESCRIPTION: usize = 2048;

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>
pub(crate) struct CreateSecret;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
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
    tags: Option<Vec<Tag>>,
    #[serde(default)]
    add_replica_regions: Option<Vec<ReplicaRegion>>,
    #[serde(default)]
    force_overwrite_replica_secret: Option<bool>,
    #[serde(default)]
    r#type: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ReplicaRegion {
    region: Option<String>,
    kms_key_id: Option<String>,
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

impl Operation for CreateSecret {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "CreateSecret",
        "secretsmanager:CreateSecret",
        &[
            "Name",
            "ClientRequestToken",
            "Description",
            "KmsKeyId",
            "Tags",
            "AddReplicaRegions",
            "ForceOverwriteReplicaSecret",
        ],
        &["ARN"],
    );

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let tags = input.tags.as_deref().unwrap_or_default();
        let need = |action| {
            let access = Access::to(action).on(input.name.as_str()).when("secretsmanager:Name", [input.name.clone()]);
            let access = condition::with(access, "secretsmanager:Description", input.description.as_ref());
            let access = condition::with(access, "secretsmanager:KmsKeyId", input.kms_key_id.as_ref());
            condition::with_tags(access, tags).noting("name", input.name.as_str())
        };
        // A policy names the ARN, whose suffix is not drawn yet: AWS matches it against the name with any suffix.
        let arn = cx.arn(&format!("secret:{}-??????", input.name));
        let mut needs = vec![need(Self::META.action).on(arn.as_str())];
        if !tags.is_empty() {
            needs.push(need("secretsmanager:TagResource").on(arn.as_str()));
        }
        Ok(needs)
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check(&input.name)?;
        check_description(input.description.as_deref())?;
        check_key(input.kms_key_id.as_deref())?;
        tag_resource::check(input.tags.as_deref().unwrap_or_default())?;
        if input.add_replica_regions.as_ref().is_some_and(|regions| !regions.is_empty()) {
            return Err(ApiError::not_carried_out("replication to other regions (AddReplicaRegions)"));
        }
        if input.r#type.is_some() {
            return Err(ApiError::not_carried_out("managed external secrets (Type)"));
        }
        let plain = value::given(input.secret_string.as_ref(), input.secret_binary.as_ref())?;
        let token = versions::check_token(input.client_request_token.as_deref())?;
        let key = [cx.account().as_str(), cx.region().as_str(), input.name.as_str()];
        if let Some(existing) = SECRETS.get(cx.tx(), &key).await? {
            return again(cx, &existing, token, plain.as_ref()).await;
        }
        let mut secret = Secret {
            arn: cx.arn(&name::resource(&input.name, cx.random())?),
            name: input.name.clone(),
            description: input.description.clone().filter(|text| !text.is_empty()),
            kms_key_id: input.kms_key_id.clone(),
            tags: input.tags.clone().filter(|tags| !tags.is_empty()),
            created: cx.now(),
            changed: cx.now(),
            deletion: None,
            policy: None,
            versions: Vec::new(),
            compiled_policy: OnceLock::new(),
        };
        match &plain {
            Some(plain) => versions::put(cx, &mut secret, token, plain, None).await?,
            None => secret.save(cx)?,
        }
        cx.touch(condition::SECRET, &secret.arn);
        Ok(Output { arn: secret.arn, name: secret.name, version_id: plain.map(|_| token.to_owned()) })
    }
}

/// The same token with the same value is the same call again.
async fn again(
    cx: &Context<'_, Secrets>,
    existing: &Secret,
    token: &str,
    plain: Option<&value::Plain>,
) -> Result<Output, ApiError> {
    if existing.deletion.is_some() {
        return Err(errors::invalid_request(
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        ));
    }
    if let Some(plain) = plain
        && value::is(cx, &existing.arn, token, plain).await?
    {
        cx.touch(condition::SECRET, &existing.arn);
        return Ok(Output {
            arn: existing.arn.clone(),
            name: existing.name.clone(),
            version_id: Some(token.to_owned()),
        });
    }
    let text = format!("The operation failed because the secret {} already exists.", existing.name);
    Err(ApiError::new(errors::RESOURCE_EXISTS, text))
}

/// Checks a description's length.
pub(crate) fn check_description(description: Option<&str>) -> Result<(), ApiError> {
    match description {
        Some(text) if text.len() > LONGEST_DESCRIPTION => Err(errors::too_long("description", LONGEST_DESCRIPTION)),
        _ => Ok(()),
    }
}
