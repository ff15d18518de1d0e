//! ListPolicyVersions: lists the versions of a managed policy.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{Iam, managed, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html>
pub(crate) struct ListPolicyVersions;

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
    versions: Vec<shapes::Version>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListPolicyVersions {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListPolicyVersions", "iam:ListPolicyVersions", &["PolicyArn"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_policy(cx, Self::META.action, &input.policy_arn).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let versions = match managed::document(&input.policy_arn) {
            Some(document) => vec![shapes::Version::built_in(document, cx.now())],
            None => {
                let policy = model::policy(cx.tx(), cx.account().as_str(), &input.policy_arn).await?;
                policy.versions.iter().rev().map(|version| shapes::Version::of(&policy, version, false)).collect()
            }
        };
        let page = super::page(versions, shapes::Version::key, input.marker.as_deref(), input.max_items)?;
        Ok(Output { versions: page.items, is_truncated: page.marker.is_some(), marker: page.marker })
    }
}
