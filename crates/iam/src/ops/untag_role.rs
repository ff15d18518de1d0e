//! UntagRole: takes tags from a role.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, model};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html>
pub(crate) struct UntagRole;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tag_keys: Vec<String>,
}

impl Operation for UntagRole {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("UntagRole", "iam:UntagRole", &["RoleName", "TagKeys"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = super::on_role(cx, Self::META.action, &input.role_name).await?;
        Ok(vec![access.when("aws:TagKeys", input.tag_keys.clone())])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut role = model::role(cx.tx(), cx.account().as_str(), &input.role_name).await?;
        role.rights.tags.retain(|tag| !input.tag_keys.contains(&tag.key));
        model::save_role(cx.tx(), cx.account().as_str(), role)?;
        Ok(())
    }
}
