//! DeleteUserPermissionsBoundary: takes a user's permissions boundary away.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html>
pub(crate) struct DeleteUserPermissionsBoundary;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
}

impl Operation for DeleteUserPermissionsBoundary {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("DeleteUserPermissionsBoundary", "iam:DeleteUserPermissionsBoundary", &["UserName"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_user(cx, Self::META.action, &input.user_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut user = model::user(cx.tx(), cx.account().as_str(), &input.user_name).await?;
        super::set_boundary(cx, &mut user.rights, None).await?;
        model::save_user(cx.tx(), cx.account().as_str(), user)?;
        Ok(())
    }
}
