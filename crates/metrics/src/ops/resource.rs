//! Alarms as resources: their ARNs, rows and tags.

use std::{collections::BTreeMap, sync::Arc};

use keeptrail_arn::Arn;
use keeptrail_operation::{Access, ApiError, Context};
use serde::{Deserialize, Serialize};

use crate::{
    Alarm, Metrics,
    alarm::{ALARMS, millis},
    constraint::{INVALID_VALUE, RESOURCE_NOT_FOUND, RESOURCE_NOT_FOUND_EXCEPTION, items, length},
    watch,
};

/// Most tags of an alarm.
const MOST_TAGS: usize = 50;

/// A key and a value.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// The ARN of the alarm of this name.
pub(crate) fn arn(cx: &Context<'_, Metrics>, name: &str) -> String {
    cx.arn(&format!("alarm:{name}"))
}

/// May the caller do `action` on each of these alarms?
pub(crate) fn on_each(cx: &Context<'_, Metrics>, action: &'static str, names: &[String]) -> Vec<Access> {
    names.iter().map(|name| Access::to(action).on(arn(cx, name))).collect()
}

/// The alarm of this name.
pub(crate) async fn alarm(cx: &Context<'_, Metrics>, name: &str) -> Result<Option<Arc<Alarm>>, ApiError> {
    Ok(ALARMS.get(cx.tx(), &[cx.account().as_str(), cx.region().as_str(), name]).await?)
}

/// That there is no alarm of this name.
pub(crate) fn not_found(name: &str) -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, format!("There is no alarm named {name}."))
}

/// The alarm of this ARN, for the tagging operations.
pub(crate) async fn tagged(cx: &Context<'_, Metrics>, text: &str) -> Result<Arc<Alarm>, ApiError> {
    length("resourceARN", text, 1, 1024)?;
    let invalid = || ApiError::new(INVALID_VALUE, format!("Invalid ARN: {text}"));
    let parsed = Arn::parse(text).map_err(|_| invalid())?;
    let name = parsed.resource.strip_prefix("alarm:").filter(|_| parsed.service == "cloudwatch").ok_or_else(invalid)?;
    let found = if parsed.account == cx.account().as_str() && parsed.region == cx.region().as_str() {
        alarm(cx, name).await?
    } else {
        None
    };
    found.ok_or_else(|| ApiError::new(RESOURCE_NOT_FOUND_EXCEPTION, format!("The resource {text} does not exist.")))
}

/// Adds `new` to `tags`.
pub(crate) fn merge_tags(tags: &mut BTreeMap<String, String>, new: &[Tag]) -> Result<(), ApiError> {
    for (index, tag) in new.iter().enumerate() {
        let member = index + 1;
        length(&format!("tags.{member}.member.key"), &tag.key, 1, 128)?;
        length(&format!("tags.{member}.member.value"), &tag.value, 0, 256)?;
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(ApiError::new(INVALID_VALUE, "Tag keys that begin with aws: are reserved."));
        }
        tags.insert(tag.key.clone(), tag.value.clone());
    }
    items("tags", tags.len(), MOST_TAGS)
}

/// Tags in the order of their keys.
pub(crate) fn list_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// The condition keys of a request that brings tags.
pub(crate) fn with_tags(access: Access, tags: &[Tag]) -> Access {
    let named =
        tags.iter().fold(access, |access, tag| access.when(format!("aws:RequestTag/{}", tag.key), [tag.value.clone()]));
    if tags.is_empty() { named } else { named.when("aws:TagKeys", tags.iter().map(|tag| tag.key.clone())) }
}

/// Lets an alarm's actions run, or keeps them from running. A name without an alarm is passed over, as on AWS.
pub(crate) async fn set_actions_enabled(cx: &Context<'_, Metrics>, name: &str, enabled: bool) -> Result<(), ApiError> {
    let Some(before) = alarm(cx, name).await? else { return Ok(()) };
    if before.configuration.actions_enabled == enabled {
        return Ok(());
    }
    let mut after = Alarm::clone(&before);
    after.configuration.actions_enabled = enabled;
    after.configured = millis(cx.now());
    let (tx, account, region) = (cx.tx(), cx.account(), cx.region());
    watch::write(tx, account, region, Some(&before), &after)?;
    let previous = Some((&before.configuration, before.configured));
    Ok(cx.service().configured(tx, account, region, "update", &after, previous).await?)
}
