//! ListUsers: lists the users.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{Iam, model::USERS};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>
pub(crate) struct ListUsers;

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
    users: Vec<shapes::User>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListUsers {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListUsers", "iam:ListUsers", &["PathPrefix"]);

    async fn access(cx: &Context<'_, Iam>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_new(cx, Self::META.action, "user/")])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let rows = USERS.all(cx.tx(), cx.account().as_str()).await?;
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let users = rows.iter().filter(|user| user.path.starts_with(prefix)).map(|user| shapes::User::of(user));
        let page = super::page(users.collect(), shapes::User::key, input.marker.as_deref(), input.max_items)?;
        Ok(Output { users: page.items, is_truncated: page.marker.is_some(), marker: page.marker })
    }
}
