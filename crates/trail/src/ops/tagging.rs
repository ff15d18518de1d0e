//! What the tagging operations share: which resource is meant, and its tags.

use keeptrail_arn::Arn;
use keeptrail_operation::{Access, ApiError, Context};

use super::shared;
use crate::{
    Trails, errors,
    model::{self, Tag},
};

/// May the caller do `action` on the trail or event data store that `resource` means?
pub(super) async fn on_resource(
    cx: &Context<'_, Trails>,
    action: &'static str,
    resource: &str,
) -> Result<Access, ApiError> {
    if is_data_store(resource) {
        return Ok(Access::to(action).on(resource).noting("resourceId", resource));
    }
    shared::on_trail(cx, action, resource).await
}

/// The tags of a trail or an event data store.
pub(super) async fn tags(cx: &Context<'_, Trails>, resource: &str) -> Result<Vec<Tag>, ApiError> {
    if is_data_store(resource) {
        let stores = &cx.service().data_stores;
        let tags = stores.tags(cx.tx(), cx.account().as_str(), cx.region().as_str(), resource).await?;
        return Ok(tags.into_iter().map(|(key, value)| Tag { key, value }).collect());
    }
    let set = model::set(cx).await?;
    let missing = || ApiError::new(errors::NO_RESOURCE, format!("Unknown trail: {resource}"));
    Ok(set.find(&model::arn(cx, resource)?).ok_or_else(missing)?.tags.clone())
}

/// Changes the tags of a trail or an event data store.
pub(super) async fn change(
    cx: &Context<'_, Trails>,
    resource: &str,
    change: impl FnOnce(&mut Vec<Tag>),
) -> Result<(), ApiError> {
    if is_data_store(resource) {
        let mut tags = tags(cx, resource).await?;
        change(&mut tags);
        let tags = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
        let stores = &cx.service().data_stores;
        return stores.set_tags(cx.tx(), cx.account().as_str(), cx.region().as_str(), resource, tags).await;
    }
    let mut set = model::set(cx).await?;
    let trail = set.change(cx, resource)?;
    change(&mut trail.tags);
    if trail.tags.len() > 50 {
        return Err(ApiError::new(errors::INVALID_TAG, "A trail can have at most 50 tags."));
    }
    Ok(model::save(cx, &set)?)
}

fn is_data_store(resource: &str) -> bool {
    Arn::parse(resource).is_ok_and(|arn| arn.service == "cloudtrail" && arn.resource.starts_with("eventdatastore/"))
}
