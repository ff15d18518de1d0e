//! ListSecrets: the secrets of the account and region.

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Secrets, list,
    model::{Secret, Tag, last_accessed},
};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>
pub(crate) struct ListSecrets;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    include_planned_deletion: Option<bool>,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    filters: Option<Vec<list::Filter>>,
    #[serde(default)]
    sort_order: Option<String>,
    #[serde(default)]
    sort_by: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    secret_list: Vec<Listed>,
    next_token: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    description: Option<String>,
    kms_key_id: Option<String>,
    last_changed_date: Timestamp,
    last_accessed_date: Option<Timestamp>,
    deleted_date: Option<Timestamp>,
    tags: Option<Vec<Tag>>,
    secret_versions_to_stages: Option<BTreeMap<String, Vec<String>>>,
    created_date: Timestamp,
}

impl Operation for ListSecrets {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "ListSecrets",
        "secretsmanager:ListSecrets",
        &["IncludePlannedDeletion", "MaxResults", "Filters", "SortOrder", "SortBy"],
    );

    async fn access(_: &Context<'_, Secrets>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        let limit = list::limit(input.max_results)?;
        let filters = input.filters.as_deref().unwrap_or_default();
        let order = list::Order::of(
            input.sort_by.as_deref(),
            input.sort_order.as_deref(),
            input.include_planned_deletion.unwrap_or(false),
        )?;
        let page = list::page(cx, filters, limit, input.next_token.as_deref(), order).await?;
        let mut secret_list = Vec::with_capacity(page.secrets.len());
        for secret in &page.secrets {
            secret_list.push(listed(cx, secret).await?);
        }
        Ok(Output { secret_list, next_token: page.next_token })
    }
}

async fn listed(cx: &Context<'_, Secrets>, secret: &Secret) -> Result<Listed, ApiError> {
    Ok(Listed {
        arn: secret.arn.clone(),
        name: secret.name.clone(),
        description: secret.description.clone(),
        kms_key_id: secret.kms_key_id.clone(),
        last_changed_date: secret.changed.into(),
        last_accessed_date: last_accessed(cx.tx(), &secret.arn).await?.map(Into::into),
        deleted_date: secret.deletion.map(|deletion| deletion.requested.into()),
        tags: secret.tags.clone(),
        secret_versions_to_stages: Some(secret.stages()).filter(|stages| !stages.is_empty()),
        created_date: secret.created.into(),
    })
}
