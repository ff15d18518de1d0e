//! DeleteRolePermissionsBoundary: takes a role's permissions boundary away.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html>
pub(crate) struct DeleteRolePermissionsBoundary;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
}

impl Operation for DeleteRolePermissionsBoundary {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("DeleteRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary", &["RoleName"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_role(cx, Self::META.action, &input.role_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut role = model::role(cx.tx(), cx.account().as_str(), &input.role_name).await?;
        super::set_boundary(cx, &mut role.rights, None).await?;
        model::save_role(cx.tx(), cx.account().as_str(), role)?;
        Ok(())
    }
}
