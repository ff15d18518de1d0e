//! How lists, structures, maps and unions of the common tree are walked, and where an error in them is.

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use crate::de::{Style, Tree};
use crate::{DecodeError, DecodeErrorKind, Value};

/// Visits members and makes sure that none is left.
pub(crate) fn visit_all<'de, V, I, K>(mut members: Members<I>, visitor: V) -> Result<V::Value, DecodeError>
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

/// Visits items and makes sure that none is left.
pub(crate) fn visit_list<'de, V: Visitor<'de>>(
    items: Vec<Value>,
    style: Style,
    visitor: V,
) -> Result<V::Value, DecodeError> {
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
pub(crate) struct Members<I> {
    rest: I,
    style: Style,
    fields: Option<&'static [&'static str]>,
    member: Option<&'static str>,
    value: Value,
}

impl<I> Members<I> {
    pub(crate) fn new(rest: I, style: Style, fields: Option<&'static [&'static str]>) -> Self {
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
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) content: Value,
    pub(crate) style: Style,
    pub(crate) variants: &'static [&'static str],
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

pub(crate) struct Content {
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
