//! From the common tree to a Rust value.

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::{DecodeError, DecodeErrorKind, Protocol, Value, query};

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

struct Tree {
    value: Value,
    style: Style,
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
    fn visit_members<'de, V: Visitor<'de>>(
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

fn visit_all<'de, V, I, K>(mut members: Members<I>, visitor: V) -> Result<V::Value, DecodeError>
where
    V: Visitor<'de>,
    I: Iterator<Item = (K, Value)>,
    K: AsRef<str>,
{
    let read = visitor.visit_map(&mut members)?;
    match members.rest.next() {
        None => Ok(read),
        Some(_) => Err(DecodeError::shape("structure has too many members")),
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

fn visit_list<'de, V: Visitor<'de>>(items: Vec<Value>, style: Style, visitor: V) -> Result<V::Value, DecodeError> {
    let mut list = List { items: items.into_iter(), index: 0, style };
    let read = visitor.visit_seq(&mut list)?;
    match list.items.next() {
        None => Ok(read),
        Some(_) => Err(DecodeError::shape("list has too many items")),
    }
}

struct List {
    items: std::vec::IntoIter<Value>,
    index: usize,
    style: Style,
}

impl<'de> SeqAccess<'de> for List {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        let Some(value) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Tree { value, style: self.style }).map(Some).map_err(|e| e.in_index(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// A structure's members (`fields` is some) or a map's entries.
struct Members<I> {
    rest: I,
    style: Style,
    fields: Option<&'static [&'static str]>,
    member: Option<&'static str>,
    value: Value,
}

impl<I> Members<I> {
    fn new(rest: I, style: Style, fields: Option<&'static [&'static str]>) -> Self {
        Self { rest, style, fields, member: None, value: Value::Null }
    }
}

impl<'de, I, K> MapAccess<'de> for Members<I>
where
    I: Iterator<Item = (K, Value)>,
    K: AsRef<str>,
{
    type Error = DecodeError;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        for (key, value) in self.rest.by_ref() {
            if self.fields.is_some() && value.is_null() {
                continue;
            }
            let key = key.as_ref();
            self.member = self.fields.and_then(|fields| fields.iter().copied().find(|field| *field == key));
            self.value = value;
            let key: StrDeserializer<'_, DecodeError> = key.into_deserializer();
            return seed.deserialize(key).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, DecodeError> {
        let tree = Tree { value: std::mem::take(&mut self.value), style: self.style };
        seed.deserialize(tree).map_err(|e| match self.member {
            Some(name) => e.in_member(name),
            None => e.in_key(),
        })
    }
}

/// One variant of an enum: a bare name, or a union's only member.
struct Variant {
    name: String,
    content: Value,
    style: Style,
    variants: &'static [&'static str],
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = DecodeError;
    type Variant = Content;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Content), DecodeError> {
        let member = self.variants.iter().copied().find(|variant| *variant == self.name);
        let name: StrDeserializer<'_, DecodeError> = self.name.as_str().into_deserializer();
        let variant = seed.deserialize(name)?;
        Ok((variant, Content { tree: Tree { value: self.content, style: self.style }, member }))
    }
}

struct Content {
    tree: Tree,
    member: Option<&'static str>,
}

impl Content {
    fn place(member: Option<&'static str>) -> impl FnOnce(DecodeError) -> DecodeError {
        move |e| match member {
            Some(name) => e.in_member(name),
            None => e,
        }
    }
}

impl<'de> VariantAccess<'de> for Content {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        if self.tree.value.is_null() {
            return Ok(());
        }
        Err(Self::place(self.member)(DecodeError::new(DecodeErrorKind::Shape, "expected no content")))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError> {
        seed.deserialize(self.tree).map_err(Self::place(self.member))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.tree.deserialize_seq(visitor).map_err(Self::place(self.member))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.tree.visit_members(visitor, Some(fields)).map_err(Self::place(self.member))
    }
}
