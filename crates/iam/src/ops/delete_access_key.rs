//! DeleteAccessKey: deletes an access key; it stops working at once.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Iam,
    model::{self, KEY_USES, KEYS},
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html>
pub(crate) struct DeleteAccessKey;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    user_name: Option<String>,
    access_key_id: String,
}

impl Operation for DeleteAccessKey {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("DeleteAccessKey", "iam:DeleteAccessKey", &["UserName", "AccessKeyId"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = super::named_or_caller(cx, input.user_name.as_deref()).ok_or_else(super::root_keys)?;
        Ok(vec![super::on_user(cx, Self::META.action, &name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let name = super::named_or_caller(cx, input.user_name.as_deref()).ok_or_else(super::root_keys)?;
        let key = super::key_of(cx, &name, &input.access_key_id).await?;
        let account = cx.account().as_str();
        let mut user = model::user(cx.tx(), account, &name).await?;
        user.keys.retain(|id| *id != key.id);
        KEYS.delete(cx.tx(), &[&key.id]);
        KEY_USES.delete(cx.tx(), &[&key.id]);
        model::save_user(cx.tx(), account, user)?;
        Ok(())
    }
}
