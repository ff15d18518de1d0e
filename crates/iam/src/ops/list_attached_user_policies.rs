//! ListAttachedUserPolicies: lists the managed policies attached to a user.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{Iam, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html>
pub(crate) struct ListAttachedUserPolicies;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
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
    attached_policies: Vec<shapes::Attached>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListAttachedUserPolicies {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListAttachedUserPolicies", "iam:ListAttachedUserPolicies", &["UserName"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_user(cx, Self::META.action, &input.user_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let user = model::user(cx.tx(), cx.account().as_str(), &input.user_name).await?;
        let attached: Vec<_> = user.rights.attached.iter().map(|arn| shapes::Attached::of(arn)).collect();
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let attached = attached.into_iter().filter(|policy| policy.path().starts_with(prefix)).collect();
        let page = super::page(attached, shapes::Attached::key, input.marker.as_deref(), input.max_items)?;
        Ok(Output { attached_policies: page.items, is_truncated: page.marker.is_some(), marker: page.marker })
    }
}
