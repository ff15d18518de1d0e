//! Log groups and streams as resources: names, ARNs, rows and tags.

use std::{collections::BTreeMap, sync::Arc};

use keeptrail_arn::Arn;
use keeptrail_operation::{Access, ApiError, Context, codes};

use crate::{
    Logs, LogsError,
    constraint::{RESOURCE_NOT_FOUND, TOO_MANY_TAGS, group_name, invalid, items, length, name},
    model::{GROUPS, Group, STREAMS, Stream},
};

/// Most tags of a log group.
const MOST_TAGS: usize = 50;

/// The ARN of a log group, as the tagging operations take it.
pub(crate) fn group_arn(cx: &Context<'_, Logs>, group: &str) -> String {
    cx.arn(&format!("log-group:{group}"))
}

/// May the caller do `action` on this group? Policies name a group as `log-group:NAME:*`, so that is how it is asked for.
pub(crate) fn on_group(cx: &Context<'_, Logs>, action: &'static str, group: &str) -> Access {
    on_stream(cx, action, group, "")
}

/// May the caller do `action` on this stream?
pub(crate) fn on_stream(cx: &Context<'_, Logs>, action: &'static str, group: &str, stream: &str) -> Access {
    Access::to(action).on(cx.arn(&format!("log-group:{group}:log-stream:{stream}")))
}

/// That there is no such group.
pub(crate) fn no_group() -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, "The specified log group does not exist.")
}

/// The group of this name.
pub(crate) async fn find_group(cx: &Context<'_, Logs>, group: &str) -> Result<Option<Arc<Group>>, ApiError> {
    group_name("logGroupName", group)?;
    Ok(GROUPS.get(cx.tx(), &[cx.account().as_str(), cx.region().as_str(), group]).await?)
}

/// The group of this name, which must exist.
pub(crate) async fn group(cx: &Context<'_, Logs>, name: &str) -> Result<Arc<Group>, ApiError> {
    find_group(cx, name).await?.ok_or_else(no_group)
}

/// Writes a group's row.
pub(crate) fn put_group(cx: &Context<'_, Logs>, group: &Group) -> Result<(), ApiError> {
    Ok(GROUPS.put(cx.tx(), &[cx.account().as_str(), cx.region().as_str(), &group.name], group)?)
}

/// The stream of this name, if there is one.
pub(crate) async fn find_stream(
    cx: &Context<'_, Logs>,
    group: &Group,
    stream: &str,
) -> Result<Option<Arc<Stream>>, ApiError> {
    name("logStreamName", stream)?;
    Ok(STREAMS.get(cx.tx(), &[cx.account().as_str(), cx.region().as_str(), &group.id, stream]).await?)
}

/// The stream of this name, which must exist.
pub(crate) async fn stream(cx: &Context<'_, Logs>, group: &Group, name: &str) -> Result<Arc<Stream>, ApiError> {
    let missing = || ApiError::new(RESOURCE_NOT_FOUND, "The specified log stream does not exist.");
    find_stream(cx, group, name).await?.ok_or_else(missing)
}

/// The name in a log group's ARN, with or without `:*` at its end.
fn name_in(cx: &Context<'_, Logs>, text: &str) -> Option<Result<String, ApiError>> {
    let arn = Arn::parse(text).ok().filter(|arn| arn.service == "logs")?;
    let name = arn.resource.strip_prefix("log-group:")?;
    let name = name.strip_suffix(":*").unwrap_or(name);
    if arn.account != cx.account().as_str() || arn.region != cx.region().as_str() {
        return Some(Err(no_group()));
    }
    Some(Ok(name.to_owned()))
}

/// The name of the group that a request means by name or by identifier (a name or an ARN).
pub(crate) fn identified(
    cx: &Context<'_, Logs>,
    name: Option<&str>,
    identifier: Option<&str>,
) -> Result<String, ApiError> {
    match (name, identifier) {
        (Some(name), None) => Ok(name.to_owned()),
        (None, Some(identifier)) => {
            length("logGroupIdentifier", identifier, 1, 2048)?;
            name_in(cx, identifier).unwrap_or_else(|| Ok(identifier.to_owned()))
        }
        (Some(_), Some(_)) => Err(invalid("LogGroupName and LogGroupIdentifier cannot both be specified.")),
        (None, None) => Err(invalid("Either LogGroupName or LogGroupIdentifier must be specified.")),
    }
}

/// The name of the group that a tagging operation's ARN means.
pub(crate) fn tagged(cx: &Context<'_, Logs>, arn: &str) -> Result<String, ApiError> {
    length("resourceArn", arn, 1, 1011)?;
    name_in(cx, arn).unwrap_or_else(|| Err(invalid(format!("The ARN {arn} is not the ARN of a log group."))))
}

/// The condition keys of a request that brings tags.
pub(crate) fn with_tags(access: Access, tags: &BTreeMap<String, String>) -> Access {
    if tags.is_empty() {
        return access;
    }
    let named =
        tags.iter().fold(access, |access, (key, value)| access.when(format!("aws:RequestTag/{key}"), [value.clone()]));
    named.when("aws:TagKeys", tags.keys().cloned())
}

/// Adds `new` to `tags`.
pub(crate) fn merge_tags(tags: &mut BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Result<(), ApiError> {
    items("tags", new.len(), 0, MOST_TAGS)?;
    for (key, value) in new {
        length("tags", key, 1, 128)?;
        length("tags", value, 0, 256)?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid("aws: prefixed tag key names are not allowed for external use."));
        }
        tags.insert(key.clone(), value.clone());
    }
    if tags.len() > MOST_TAGS {
        return Err(ApiError::new(TOO_MANY_TAGS, format!("A resource can have at most {MOST_TAGS} tags.")));
    }
    Ok(())
}

/// Sets tags of a group.
pub(crate) async fn tag(cx: &Context<'_, Logs>, name: &str, tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let mut group = Group::clone(&*group(cx, name).await?);
    merge_tags(&mut group.tags, tags)?;
    put_group(cx, &group)
}

/// Removes tags of a group.
pub(crate) async fn untag(cx: &Context<'_, Logs>, name: &str, keys: &[String]) -> Result<(), ApiError> {
    items("tagKeys", keys.len(), 0, MOST_TAGS)?;
    let mut group = Group::clone(&*group(cx, name).await?);
    group.tags.retain(|key, _| !keys.contains(key));
    put_group(cx, &group)
}

impl From<LogsError> for ApiError {
    fn from(error: LogsError) -> Self {
        match error {
            LogsError::NoGroup(_) => no_group(),
            LogsError::Store(error) => error.into(),
            LogsError::NoRandomness(error) => error.into(),
        }
    }
}

/// A member that only has one value here.
pub(crate) fn only_standard_class(class: Option<&str>) -> Result<(), ApiError> {
    match class {
        None | Some("STANDARD") => Ok(()),
        Some(other) => Err(ApiError::new(
            codes::NOT_CARRIED_OUT,
            format!("keeptrail does not carry out the log group class {other}: every log group is STANDARD."),
        )),
    }
}
