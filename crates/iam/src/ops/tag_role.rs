//! TagRole: adds tags to a role.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Iam,
    model::{self, Tag},
    validate,
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html>
pub(crate) struct TagRole;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

impl Operation for TagRole {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("TagRole", "iam:TagRole", &["RoleName", "Tags"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = super::on_role(cx, Self::META.action, &input.role_name).await?;
        Ok(vec![super::with_tags(access, &input.tags)])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let mut role = model::role(cx.tx(), cx.account().as_str(), &input.role_name).await?;
        validate::merge_tags(&mut role.rights.tags, &input.tags)?;
        model::save_role(cx.tx(), cx.account().as_str(), role)?;
        Ok(())
    }
}
