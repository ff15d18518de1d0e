//! What an event can be found by.

use serde_json::Value;

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

    /// The value as it stands in a chunk's index.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::EventId(value) => key("id", value),
            Self::EventName(value) => key("name", value),
            Self::EventSource(value) => key("source", value),
            Self::ReadOnly(value) => key("read", value),
            Self::AccessKeyId(value) => key("key", value),
            Self::Username(value) => key("user", value),
            Self::ResourceType(value) => key("type", value),
            Self::ResourceName(value) => key("resource", value),
        }
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

fn key(kind: &str, value: &str) -> String {
    format!("{kind} {value}")
}

/// All that a record can be found by, as it stands in a chunk's index.
pub(super) fn values(record: &Value) -> Vec<String> {
    let text = |name: &str| record.get(name).and_then(Value::as_str);
    let one = [
        ("id", text("eventID")),
        ("name", text("eventName")),
        ("source", text("eventSource")),
        ("read", Some(if read_only(record) { "true" } else { "false" })),
        ("key", access_key(record)),
        ("user", username(record)),
    ];
    let mut values: Vec<String> = one.into_iter().filter_map(|(kind, value)| Some(key(kind, value?))).collect();
    for (kind, name) in resources(record) {
        values.extend([key("type", &kind), key("resource", &name)]);
    }
    values
}

/// The record's `readOnly`.
pub(crate) fn read_only(record: &Value) -> bool {
    record.get("readOnly").and_then(Value::as_bool).unwrap_or(false)
}

/// The access key that signed.
pub(crate) fn access_key(record: &Value) -> Option<&str> {
    record.pointer("/userIdentity/accessKeyId").and_then(Value::as_str)
}

/// The user's name, `root`, or the session's name of an assumed role.
pub(crate) fn username(record: &Value) -> Option<&str> {
    let identity = record.get("userIdentity")?;
    match identity.get("type").and_then(Value::as_str) {
        Some("Root") => Some("root"),
        Some("AssumedRole") => identity.get("arn").and_then(Value::as_str)?.rsplit('/').next(),
        _ => identity.get("userName").and_then(Value::as_str),
    }
}

/// Types and names: a secret stands there by ARN and by name.
pub(crate) fn resources(record: &Value) -> Vec<(String, String)> {
    let mut named = Vec::new();
    for resource in record.get("resources").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
        let (kind, arn) = (text("type"), text("ARN"));
        named.push((kind.to_owned(), arn.to_owned()));
        let secret = arn.split_once(":secret:").and_then(|(_, name)| name.rsplit_once('-'));
        if let Some((name, _)) = secret {
            named.push((kind.to_owned(), name.to_owned()));
        }
    }
    named
}
