//! ListPolicyTags: lists a managed policy's tags.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Iam,
    model::{self, Tag},
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html>
pub(crate) struct ListPolicyTags;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    max_items: Option<usize>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<Tag>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListPolicyTags {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListPolicyTags", "iam:ListPolicyTags", &["PolicyArn"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_policy(cx, Self::META.action, &input.policy_arn).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let policy = model::policy(cx.tx(), cx.account().as_str(), &input.policy_arn).await?;
        let page = super::page(policy.tags, |tag| tag.key.clone(), input.marker.as_deref(), input.max_items)?;
        Ok(Output { tags: page.items, is_truncated: page.marker.is_some(), marker: page.marker })
    }
}
