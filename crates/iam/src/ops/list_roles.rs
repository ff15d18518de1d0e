//! ListRoles: lists the roles.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{Iam, model::ROLES};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>
pub(crate) struct ListRoles;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    path_prefix: Option<String>,
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    max_items: Option<usize>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    roles: Vec<shapes::Role>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListRoles {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListRoles", "iam:ListRoles", &["PathPrefix"]);

    async fn access(cx: &Context<'_, Iam>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_new(cx, Self::META.action, "role/")])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let rows = ROLES.all(cx.tx(), cx.account().as_str()).await?;
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let roles = rows.iter().filter(|role| role.path.starts_with(prefix)).map(|role| shapes::Role::of(role));
        let page = super::page(roles.collect(), shapes::Role::key, input.marker.as_deref(), input.max_items)?;
        Ok(Output { roles: page.items, is_truncated: page.marker.is_some(), marker: page.marker })
    }
}
