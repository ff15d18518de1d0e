//! DescribeSecret: a secret's metadata. Works on deleted secrets too.

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Secrets, condition,
    model::{Tag, last_accessed, require},
    name,
};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html>
pub(crate) struct DescribeSecret;

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
    description: Option<String>,
    kms_key_id: Option<String>,
    last_changed_date: Timestamp,
    last_accessed_date: Option<Timestamp>,
    deleted_date: Option<Timestamp>,
    tags: Option<Vec<Tag>>,
    version_ids_to_stages: Option<BTreeMap<String, Vec<String>>>,
    created_date: Timestamp,
}

impl Operation for DescribeSecret {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("DescribeSecret", "secretsmanager:DescribeSecret", &["SecretId"]);

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![condition::on(cx, Self::META.action, &input.secret_id).await?])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check_id(&input.secret_id)?;
        let secret = require(cx, &input.secret_id).await?;
        Ok(Output {
            arn: secret.arn.clone(),
            name: secret.name.clone(),
            description: secret.description.clone(),
            kms_key_id: secret.kms_key_id.clone(),
            last_changed_date: secret.changed.into(),
            last_accessed_date: last_accessed(cx.tx(), &secret.arn).await?.map(Into::into),
            deleted_date: secret.deletion.map(|deletion| deletion.requested.into()),
            tags: secret.tags.clone(),
            version_ids_to_stages: Some(secret.stages()).filter(|stages| !stages.is_empty()),
            created_date: secret.created.into(),
        })
    }
}
