//! GetUser: shows a user; without a name, the caller.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use keeptrail_policy::Principal;

use super::shapes;
use crate::{Iam, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>
pub(crate) struct GetUser;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    user_name: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user: shapes::User,
}

impl Operation for GetUser {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetUser", "iam:GetUser", &["UserName"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        match super::named_or_caller(cx, input.user_name.as_deref()) {
            Some(name) => Ok(vec![super::on_user(cx, Self::META.action, &name).await?]),
            None => Ok(vec![super::on_new(cx, Self::META.action, "root")]),
        }
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let Some(name) = super::named_or_caller(cx, input.user_name.as_deref()) else {
            if !matches!(cx.identity().principal, Principal::AccountRoot { .. }) {
                return Err(super::root_keys());
            }
            return Ok(Output { user: shapes::User::root(cx.account().as_str(), cx.now()) });
        };
        let user = model::user(cx.tx(), cx.account().as_str(), &name).await?;
        Ok(Output { user: shapes::User::of(&user) })
    }
}
