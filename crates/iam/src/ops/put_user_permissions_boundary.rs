//! PutUserPermissionsBoundary: sets what a user may at most do.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html>
pub(crate) struct PutUserPermissionsBoundary;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    permissions_boundary: String,
}

impl Operation for PutUserPermissionsBoundary {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write(
        "PutUserPermissionsBoundary",
        "iam:PutUserPermissionsBoundary",
        &["UserName", "PermissionsBoundary"],
        &[],
    );

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = super::on_user(cx, Self::META.action, &input.user_name).await?;
        Ok(vec![access.when("iam:PermissionsBoundary", [input.permissions_boundary.clone()])])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut user = model::user(cx.tx(), cx.account().as_str(), &input.user_name).await?;
        super::set_boundary(cx, &mut user.rights, Some(&input.permissions_boundary)).await?;
        model::save_user(cx.tx(), cx.account().as_str(), user)?;
        Ok(())
    }
}
