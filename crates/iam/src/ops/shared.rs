//! What IAM's operations share: rights asked for, pages, documents as answers carry them.

use keeptrail_operation::{Access, ApiError, Context};
use keeptrail_policy::Principal;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    Iam, errors,
    model::{self, AccessKey, KEYS, ManagedPolicy, ROLES, Rights, Tag, USERS},
    validate,
};

/// RFC 3986: what is not unreserved is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const MOST: usize = 1000;
const DEFAULT: usize = 100;

/// May the caller do `action` on this user? One that does not exist is named as the caller did.
pub(super) async fn on_user(cx: &Context<'_, Iam>, action: &'static str, name: &str) -> Result<Access, ApiError> {
    let account = cx.account();
    let user = USERS.get(cx.tx(), account.as_str(), name).await?;
    let Some(user) = user else { return Ok(on_new(cx, action, &format!("user/{name}")).noting("userName", name)) };
    let access = Access::to(action).on(user.arn.as_str()).listing("AWS::IAM::User", account);
    Ok(tagged(access, &user.rights.tags))
}

/// May the caller do `action` on this role?
pub(super) async fn on_role(cx: &Context<'_, Iam>, action: &'static str, name: &str) -> Result<Access, ApiError> {
    let account = cx.account();
    let role = ROLES.get(cx.tx(), account.as_str(), name).await?;
    let Some(role) = role else { return Ok(on_new(cx, action, &format!("role/{name}")).noting("roleName", name)) };
    let access = Access::to(action).on(role.arn.as_str()).listing("AWS::IAM::Role", account);
    Ok(tagged(access, &role.rights.tags))
}

/// May the caller do `action` on this managed policy?
pub(super) async fn on_policy(cx: &Context<'_, Iam>, action: &'static str, arn: &str) -> Result<Access, ApiError> {
    let access = Access::to(action).on(arn).noting("policyArn", arn);
    let policy = model::find_policy(cx.tx(), cx.account().as_str(), arn).await?;
    Ok(match policy {
        Some(policy) => tagged(access.listing("AWS::IAM::Policy", cx.account()), &policy.tags),
        None => access,
    })
}

/// Adds the keys about the resource's tags.
pub(crate) fn tagged(access: Access, tags: &[Tag]) -> Access {
    tags.iter().fold(access, |access, tag| {
        access
            .when(format!("aws:ResourceTag/{}", tag.key), [tag.value.clone()])
            .when(format!("iam:ResourceTag/{}", tag.key), [tag.value.clone()])
    })
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
    let own = key.filter(|key| {
        key.account == cx.account().as_str()
            && key.user.as_deref().is_some_and(|owner| owner.eq_ignore_ascii_case(user))
    });
    own.map(|key| AccessKey::clone(&key)).ok_or_else(|| errors::no_key(id))
}

/// Counts an attachment of a customer's policy: one in use cannot be deleted. AWS's own are not counted.
pub(super) async fn count_attachment(cx: &Context<'_, Iam>, arn: &str, change: i32) -> Result<(), ApiError> {
    count(cx, arn, change, |policy| &mut policy.attachments).await
}

/// Sets a boundary, or takes it away, and counts its use.
pub(super) async fn set_boundary(
    cx: &Context<'_, Iam>,
    rights: &mut Rights,
    boundary: Option<&str>,
) -> Result<(), ApiError> {
    if let Some(old) = rights.boundary.take() {
        count(cx, &old, -1, |policy| &mut policy.boundaries).await?;
    }
    if let Some(new) = boundary {
        count(cx, new, 1, |policy| &mut policy.boundaries).await?;
        rights.boundary = Some(new.to_owned());
    }
    Ok(())
}

async fn count(
    cx: &Context<'_, Iam>,
    arn: &str,
    change: i32,
    counter: fn(&mut ManagedPolicy) -> &mut u32,
) -> Result<(), ApiError> {
    if crate::managed::document(arn).is_some() {
        return Ok(());
    }
    let account = cx.account().as_str();
    let mut policy = model::policy(cx.tx(), account, arn).await?;
    let count = counter(&mut policy);
    *count = count.saturating_add_signed(change);
    model::save_policy(cx.tx(), account, &policy)?;
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

/// The items after the key `marker`, in the order of their keys: an item that goes between two pages moves nothing.
pub(super) fn page<T>(
    mut items: Vec<T>,
    key: impl Fn(&T) -> String,
    marker: Option<&str>,
    limit: Option<usize>,
) -> Result<Page<T>, ApiError> {
    let limit = limit.unwrap_or(DEFAULT);
    if !(1..=MOST).contains(&limit) {
        let must = if limit == 0 { "greater than or equal to 1" } else { "less than or equal to 1000" };
        return Err(validate::constraint("maxItems", &limit.to_string(), &format!("have value {must}")));
    }
    items.sort_by_cached_key(&key);
    if let Some(marker) = marker {
        items.retain(|item| key(item).as_str() > marker);
    }
    let more = items.len() > limit;
    items.truncate(limit);
    let marker = items.last().filter(|_| more).map(key);
    Ok(Page { items, marker })
}
