//! The rights that operations on one secret need, with Secrets Manager's condition keys.
//!
//! Source: "Actions, resources, and condition keys for AWS Secrets Manager" in the Service Authorization Reference.

use keeptrail_operation::{Access, ApiError, Context};

use crate::{
    Secrets,
    model::{Secret, Tag, find},
};

/// The resource type on records.
pub(crate) const SECRET: &str = "AWS::SecretsManager::Secret";

/// May the caller do `action` on the secret that `id` names? One that does not exist is named as the caller did.
pub(crate) async fn on(cx: &Context<'_, Secrets>, action: &'static str, id: &str) -> Result<Access, ApiError> {
    let secret = find(cx, id).await?;
    let access = match &secret {
        Some(secret) => on_secret(cx, action, secret),
        None => Access::to(action).on(id),
    };
    Ok(access.noting("secretId", id))
}

/// May the caller do `action` on this secret?
pub(crate) fn on_secret(cx: &Context<'_, Secrets>, action: &'static str, secret: &Secret) -> Access {
    let access = Access::to(action)
        .on(secret.arn.as_str())
        .listing(SECRET, cx.account())
        .guarded_by(secret.policy())
        .when("secretsmanager:SecretId", [secret.arn.clone()])
        .when("secretsmanager:SecretPrimaryRegion", [cx.region().to_string()]);
    secret.tags.iter().flatten().fold(access, |access, tag| {
        access
            .when(format!("aws:ResourceTag/{}", tag.key), [tag.value.clone()])
            .when(format!("secretsmanager:ResourceTag/{}", tag.key), [tag.value.clone()])
    })
}

/// Adds the keys about tags in the request.
pub(crate) fn with_tags(access: Access, tags: &[Tag]) -> Access {
    let access =
        tags.iter().fold(access, |access, tag| access.when(format!("aws:RequestTag/{}", tag.key), [tag.value.clone()]));
    if tags.is_empty() { access } else { access.when("aws:TagKeys", tags.iter().map(|tag| tag.key.clone())) }
}

/// Adds a key that is there only when its member was given.
pub(crate) fn with<T: ToString>(access: Access, key: &'static str, value: Option<&T>) -> Access {
    match value {
        Some(value) => access.when(key, [value.to_string()]),
        None => access,
    }
}
