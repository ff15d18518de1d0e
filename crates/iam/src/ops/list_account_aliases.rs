//! ListAccountAliases: lists the account's alias; an account of keeptrail has none.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::Iam;

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html>
pub(crate) struct ListAccountAliases;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    max_items: Option<usize>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    account_aliases: Vec<String>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListAccountAliases {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListAccountAliases", "iam:ListAccountAliases", &[]);

    async fn access(_: &Context<'_, Iam>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(_: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let page = super::page(Vec::new(), String::clone, input.marker.as_deref(), input.max_items)?;
        Ok(Output { account_aliases: page.items, is_truncated: page.marker.is_some(), marker: page.marker })
    }
}
