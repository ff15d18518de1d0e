//! ListSecretVersionIds: a secret's versions, newest first.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Secrets, condition, list,
    model::{ACCESSED, require},
    name,
};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html>
pub(crate) struct ListSecretVersionIds;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    include_deprecated: Option<bool>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    versions: Vec<Listed>,
    next_token: Option<String>,
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    version_id: String,
    version_stages: Option<Vec<String>>,
    last_accessed_date: Option<Timestamp>,
    created_date: Timestamp,
    kms_key_ids: Vec<&'static str>,
}

impl Operation for ListSecretVersionIds {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "ListSecretVersionIds",
        "secretsmanager:ListSecretVersionIds",
        &["SecretId", "MaxResults", "IncludeDeprecated"],
    );

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![condition::on(cx, Self::META.action, &input.secret_id).await?])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check_id(&input.secret_id)?;
        let limit = list::limit(input.max_results)?;
        let secret = require(cx, &input.secret_id).await?;
        let deprecated = input.include_deprecated.unwrap_or(false);
        let mut versions: Vec<_> =
            secret.versions.iter().rev().filter(|version| deprecated || !version.stages.is_empty()).collect();
        if let Some(token) = &input.next_token {
            let after = list::open_token(token)?;
            let position = versions.iter().position(|version| version.id == after).ok_or_else(list::invalid_token)?;
            versions.drain(..=position);
        }
        let more = versions.len() > limit;
        versions.truncate(limit);
        let next_token = versions.last().filter(|_| more).map(|version| list::token(&version.id));
        let accessed = ACCESSED.get(cx.tx(), &[&secret.arn]).await?.unwrap_or_default();
        let listed = |version: &&crate::model::Version| Listed {
            version_id: version.id.clone(),
            version_stages: Some(version.stages.clone()).filter(|stages| !stages.is_empty()),
            last_accessed_date: accessed.versions.get(&version.id).map(|day| (*day).into()),
            created_date: version.created.into(),
            kms_key_ids: vec!["DefaultEncryptionKey"],
        };
        Ok(Output {
            versions: versions.iter().map(listed).collect(),
            next_token,
            arn: secret.arn.clone(),
            name: secret.name.clone(),
        })
    }
}
