//! GetAccessKeyInfo: the account of an access key.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, errors, model::KEYS};

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>
pub(crate) struct GetAccessKeyInfo;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    access_key_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    account: String,
}

impl Operation for GetAccessKeyInfo {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetAccessKeyInfo", "sts:GetAccessKeyInfo", &["AccessKeyId"]);

    async fn access(_: &Context<'_, Iam>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let key = KEYS.get(cx.tx(), &[&input.access_key_id]).await?;
        let key = key.ok_or_else(|| errors::no_key(&input.access_key_id))?;
        Ok(Output { account: key.account.clone() })
    }
}
