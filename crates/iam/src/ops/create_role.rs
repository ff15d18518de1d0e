//! CreateRole: makes a role.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{
    Iam, errors,
    model::{self, ROLES, Role, Tag},
    validate,
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
pub(crate) struct CreateRole;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    assume_role_policy_document: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    max_session_duration: Option<u32>,
    #[serde(default)]
    permissions_boundary: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role: shapes::Role,
}

impl Operation for CreateRole {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "CreateRole",
        "iam:CreateRole",
        &[
            "RoleName",
            "AssumeRolePolicyDocument",
            "Path",
            "Description",
            "MaxSessionDuration",
            "PermissionsBoundary",
            "Tags",
        ],
        &["Role"],
    );

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let path = input.path.as_deref().unwrap_or("/");
        let access = super::on_new(cx, Self::META.action, &format!("role{path}{}", input.role_name));
        let access = super::with_tags(access, &input.tags);
        Ok(vec![match &input.permissions_boundary {
            Some(boundary) => access.when("iam:PermissionsBoundary", [boundary.clone()]),
            None => access,
        }])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        validate::name("roleName", &input.role_name, 64)?;
        let path = validate::path(input.path.as_deref())?;
        validate::description(input.description.as_deref())?;
        validate::tags(&input.tags)?;
        validate::trust(&input.assume_role_policy_document)?;
        let max_session = super::update_role::duration(input.max_session_duration)?;
        let account = cx.account().as_str();
        if ROLES.get(cx.tx(), account, &input.role_name).await?.is_some() {
            return Err(errors::exists("Role", &input.role_name));
        }
        let arn = format!("arn:aws:iam::{account}:role{path}{}", input.role_name);
        let id = model::unique_id(cx.random(), "AROA")?;
        let trust = input.assume_role_policy_document.clone();
        let mut role = Role::new(input.role_name.clone(), path, id, arn, cx.now(), trust);
        role.description.clone_from(&input.description);
        role.max_session = max_session.unwrap_or(3600);
        role.rights.tags.clone_from(&input.tags);
        super::set_boundary(cx, &mut role.rights, input.permissions_boundary.as_deref()).await?;
        let shape = shapes::Role::of(&role);
        model::save_role(cx.tx(), account, role)?;
        Ok(Output { role: shape })
    }
}
