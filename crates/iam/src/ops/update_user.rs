//! UpdateUser: gives a user another name or path.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Iam, errors,
    model::{self, AccessKey, KEYS, USERS, User},
    validate,
};

/// Policies attached to the user stay; policies elsewhere that name the old ARN do not follow, as AWS's would.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html>
pub(crate) struct UpdateUser;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    user_name: String,
    #[serde(default)]
    new_path: Option<String>,
    #[serde(default)]
    new_user_name: Option<String>,
}

impl Operation for UpdateUser {
    type Service = Iam;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("UpdateUser", "iam:UpdateUser", &["UserName", "NewPath", "NewUserName"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let user = USERS.get(cx.tx(), cx.account().as_str(), &input.user_name).await?;
        let mut needs = vec![super::on_user(cx, Self::META.action, &input.user_name).await?];
        // The right is needed on both: the user, and what it becomes.
        if let Some(user) = user {
            let path = input.new_path.as_deref().unwrap_or(&user.path);
            let name = input.new_user_name.as_deref().unwrap_or(&user.name);
            needs.push(super::on_new(cx, Self::META.action, &format!("user{path}{name}")));
        }
        Ok(needs)
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<(), ApiError> {
        let account = cx.account().as_str();
        let user = model::user(cx.tx(), account, &input.user_name).await?;
        let name = input.new_user_name.as_ref().unwrap_or(&user.name);
        validate::name("newUserName", name, 64)?;
        let path = match &input.new_path {
            Some(path) => validate::path(Some(path))?,
            None => user.path.clone(),
        };
        let taken = USERS.get(cx.tx(), account, name).await?;
        if taken.is_some_and(|other| other.id != user.id) {
            return Err(errors::exists("User", name));
        }
        for id in &user.keys {
            if let Some(key) = KEYS.get(cx.tx(), &[id]).await? {
                let key = AccessKey { user: Some(name.clone()), ..AccessKey::clone(&key) };
                KEYS.put(cx.tx(), &[id], &key)?;
            }
        }
        USERS.delete(cx.tx(), account, &user.name);
        let arn = format!("arn:aws:iam::{account}:user{path}{name}");
        let renamed = User { name: name.clone(), path, arn, ..user };
        model::save_user(cx.tx(), account, renamed)?;
        Ok(())
    }
}
