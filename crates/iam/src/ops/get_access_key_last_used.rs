//! GetAccessKeyLastUsed: when, where and for what an access key was last used.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Iam, errors,
    model::{AccessKey, KEY_USES, KEYS},
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html>
pub(crate) struct GetAccessKeyLastUsed;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    access_key_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user_name: String,
    access_key_last_used: LastUsed,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LastUsed {
    last_used_date: Option<Timestamp>,
    service_name: String,
    region: String,
}

impl Operation for GetAccessKeyLastUsed {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetAccessKeyLastUsed", "iam:GetAccessKeyLastUsed", &["AccessKeyId"]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        // Whose key it is may be learned only with the right to ask about its owner.
        match find(cx, &input.access_key_id).await?.and_then(|key| key.user) {
            Some(user) => Ok(vec![super::on_user(cx, Self::META.action, &user).await?]),
            None => Ok(vec![super::on_new(cx, Self::META.action, "user/")]),
        }
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let id = input.access_key_id.as_str();
        let key = find(cx, id).await?.ok_or_else(|| errors::no_key(id))?;
        let never = || "N/A".to_owned();
        let last_used = match KEY_USES.get(cx.tx(), &[id]).await? {
            Some(known) => LastUsed {
                last_used_date: Some(known.time.into()),
                service_name: known.service.clone(),
                region: known.region.clone(),
            },
            None => LastUsed { last_used_date: None, service_name: never(), region: never() },
        };
        let user_name = key.user.unwrap_or_else(|| "<root_account>".to_owned());
        Ok(Output { user_name, access_key_last_used: last_used })
    }
}

async fn find(cx: &Context<'_, Iam>, id: &str) -> Result<Option<AccessKey>, ApiError> {
    let key = KEYS.get(cx.tx(), &[id]).await?;
    Ok(key.filter(|key| key.account == cx.account().as_str()).map(|key| AccessKey::clone(&key)))
}
