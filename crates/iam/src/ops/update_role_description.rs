//! UpdateRoleDescription: changes a role's description; UpdateRole does the same and more.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{Iam, model, validate};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html>
pub(crate) struct UpdateRoleDescription;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    description: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role: shapes::Role,
}

impl Operation for UpdateRoleDescription {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::write("UpdateRoleDescription", "iam:UpdateRoleDescription", &["RoleName", "Description"], &["Role"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_role(cx, Self::META.action, &input.role_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        validate::description(Some(&input.description))?;
        let account = cx.account().as_str();
        let mut role = model::role(cx.tx(), account, &input.role_name).await?;
        role.description = Some(input.description.clone());
        let shape = shapes::Role::of(&role);
        model::save_role(cx.tx(), account, role)?;
        Ok(Output { role: shape })
    }
}
