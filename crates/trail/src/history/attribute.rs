//! What an event can be found by.

use std::borrow::Cow;

use keeptrail_clock::Timestamp;
use serde::Deserialize;
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

/// What the history reads of a record: where it belongs, and what it can be found by.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head<'a> {
    #[serde(borrow)]
    pub(super) event_category: Cow<'a, str>,
    pub(super) event_time: Timestamp,
    #[serde(borrow)]
    pub(super) recipient_account_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) aws_region: Cow<'a, str>,
    #[serde(borrow, default, rename = "eventID")]
    event_id: Cow<'a, str>,
    #[serde(borrow, default)]
    event_name: Cow<'a, str>,
    #[serde(borrow, default)]
    event_source: Cow<'a, str>,
    #[serde(default)]
    read_only: bool,
    #[serde(borrow, default)]
    user_identity: Option<Caller<'a>>,
    #[serde(borrow, default)]
    resources: Option<Vec<Touched<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Caller<'a> {
    #[serde(borrow, default)]
    r#type: Cow<'a, str>,
    #[serde(borrow, default)]
    arn: Cow<'a, str>,
    #[serde(borrow, default)]
    user_name: Cow<'a, str>,
    #[serde(borrow, default)]
    access_key_id: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Touched<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default, rename = "ARN")]
    arn: Cow<'a, str>,
}

impl Head<'_> {
    /// All that the record can be found by, as it stands in a chunk's index.
    pub(super) fn values(&self) -> Vec<String> {
        let mut values = vec![
            key("id", &self.event_id),
            key("name", &self.event_name),
            key("source", &self.event_source),
            key("read", if self.read_only { "true" } else { "false" }),
        ];
        if let Some(caller) = &self.user_identity {
            values.push(key("key", &caller.access_key_id));
            values.extend(caller_name(&caller.r#type, &caller.arn, &caller.user_name).map(|name| key("user", name)));
        }
        for Touched { kind, arn } in self.resources.iter().flatten() {
            values.extend([key("type", kind), key("resource", arn)]);
            values.extend(secret_name(arn).map(|name| key("resource", name)));
        }
        values
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
