//! What the operations on event data stores share.

use keeptrail_operation::{Access, ApiError, Context};

use crate::{
    DataStores, errors, imports,
    model::{self, EventDataStore, Status, StoreSet},
};

/// May the caller do `action` on the event data store that `name` (an id or an ARN) means?
pub(super) fn on_store(cx: &Context<'_, DataStores>, action: &'static str, name: &str) -> Result<Access, ApiError> {
    Ok(Access::to(action).on(model::arn(cx, name)?).noting("eventDataStore", name))
}

/// The store that `name` means.
pub(super) fn require<'a>(
    cx: &Context<'_, DataStores>,
    set: &'a StoreSet,
    name: &str,
) -> Result<&'a EventDataStore, ApiError> {
    set.find(cx.region().as_str(), &model::arn(cx, name)?).ok_or_else(|| errors::unknown_store(name))
}

/// Refuses to go on unless the store that `name` means has this status.
pub(super) fn require_status(
    cx: &Context<'_, DataStores>,
    set: &StoreSet,
    name: &str,
    status: Status,
) -> Result<(), ApiError> {
    let store = require(cx, set, name)?;
    if store.status() == status {
        return Ok(());
    }
    let text = format!("The event data store {} has the status {}; it must have {status}.", store.arn, store.status());
    Err(ApiError::new(errors::INVALID_STATUS, text))
}

/// Refuses to go on while something is imported into the store `id`.
pub(super) async fn refuse_while_importing(cx: &Context<'_, DataStores>, id: &str) -> Result<(), ApiError> {
    if imports::goes_on(cx.tx(), cx.account().as_str(), id).await? {
        let text = format!("An import into the event data store {id} is in progress; wait for it, or stop it.");
        return Err(ApiError::new(errors::BUSY_STORE, text));
    }
    Ok(())
}

/// The store that `name` means, to be changed; it must not have been deleted.
pub(super) fn change<'a>(
    cx: &Context<'_, DataStores>,
    set: &'a mut StoreSet,
    name: &str,
) -> Result<&'a mut EventDataStore, ApiError> {
    let store = require(cx, set, name)?;
    if store.deleted.is_some() {
        return Err(errors::inactive(store));
    }
    let id = store.id.clone();
    set.stores.get_mut(&id).ok_or_else(|| errors::unknown_store(name))
}
