//! PutRolePermissionsBoundary: sets what a role may at most do.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html>
pub(crate) struct PutRolePermissionsBoundary;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    permissions_boundary: String,
}

impl Operation for PutRolePermissionsBoundary {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write(
        "PutRolePermissionsBoundary",
        "iam:PutRolePermissionsBoundary",
        &["RoleName", "PermissionsBoundary"],
        &[],
    );

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = super::on_role(cx, Self::META.action, &input.role_name).await?;
        Ok(vec![access.when("iam:PermissionsBoundary", [input.permissions_boundary.clone()])])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut role = model::role(cx.tx(), cx.account().as_str(), &input.role_name).await?;
        super::set_boundary(cx, &mut role.rights, Some(&input.permissions_boundary)).await?;
        model::save_role(cx.tx(), cx.account().as_str(), role)?;
        Ok(())
    }
}
