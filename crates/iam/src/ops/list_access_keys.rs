//! ListAccessKeys: lists a user's access keys.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{
    Iam,
    model::{self, KEYS},
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html>
pub(crate) struct ListAccessKeys;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    user_name: Option<String>,
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    max_items: Option<usize>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    access_key_metadata: Vec<shapes::AccessKey>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListAccessKeys {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListAccessKeys", "iam:ListAccessKeys", &["UserName"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = super::named_or_caller(cx, input.user_name.as_deref()).ok_or_else(super::root_keys)?;
        Ok(vec![super::on_user(cx, Self::META.action, &name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let name = super::named_or_caller(cx, input.user_name.as_deref()).ok_or_else(super::root_keys)?;
        let user = model::user(cx.tx(), cx.account().as_str(), &name).await?;
        let mut keys = Vec::new();
        for id in &user.keys {
            if let Some(key) = KEYS.get(cx.tx(), &[id]).await? {
                keys.push(shapes::AccessKey::of(&name, &key));
            }
        }
        let page = super::page(keys, shapes::AccessKey::key, input.marker.as_deref(), input.max_items)?;
        Ok(Output { access_key_metadata: page.items, is_truncated: page.marker.is_some(), marker: page.marker })
    }
}
