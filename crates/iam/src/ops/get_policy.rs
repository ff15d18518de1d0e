//! GetPolicy: shows a managed policy.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{Iam, managed, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html>
pub(crate) struct GetPolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy: shapes::Policy,
}

impl Operation for GetPolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetPolicy", "iam:GetPolicy", &["PolicyArn"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_policy(cx, Self::META.action, &input.policy_arn).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        if managed::document(&input.policy_arn).is_some() {
            return Ok(Output { policy: shapes::Policy::built_in(&input.policy_arn, cx.now()) });
        }
        let policy = model::policy(cx.tx(), cx.account().as_str(), &input.policy_arn).await?;
        Ok(Output { policy: shapes::Policy::of(&policy) })
    }
}
