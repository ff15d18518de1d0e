//! DeleteUser: deletes a user that has nothing left.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Iam, errors,
    model::{self, USERS},
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html>
pub(crate) struct DeleteUser;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
}

impl Operation for DeleteUser {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeleteUser", "iam:DeleteUser", &["UserName"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_user(cx, Self::META.action, &input.user_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut user = model::user(cx.tx(), cx.account().as_str(), &input.user_name).await?;
        if !user.keys.is_empty() {
            return Err(errors::conflict("delete access keys"));
        }
        if !user.rights.attached.is_empty() {
            return Err(errors::conflict("detach all policies"));
        }
        if !user.rights.inline.is_empty() {
            return Err(errors::conflict("delete policies"));
        }
        super::set_boundary(cx, &mut user.rights, None).await?;
        USERS.delete(cx.tx(), cx.account().as_str(), &user.name);
        Ok(())
    }
}
