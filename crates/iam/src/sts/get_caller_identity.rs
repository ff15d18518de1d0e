//! GetCallerIdentity: who am I. Every signed caller may ask.

use keeptrail_operation::{Access, ApiError, Authorisation, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::Iam;

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
pub(crate) struct GetCallerIdentity;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user_id: String,
    account: String,
    arn: String,
}

impl Operation for GetCallerIdentity {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetCallerIdentity", "sts:GetCallerIdentity", &[]).authorised(Authorisation::Signed);

    async fn access(_: &Context<'_, Iam>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(Vec::new())
    }

    async fn run(cx: &Context<'_, Iam>, _: &Input) -> Result<Output, ApiError> {
        let identity = cx.identity();
        Ok(Output {
            user_id: identity.facts.user_id.clone(),
            account: identity.account.to_string(),
            arn: identity.principal.arn().into_owned(),
        })
    }
}
