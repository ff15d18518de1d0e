//! The query that a call names, and who may ask for it.

use std::sync::Arc;

use keeptrail_arn::Arn;
use keeptrail_operation::{Access, ApiError, Context};
use keeptrail_store::Tx;

use super::{
    Queries,
    model::{QUERIES, Query},
};
use crate::{errors, model, place::Place};

/// What a caller needs for a query: the right to `action` on every event data store that it asks. One that is not there is
/// not found by callers with the right to any store.
pub(crate) async fn access(
    cx: &Context<'_, Queries>,
    action: &'static str,
    query: &str,
) -> Result<Vec<Access>, ApiError> {
    let place = Place::in_call(cx, query);
    let found = QUERIES.get(cx.tx(), &place.parts()).await?;
    let stores = found.map(|found| found.stores.clone()).unwrap_or_else(|| vec!["*".to_owned()]);
    let access = |store: &String| Access::to(action).on(place.store_arn(store)).noting("queryId", query);
    Ok(stores.iter().map(access).collect())
}

/// The query with this id, of the caller's account and region. `store` is the event data store that the caller names, if
/// any: it must be one that the query asks. Results of a store that is gone are gone.
pub(crate) async fn find(
    cx: &Context<'_, Queries>,
    query: &str,
    store: Option<&str>,
) -> Result<(Place, Arc<Query>), ApiError> {
    let place = Place::in_call(cx, query);
    let unknown = || ApiError::new(errors::QUERY_NOT_FOUND, format!("The query ID {query} does not exist."));
    let found = QUERIES.get(cx.tx(), &place.parts()).await?.ok_or_else(unknown)?;
    if let Some(store) = store {
        let id = store_id(cx, store)?;
        if !found.stores.contains(&id) {
            return Err(unknown());
        }
    }
    for store in &found.stores {
        readable(cx.tx(), &place.account, &place.region, store).await?;
    }
    Ok((place, found))
}

/// The id of the event data store that an id or an ARN of the caller's account and region names.
pub(crate) fn store_id<S>(cx: &Context<'_, S>, name: &str) -> Result<String, ApiError> {
    if !name.starts_with("arn:") {
        return Ok(name.to_ascii_lowercase());
    }
    let own = |arn: &Arn<'_>| {
        arn.service == "cloudtrail" && arn.region == cx.region().as_str() && arn.account == cx.account().as_str()
    };
    let id = Arn::parse(name).ok().filter(own).and_then(|arn| arn.resource.strip_prefix("eventdatastore/"));
    id.map(str::to_ascii_lowercase).ok_or_else(|| {
        let text = format!("The ARN {name} is not valid or does not map to an event data store in your account.");
        ApiError::new(errors::INVALID_ARN, text)
    })
}

/// Whether there is such an event data store in the account and region, and it is not about to be deleted.
pub(crate) async fn readable(tx: &Tx, account: &str, region: &str, id: &str) -> Result<(), ApiError> {
    let set = model::of_account(tx, account).await?;
    let store = set.stores.get(id).filter(|store| store.region == region).ok_or_else(|| errors::unknown_store(id))?;
    if store.status() == model::Status::PendingDeletion {
        return Err(errors::inactive(store));
    }
    Ok(())
}

/// Event data stores of other accounts are not queried.
pub(crate) fn check_owner(cx: &Context<'_, Queries>, owner: Option<&str>) -> Result<(), ApiError> {
    match owner {
        Some(owner) if owner != cx.account().as_str() => Err(ApiError::not_carried_out(
            "queries over other accounts' event data stores (EventDataStoreOwnerAccountId)",
        )),
        _ => Ok(()),
    }
}
