//! From the common tree to a Rust value.

use serde::de::{self, DeserializeOwned, Deserializer, Error, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use crate::access::{Members, Variant, visit_all, visit_list};
use crate::{DecodeError, Protocol, Value, query};

/// How much of a value's type its wire form tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Numbers and booleans are typed (JSON, CBOR).
    Typed,
    /// Numbers and booleans may come as text (members from a path or a query string).
    Text,
    /// Everything is text, and lists and maps are numbered structures (query).
    Query,
}

impl Style {
    /// The style in which a protocol's bodies are written.
    pub fn of(protocol: Protocol) -> Self {
        if protocol == Protocol::Query { Self::Query } else { Self::Typed }
    }
}

/// Reads a tree into a type. A structure's members that are null count as absent.
///
/// # Errors
/// When the tree does not have the shape of `T`. The error names the place by member names, never by content.
pub fn from_value<T: DeserializeOwned>(value: Value, style: Style) -> Result<T, DecodeError> {
    T::deserialize(Tree { value, style })
}

pub(crate) struct Tree {
    pub(crate) value: Value,
    pub(crate) style: Style,
}

impl Tree {
    fn mismatch(&self, expected: &dyn de::Expected) -> DecodeError {
        let found = match &self.value {
            Value::Null => Unexpected::Unit,
            Value::Bool(b) => Unexpected::Bool(*b),
            Value::Int(n) => Unexpected::Signed(*n),
            Value::Float(n) => Unexpected::Float(*n),
            Value::String(_) => Unexpected::Str("text"),
            Value::Blob(_) => Unexpected::Bytes(&[]),
            Value::Timestamp(_) => Unexpected::Other("timestamp"),
            Value::List(_) => Unexpected::Seq,
            Value::Map(_) | Value::Struct(_) => Unexpected::Map,
        };
        DecodeError::invalid_type(found, expected)
    }

    fn text(&self) -> Option<&str> {
        if self.style == Style::Typed { None } else { self.value.as_str() }
    }

    fn integer(&self) -> Option<i64> {
        match self.value {
            Value::Int(n) => Some(n),
            // Every whole float below 2^53 is exact; a client that writes 30.0 means 30.
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            Value::Float(n) if n.fract() == 0.0 && n.abs() < 9.0e15 => Some(n as i64),
            _ => self.text()?.parse().ok(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "the nearest float is what a float member asks for")]
    fn float(&self) -> Option<f64> {
        match &self.value {
            Value::Int(n) => Some(*n as f64),
            Value::Float(n) => Some(*n),
            Value::String(text) => match text.as_str() {
                "NaN" => Some(f64::NAN),
                "Infinity" => Some(f64::INFINITY),
                "-Infinity" => Some(f64::NEG_INFINITY),
                _ => self.text()?.parse().ok().filter(|n: &f64| n.is_finite()),
            },
            _ => None,
        }
    }

    fn visit_integer<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.integer() {
            Some(n) => visitor.visit_i64(n),
            None => Err(self.mismatch(&visitor)),
        }
    }

    fn visit_float<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.float() {
            Some(n) => visitor.visit_f64(n),
            None => Err(self.mismatch(&visitor)),
        }
    }

    /// Visits a map or structure; `fields` are the names that may be repeated in errors.
    pub(crate) fn visit_members<'de, V: Visitor<'de>>(
        self,
        visitor: V,
        fields: Option<&'static [&'static str]>,
    ) -> Result<V::Value, DecodeError> {
        let style = self.style;
        match self.value {
            Value::Map(entries) => visit_all(Members::new(entries.into_iter(), style, fields), visitor),
            Value::Struct(members) => visit_all(Members::new(members.into_iter(), style, fields), visitor),
            _ => Err(self.mismatch(&visitor)),
        }
    }
}

impl<'de> Deserializer<'de> for Tree {
    type Error = DecodeError;

    forward_to_deserialize_any! { char str string bytes byte_buf identifier }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(b),
            Value::Int(n) => visitor.visit_i64(n),
            Value::Float(n) => visitor.visit_f64(n),
            Value::String(text) => visitor.visit_string(text),
            Value::Blob(blob) => visitor.visit_byte_buf(blob.into_vec()),
            Value::Timestamp(at) => match at.parts() {
                (seconds, 0) => visitor.visit_i64(seconds),
                _ => visitor.visit_f64(at.seconds()),
            },
            Value::List(items) => visit_list(items, self.style, visitor),
            Value::Map(_) | Value::Struct(_) => self.visit_members(visitor, None),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match (&self.value, self.text()) {
            (Value::Bool(b), _) => visitor.visit_bool(*b),
            (_, Some("true")) => visitor.visit_bool(true),
            (_, Some("false")) => visitor.visit_bool(false),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_integer(visitor)
    }

    fn deserialize_i16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_integer(visitor)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_integer(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_integer(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_integer(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_integer(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_integer(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_integer(visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_float(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit_float(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    /// The input of an operation that takes none: absent, or an empty structure.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::Null => visitor.visit_unit(),
            Value::Map(entries) if entries.is_empty() => visitor.visit_unit(),
            Value::Struct(members) if members.is_empty() => visitor.visit_unit(),
            Value::Map(_) | Value::Struct(_) => Err(DecodeError::unknown_field("", &[])),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            Value::List(items) => visit_list(items, self.style, visitor),
            value if self.style == Style::Query => visit_list(query::list(value)?, self.style, visitor),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.style == Style::Query {
            let entries = query::map(self.value)?;
            return visit_all(Members::new(entries.into_iter(), self.style, None), visitor);
        }
        self.visit_members(visitor, None)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.visit_members(visitor, Some(fields))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let style = self.style;
        match self.value {
            Value::String(name) => visitor.visit_enum(Variant { name, content: Value::Null, style, variants }),
            Value::Map(entries) => {
                let mut set = entries.into_iter().filter(|(_, value)| !value.is_null());
                match (set.next(), set.next()) {
                    (Some((name, content)), None) => visitor.visit_enum(Variant { name, content, style, variants }),
                    _ => Err(DecodeError::shape("expected exactly one member")),
                }
            }
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }
}
