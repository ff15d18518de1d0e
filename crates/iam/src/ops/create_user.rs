//! CreateUser: makes a user.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{
    Iam, errors,
    model::{self, Rights, Tag, USERS, User},
    validate,
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html>
pub(crate) struct CreateUser;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    permissions_boundary: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user: shapes::User,
}

impl Operation for CreateUser {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::write("CreateUser", "iam:CreateUser", &["UserName", "Path", "PermissionsBoundary", "Tags"], &["User"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let path = input.path.as_deref().unwrap_or("/");
        let access = super::on_new(cx, Self::META.action, &format!("user{path}{}", input.user_name));
        let access = super::with_tags(access, &input.tags);
        Ok(vec![match &input.permissions_boundary {
            Some(boundary) => access.when("iam:PermissionsBoundary", [boundary.clone()]),
            None => access,
        }])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        validate::name("userName", &input.user_name, 64)?;
        let path = validate::path(input.path.as_deref())?;
        validate::tags(&input.tags)?;
        let account = cx.account().as_str();
        if USERS.get(cx.tx(), account, &input.user_name).await?.is_some() {
            return Err(errors::exists("User", &input.user_name));
        }
        let mut rights = Rights::default();
        rights.tags.clone_from(&input.tags);
        super::set_boundary(cx, &mut rights, input.permissions_boundary.as_deref()).await?;
        let user = User {
            arn: format!("arn:aws:iam::{account}:user{path}{}", input.user_name),
            name: input.user_name.clone(),
            path,
            id: model::unique_id(cx.random(), "AIDA")?,
            created: cx.now(),
            keys: Vec::new(),
            rights,
        };
        let shape = shapes::User::of(&user);
        model::save_user(cx.tx(), account, user)?;
        Ok(Output { user: shape })
    }
}
