//! TagUser: adds tags to a user.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Iam,
    model::{self, Tag},
    validate,
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html>
pub(crate) struct TagUser;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

impl Operation for TagUser {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("TagUser", "iam:TagUser", &["UserName", "Tags"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = super::on_user(cx, Self::META.action, &input.user_name).await?;
        Ok(vec![super::with_tags(access, &input.tags)])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut user = model::user(cx.tx(), cx.account().as_str(), &input.user_name).await?;
        validate::merge_tags(&mut user.rights.tags, &input.tags)?;
        model::save_user(cx.tx(), cx.account().as_str(), user)?;
        Ok(())
    }
}
