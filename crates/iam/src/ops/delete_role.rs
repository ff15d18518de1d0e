//! DeleteRole: deletes a role that has nothing left; its sessions stop working at once.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Iam, errors,
    model::{self, ROLES},
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>
pub(crate) struct DeleteRole;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
}

impl Operation for DeleteRole {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeleteRole", "iam:DeleteRole", &["RoleName"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_role(cx, Self::META.action, &input.role_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut role = model::role(cx.tx(), cx.account().as_str(), &input.role_name).await?;
        if !role.rights.attached.is_empty() {
            return Err(errors::conflict("detach all policies"));
        }
        if !role.rights.inline.is_empty() {
            return Err(errors::conflict("delete policies"));
        }
        super::set_boundary(cx, &mut role.rights, None).await?;
        ROLES.delete(cx.tx(), cx.account().as_str(), &role.name);
        Ok(())
    }
}
