//! CreateAccessKey: makes an access key; its secret is shown this once.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use serde_json::json;

use super::shapes;
use crate::{
    Iam, access_key, errors, limits,
    model::{self, AccessKey, Cached, KEYS},
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html>
pub(crate) struct CreateAccessKey;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    user_name: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    access_key: shapes::NewAccessKey,
}

impl Operation for CreateAccessKey {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("CreateAccessKey", "iam:CreateAccessKey", &["UserName"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = super::named_or_caller(cx, input.user_name.as_deref()).ok_or_else(super::root_keys)?;
        Ok(vec![super::on_user(cx, Self::META.action, &name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        let name = super::named_or_caller(cx, input.user_name.as_deref()).ok_or_else(super::root_keys)?;
        let account = cx.account().as_str();
        let mut user = model::user(cx.tx(), account, &name).await?;
        if user.keys.len() >= limits::ACCESS_KEYS {
            return Err(errors::over_quota("AccessKeysPerUser", limits::ACCESS_KEYS));
        }
        let id = access_key::id(cx.random(), "AKIA")?;
        let secret = access_key::secret(cx.random())?;
        let sealed = access_key::seal(&cx.service().keyring, cx.random(), &id, &secret).map_err(ApiError::internal)?;
        let key = AccessKey {
            cached: Cached::default(),
            id: id.clone(),
            account: account.to_owned(),
            user: Some(name.clone()),
            secret: sealed,
            active: true,
            created: cx.now(),
        };
        KEYS.put(cx.tx(), &[&id], &key)?;
        user.keys.push(id.clone());
        model::save_user(cx.tx(), account, user)?;
        // The record names the key, never its secret.
        let made = json!({"accessKey": {"userName": name, "accessKeyId": id, "status": "Active"}});
        cx.respond_on_record(made);
        Ok(Output {
            access_key: shapes::NewAccessKey {
                user_name: name,
                access_key_id: id,
                status: "Active",
                secret_access_key: shapes::Shown::new(secret),
                create_date: cx.now().into(),
            },
        })
    }
}
