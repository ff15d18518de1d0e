//! UpdateAccessKey: activates or deactivates an access key.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, model::KEYS};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html>
pub(crate) struct UpdateAccessKey;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    user_name: Option<String>,
    access_key_id: String,
    status: String,
}

impl Operation for UpdateAccessKey {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("UpdateAccessKey", "iam:UpdateAccessKey", &["UserName", "AccessKeyId", "Status"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = super::named_or_caller(cx, input.user_name.as_deref()).ok_or_else(super::root_keys)?;
        Ok(vec![super::on_user(cx, Self::META.action, &name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let active = match input.status.as_str() {
            "Active" => true,
            "Inactive" => false,
            _ => return Err(ApiError::validation("The status must be Active or Inactive.")),
        };
        let name = super::named_or_caller(cx, input.user_name.as_deref()).ok_or_else(super::root_keys)?;
        let mut key = super::key_of(cx, &name, &input.access_key_id).await?;
        key.active = active;
        KEYS.put(cx.tx(), &[&key.id], &key)?;
        Ok(())
    }
}
