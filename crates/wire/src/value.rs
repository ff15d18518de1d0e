//! The tree every protocol is read into and written from.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

use crate::limits::{Budget, MAX_DEPTH};
use crate::{Blob, Timestamp};

/// A value of any protocol. `Debug` prints kinds and lengths, not contents, which may be secret.
#[derive(Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing: a member that is not set, or an operation without output.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction, or one outside `i64`.
    Float(f64),
    /// Text.
    String(String),
    /// Bytes.
    Blob(Blob),
    /// A point in time.
    Timestamp(Timestamp),
    /// A list.
    List(Vec<Value>),
    /// A map, in the order it was given. A decoder cannot tell a structure from a map and yields this for both.
    Map(Vec<(String, Value)>),
    /// A structure as [`crate::to_value`] yields it. Members that are not set are left out.
    Struct(Vec<(&'static str, Value)>),
}

impl Value {
    /// The member or entry of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Map(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            Self::Struct(members) => members.iter().find(|(key, _)| *key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, when it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Bool(_) => f.write_str("Bool"),
            Self::Int(_) => f.write_str("Int"),
            Self::Float(_) => f.write_str("Float"),
            Self::String(text) => write!(f, "String({} bytes)", text.len()),
            Self::Blob(blob) => blob.fmt(f),
            Self::Timestamp(_) => f.write_str("Timestamp"),
            Self::List(items) => f.debug_list().entries(items).finish(),
            Self::Map(entries) => write!(f, "Map({} entries)", entries.len()),
            Self::Struct(members) => f.debug_map().entries(members.iter().map(|(k, v)| (k, v))).finish(),
        }
    }
}

/// A JSON number cannot be infinite or NaN: AWS writes these as text.
pub(crate) fn non_finite(number: f64) -> Option<&'static str> {
    match number {
        n if n.is_finite() => None,
        n if n.is_nan() => Some("NaN"),
        n if n > 0.0 => Some("Infinity"),
        _ => Some("-Infinity"),
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(b) => serializer.serialize_bool(*b),
            Self::Int(n) => serializer.serialize_i64(*n),
            Self::Float(n) => match non_finite(*n) {
                Some(text) => serializer.serialize_str(text),
                None => serializer.serialize_f64(*n),
            },
            Self::String(text) => serializer.serialize_str(text),
            Self::Blob(blob) => blob.serialize(serializer),
            Self::Timestamp(at) => at.serialize(serializer),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
            Self::Struct(members) => {
                let mut fields = serializer.serialize_struct("Value", members.len())?;
                members.iter().try_for_each(|(name, value)| fields.serialize_field(name, value))?;
                fields.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Seed::new(&Budget::new()).deserialize(deserializer)
    }
}

/// Reads a [`Value`] within the limits.
#[derive(Clone, Copy)]
pub(crate) struct Seed<'b> {
    depth: usize,
    budget: &'b Budget,
}

impl<'b> Seed<'b> {
    pub(crate) fn new(budget: &'b Budget) -> Self {
        Self { depth: 0, budget }
    }

    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom("nested too deeply"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if !self.budget.take() {
            return Err(de::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(Value::Int(n))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a number beyond i64 is kept as the nearest float, as JSON readers do"
    )]
    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(i64::try_from(n).map_or(Value::Float(n as f64), Value::Int))
    }

    fn visit_f64<E>(self, n: f64) -> Result<Value, E> {
        Ok(Value::Float(n))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Blob(bytes.to_vec().into()))
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Blob(bytes.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut entries = Vec::new();
        while let Some(key) = map.next_key()? {
            entries.push((key, map.next_value_seed(inner)?));
        }
        Ok(Value::Map(entries))
    }
}
