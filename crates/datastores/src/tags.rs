//! Tags of event data stores. CloudTrail's tagging operations are those of trails; the binary's wiring brings them here.

use keeptrail_operation::ApiError;
use keeptrail_store::Tx;

use crate::{
    errors,
    model::{self, EventDataStore, StoreSet, Tag},
};

/// The most tags of a store.
const MOST: usize = 50;

/// The tags of the event data store with this ARN: keys and values.
///
/// # Errors
/// When there is no such store in the account and region, or it was deleted.
pub async fn tags(tx: &Tx, account: &str, region: &str, arn: &str) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let set = model::of_account(tx, account).await?;
    let store = living(&set, region, arn)?;
    Ok(store.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect())
}

/// Sets the tags of the event data store with this ARN, in `tx`.
///
/// # Errors
/// As [`tags`]; or a key or value is too long, or there are too many.
pub async fn set_tags(
    tx: &Tx,
    account: &str,
    region: &str,
    arn: &str,
    tags: Vec<(String, Option<String>)>,
) -> Result<(), ApiError> {
    let tags: Vec<Tag> = tags.into_iter().map(|(key, value)| Tag { key, value }).collect();
    check(&tags)?;
    let mut set = StoreSet::clone(&*model::of_account(tx, account).await?);
    let id = living(&set, region, arn)?.id.clone();
    if let Some(store) = set.stores.get_mut(&id) {
        store.tags = tags;
    }
    Ok(model::save(tx, account, &set).await?)
}

/// Checks what a store is to be tagged with.
pub(crate) fn check(tags: &[Tag]) -> Result<(), ApiError> {
    let invalid = |text: &'static str| Err(ApiError::new(errors::INVALID_TAG, text));
    if tags.iter().any(|tag| tag.key.is_empty() || tag.key.chars().count() > 128) {
        return invalid("A tag key has 1 to 128 characters.");
    }
    if tags.iter().any(|tag| tag.value.as_ref().is_some_and(|value| value.chars().count() > 256)) {
        return invalid("A tag value has at most 256 characters.");
    }
    let mut keys: Vec<&str> = tags.iter().map(|tag| tag.key.as_str()).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair.first() == pair.last()) {
        return invalid("A tag key must not come twice.");
    }
    if tags.len() > MOST {
        return Err(ApiError::new(errors::TOO_MANY_TAGS, "An event data store can have at most 50 tags."));
    }
    Ok(())
}

fn living<'a>(set: &'a StoreSet, region: &str, arn: &str) -> Result<&'a EventDataStore, ApiError> {
    let store = set.find(region, arn).ok_or_else(|| errors::unknown_store(arn))?;
    if store.deleted.is_some() {
        return Err(errors::inactive(store));
    }
    Ok(store)
}
