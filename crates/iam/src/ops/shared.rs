//! What IAM's operations share: rights asked for, pages, documents as answers carry them.

use keeptrail_operation::{Access, ApiError, Context};
use keeptrail_policy::Principal;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    Iam, errors,
    model::{self, AccessKey, KEYS, POLICIES, ROLES, Tag, USERS, managed_policy},
};

/// RFC 3986: what is not unreserved is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const MOST: usize = 1000;
const DEFAULT: usize = 100;

/// May the caller do `action` on this user? One that does not exist is named as the caller did.
pub(super) async fn on_user(cx: &Context<'_, Iam>, action: &'static str, name: &str) -> Result<Access, ApiError> {
    let account = cx.account();
    let user = USERS.get(cx.tx(), &[account.as_str(), name]).await?;
    let Some(user) = user else { return Ok(on_new(cx, action, &format!("user/{name}")).noting("userName", name)) };
    let access = Access::to(action).on(user.arn.as_str()).listing("AWS::IAM::User", account);
    Ok(user.rights.tags.iter().fold(access, |access, tag| {
        access
            .when(format!("aws:ResourceTag/{}", tag.key), [tag.value.clone()])
            .when(format!("iam:ResourceTag/{}", tag.key), [tag.value.clone()])
    }))
}

/// May the caller do `action` on this role?
pub(super) async fn on_role(cx: &Context<'_, Iam>, action: &'static str, name: &str) -> Result<Access, ApiError> {
    let account = cx.account();
    let role = ROLES.get(cx.tx(), &[account.as_str(), name]).await?;
    let Some(role) = role else { return Ok(on_new(cx, action, &format!("role/{name}")).noting("roleName", name)) };
    let access = Access::to(action).on(role.arn.as_str()).listing("AWS::IAM::Role", account);
    Ok(role.rights.tags.iter().fold(access, |access, tag| {
        access
            .when(format!("aws:ResourceTag/{}", tag.key), [tag.value.clone()])
            .when(format!("iam:ResourceTag/{}", tag.key), [tag.value.clone()])
    }))
}

/// May the caller do `action` on this managed policy?
pub(super) fn on_policy(action: &'static str, _: &Context<'_, Iam>, arn: &str) -> Access {
    Access::to(action).on(arn).noting("policyArn", arn)
}

/// May the caller do `action` on what has this name, or is about to get it?
pub(super) fn on_new(cx: &Context<'_, Iam>, action: &'static str, resource: &str) -> Access {
    Access::to(action).on(keeptrail_arn::arn("iam", "", cx.account().as_str(), resource))
}

/// Adds the keys about tags in the request.
pub(super) fn with_tags(access: Access, tags: &[Tag]) -> Access {
    let access =
        tags.iter().fold(access, |access, tag| access.when(format!("aws:RequestTag/{}", tag.key), [tag.value.clone()]));
    if tags.is_empty() { access } else { access.when("aws:TagKeys", tags.iter().map(|tag| tag.key.clone())) }
}

/// The named user, or the caller if that is one.
pub(super) fn named_or_caller(cx: &Context<'_, Iam>, name: Option<&str>) -> Option<String> {
    match (name, &cx.identity().principal) {
        (Some(name), _) => Some(name.to_owned()),
        (None, Principal::User { .. }) => cx.identity().facts.user_name.clone(),
        (None, _) => None,
    }
}

/// The root user's key comes with the server's settings.
pub(super) fn root_keys() -> ApiError {
    ApiError::validation("Must specify userName when calling with non-User credentials")
}

/// An access key of this user.
pub(super) async fn key_of(cx: &Context<'_, Iam>, user: &str, id: &str) -> Result<AccessKey, ApiError> {
    let key = KEYS.get(cx.tx(), &[id]).await?;
    let own = key.filter(|key| key.user.as_deref() == Some(user) && key.account == cx.account().as_str());
    own.map(|key| AccessKey::clone(&key)).ok_or_else(|| errors::no_key(id))
}

/// Fails when there is no managed policy of this ARN.
pub(super) async fn require_policy(cx: &Context<'_, Iam>, arn: &str) -> Result<(), ApiError> {
    match managed_policy(cx.tx(), cx.account().as_str(), arn).await? {
        Some(_) => Ok(()),
        None => Err(errors::no_policy(arn)),
    }
}

/// Counts an attachment of a customer's policy; AWS's own are not counted.
pub(super) async fn count_attachment(cx: &Context<'_, Iam>, arn: &str, change: i32) -> Result<(), ApiError> {
    require_policy(cx, arn).await?;
    if crate::managed::document(arn).is_some() {
        return Ok(());
    }
    let account = cx.account().as_str();
    let mut policy = model::policy(cx.tx(), account, arn).await?;
    policy.attachments = policy.attachments.saturating_add_signed(change);
    POLICIES.put(cx.tx(), &[account, arn], &policy)?;
    Ok(())
}

/// A document as IAM's answers carry it.
pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// A page of a list.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) marker: Option<String>,
}

/// The items after the one whose key is `marker`. Lists are in the order of their keys, or of their making.
pub(super) fn page<T>(
    mut items: Vec<T>,
    key: impl Fn(&T) -> String,
    marker: Option<&str>,
    limit: Option<usize>,
) -> Result<Page<T>, ApiError> {
    let limit = limit.unwrap_or(DEFAULT);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::validation("MaxItems must be between 1 and 1000."));
    }
    if let Some(marker) = marker {
        let position = items.iter().position(|item| key(item) == marker);
        let position = position.ok_or_else(|| ApiError::validation("Invalid Marker."))?;
        items.drain(..=position);
    }
    let more = items.len() > limit;
    items.truncate(limit);
    let marker = items.last().filter(|_| more).map(key);
    Ok(Page { items, marker })
}
