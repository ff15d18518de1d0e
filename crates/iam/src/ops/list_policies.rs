//! ListPolicies: lists the managed policies.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{Iam, managed, model::POLICIES};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>
pub(crate) struct ListPolicies;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    only_attached: Option<bool>,
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
    policies: Vec<shapes::Policy>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListPolicies {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListPolicies", "iam:ListPolicies", &["Scope", "OnlyAttached", "PathPrefix"]);

    async fn access(cx: &Context<'_, Iam>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_new(cx, Self::META.action, "policy/")])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let scope = input.scope.as_deref().unwrap_or("All");
        if !["All", "AWS", "Local"].contains(&scope) {
            return Err(ApiError::validation("The Scope must be All, AWS or Local."));
        }
        let mut policies = Vec::new();
        if scope != "AWS" {
            let rows = POLICIES.all(cx.tx(), cx.account().as_str()).await?;
            policies.extend(rows.iter().map(|policy| shapes::Policy::of(policy)));
        }
        if scope != "Local" {
            policies.extend(managed::arns().map(|arn| shapes::Policy::built_in(arn, cx.now())));
        }
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let only_attached = input.only_attached.unwrap_or(false);
        policies.retain(|policy| policy.passes(prefix, only_attached));
        let page = super::page(policies, shapes::Policy::key, input.marker.as_deref(), input.max_items)?;
        Ok(Output { policies: page.items, is_truncated: page.marker.is_some(), marker: page.marker })
    }
}
