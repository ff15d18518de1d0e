//! UntagUser: takes tags from a user.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html>
pub(crate) struct UntagUser;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tag_keys: Vec<String>,
}

impl Operation for UntagUser {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("UntagUser", "iam:UntagUser", &["UserName", "TagKeys"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = super::on_user(cx, Self::META.action, &input.user_name).await?;
        Ok(vec![access.when("aws:TagKeys", input.tag_keys.clone())])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut user = model::user(cx.tx(), cx.account().as_str(), &input.user_name).await?;
        user.rights.tags.retain(|tag| !input.tag_keys.contains(&tag.key));
        model::save_user(cx.tx(), cx.account().as_str(), user)?;
        Ok(())
    }
}
