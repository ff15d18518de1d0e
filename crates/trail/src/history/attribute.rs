//! What an event can be found by.

use keeptrail_pattern::document::{Document, Part};
use serde_json::Value;

use super::index::hash;

/// An attribute with the wanted value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attribute {
    EventId(String),
    EventName(String),
    ReadOnly(String),
    Username(String),
    ResourceType(String),
    ResourceName(String),
    EventSource(String),
    AccessKeyId(String),
}

impl Attribute {
    /// The attribute of this API name.
    pub(crate) fn named(name: &str, value: String) -> Option<Self> {
        Some(match name {
            "EventId" => Self::EventId(value),
            "EventName" => Self::EventName(value),
            "ReadOnly" => Self::ReadOnly(value),
            "Username" => Self::Username(value),
            "ResourceType" => Self::ResourceType(value),
            "ResourceName" => Self::ResourceName(value),
            "EventSource" => Self::EventSource(value),
            "AccessKeyId" => Self::AccessKeyId(value),
            _ => return None,
        })
    }

    /// Its hash in a chunk's index.
    pub(crate) fn hash(&self) -> u32 {
        let (kind, value) = match self {
            Self::EventId(value) => (Kind::Id, value),
            Self::EventName(value) => (Kind::Name, value),
            Self::EventSource(value) => (Kind::Source, value),
            Self::ReadOnly(value) => (Kind::ReadOnly, value),
            Self::AccessKeyId(value) => (Kind::AccessKey, value),
            Self::Username(value) => (Kind::User, value),
            Self::ResourceType(value) => (Kind::ResourceType, value),
            Self::ResourceName(value) => (Kind::Resource, value),
        };
        hash(kind.name(), value)
    }

    /// A text that must occur in the bytes of every record that matches: lines without it are not parsed.
    pub(crate) fn needle(&self) -> Option<String> {
        let value = match self {
            Self::EventId(value)
            | Self::EventName(value)
            | Self::EventSource(value)
            | Self::AccessKeyId(value)
            | Self::ResourceType(value)
            | Self::ResourceName(value) => value,
            // `root` and the booleans do not stand in the record as they are asked for.
            Self::Username(value) if value != "root" => value,
            Self::Username(_) | Self::ReadOnly(_) => return None,
        };
        // As JSON writes it.
        let quoted = serde_json::to_string(value).ok()?;
        Some(quoted.trim_matches('"').to_owned())
    }

    /// Whether a record has it.
    pub(crate) fn matches(&self, record: &Value) -> bool {
        let is = |name: &str, value: &str| record.get(name).and_then(Value::as_str) == Some(value);
        match self {
            Self::EventId(value) => is("eventID", value),
            Self::EventName(value) => is("eventName", value),
            Self::EventSource(value) => is("eventSource", value),
            Self::ReadOnly(value) => read_only(record).to_string() == *value,
            Self::AccessKeyId(value) => access_key(record) == Some(value.as_str()),
            Self::Username(value) => username(record) == Some(value.as_str()),
            Self::ResourceType(value) => resources(record).iter().any(|(kind, _)| kind == value),
            Self::ResourceName(value) => resources(record).iter().any(|(_, name)| name == value),
        }
    }
}

/// What a value in a chunk's index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Id,
    Name,
    Source,
    ReadOnly,
    AccessKey,
    User,
    ResourceType,
    Resource,
}

impl Kind {
    /// Its name, which is hashed with the value: the hashes are stored.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Source => "source",
            Self::ReadOnly => "read",
            Self::AccessKey => "key",
            Self::User => "user",
            Self::ResourceType => "type",
            Self::Resource => "resource",
        }
    }
}

/// All that a record can be found by.
pub(super) fn each_value<'d>(record: &'d Document<'_>, mut each: impl FnMut(Kind, &'d str)) {
    let text = |name: &str| record.text(name).unwrap_or_default();
    each(Kind::Id, text("eventID"));
    each(Kind::Name, text("eventName"));
    each(Kind::Source, text("eventSource"));
    each(Kind::ReadOnly, if record.flag("readOnly") == Some(true) { "true" } else { "false" });
    if let Some(caller) = record.root().member("userIdentity").filter(|caller| !caller.is_null()) {
        let text = |name: &str| caller.text(name).unwrap_or_default();
        each(Kind::AccessKey, text("accessKeyId"));
        if let Some(name) = caller_name(text("type"), text("arn"), text("userName")) {
            each(Kind::User, name);
        }
    }
    let resources = record.root().member("resources");
    for resource in resources.into_iter().flat_map(Part::elements) {
        let arn = resource.text("ARN").unwrap_or_default();
        each(Kind::ResourceType, resource.text("type").unwrap_or_default());
        each(Kind::Resource, arn);
        if let Some(name) = secret_name(arn) {
            each(Kind::Resource, name);
        }
    }
}

/// The user's name, `root`, or the session's name of an assumed role.
fn caller_name<'a>(kind: &str, arn: &'a str, user_name: &'a str) -> Option<&'a str> {
    let name = match kind {
        "Root" => "root",
        "AssumedRole" => arn.rsplit('/').next().unwrap_or_default(),
        _ => user_name,
    };
    Some(name).filter(|name| !name.is_empty())
}

/// A secret's name, if it is a secret's ARN.
fn secret_name(arn: &str) -> Option<&str> {
    arn.split_once(":secret:").and_then(|(_, name)| name.rsplit_once('-')).map(|(name, _)| name)
}

/// The record's `readOnly`.
pub(crate) fn read_only(record: &Value) -> bool {
    record.get("readOnly").and_then(Value::as_bool).unwrap_or(false)
}

/// The access key that signed.
pub(crate) fn access_key(record: &Value) -> Option<&str> {
    record.pointer("/userIdentity/accessKeyId").and_then(Value::as_str)
}

/// The name by which the caller is looked up.
pub(crate) fn username(record: &Value) -> Option<&str> {
    let identity = record.get("userIdentity")?;
    let text = |name: &str| identity.get(name).and_then(Value::as_str).unwrap_or_default();
    caller_name(text("type"), text("arn"), text("userName"))
}

/// Types and names: a secret stands there by ARN and by name.
pub(crate) fn resources(record: &Value) -> Vec<(String, String)> {
    let mut named = Vec::new();
    for resource in record.get("resources").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
        let (kind, arn) = (text("type"), text("ARN"));
        named.push((kind.to_owned(), arn.to_owned()));
        named.extend(secret_name(arn).map(|name| (kind.to_owned(), name.to_owned())));
    }
    named
}
