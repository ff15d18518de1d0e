//! `requestParameters` and `responseElements`: named members only, keys as CloudTrail writes them.

use serde::{Serialize, Serializer, ser};
use serde_json::{Map, Value, value::Serializer as Plain};

use crate::english_date;

/// The name under which the wire's timestamps announce themselves to a serialiser.
const TIMESTAMP: &str = "$keeptrail.timestamp";
/// The name under which the wire's blobs announce themselves to a serialiser.
const BLOB: &str = "$keeptrail.blob";
/// Deeper structures than any AWS shape has.
const DEEPEST: usize = 32;

/// A shape that cannot be put on a record.
#[derive(Debug, thiserror::Error)]
#[error("the members cannot be put on a record: {0}")]
pub struct ParameterError(String);

impl ser::Error for ParameterError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl From<serde_json::Error> for ParameterError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

/// The members of `shape` that `allowed` names, by their AWS names: first letters lowered, absent members left out,
/// dates in English text, blobs left out. `None` when nothing remains. A member that is not named is not serialised.
///
/// # Errors
/// When `shape` is not a structure or is nested too deeply.
pub fn parameters<T: Serialize>(shape: &T, allowed: &[&str]) -> Result<Option<Value>, ParameterError> {
    if allowed.is_empty() {
        return Ok(None);
    }
    let members = shape.serialize(Members { allowed: Some(allowed), depth: 0 })?;
    Ok(Some(members).filter(|members| members.as_object().is_none_or(|members| !members.is_empty())))
}

/// `SecretId` as `secretId`; `ARN`, which CloudTrail writes as `arn`, as `arn`.
#[must_use]
pub fn lower_first(name: &str) -> String {
    if name == "ARN" {
        return "arn".to_owned();
    }
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + characters.as_str())
}

/// A serialiser to [`Value`] that lowers the members' names and, at the top, keeps the allowed ones.
#[derive(Clone, Copy)]
struct Members<'a> {
    allowed: Option<&'a [&'a str]>,
    depth: usize,
}

impl Members<'_> {
    fn inner(self) -> Result<Members<'static>, ParameterError> {
        if self.depth >= DEEPEST {
            return Err(ParameterError("nested too deeply".to_owned()));
        }
        Ok(Members { allowed: None, depth: self.depth + 1 })
    }
}

struct Structure<'a> {
    members: Members<'a>,
    object: Map<String, Value>,
    /// A map's keys are the user's own and stay as they are.
    key: Option<String>,
}

struct List {
    members: Members<'static>,
    items: Vec<Value>,
}

macro_rules! scalars {
    ($($method:ident: $kind:ty),*) => {$(
        fn $method(self, value: $kind) -> Result<Value, ParameterError> {
            Ok(Plain.$method(value)?)
        }
    )*};
}

impl<'a> Serializer for Members<'a> {
    type Ok = Value;
    type Error = ParameterError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = ser::Impossible<Value, ParameterError>;
    type SerializeMap = Structure<'a>;
    type SerializeStruct = Structure<'a>;
    type SerializeStructVariant = ser::Impossible<Value, ParameterError>;

    scalars!(serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32,
        serialize_f64: f64, serialize_char: char, serialize_str: &str);

    fn serialize_bytes(self, _bytes: &[u8]) -> Result<Value, ParameterError> {
        Ok(Value::Null)
    }

    fn serialize_none(self) -> Result<Value, ParameterError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ParameterError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, ParameterError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, ParameterError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, ParameterError> {
        Ok(Value::String(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, ParameterError> {
        match name {
            BLOB => Ok(Value::Null),
            TIMESTAMP => {
                let seconds = value.serialize(Plain)?.as_f64().unwrap_or_default();
                #[expect(clippy::cast_possible_truncation, reason = "whole seconds are what is written")]
                let time = jiff::Timestamp::from_second(seconds as i64).unwrap_or_default();
                Ok(Value::String(english_date(time)))
            }
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, ParameterError> {
        let value = value.serialize(self.inner()?)?;
        Ok(Value::Object(Map::from_iter([(lower_first(variant), value)])))
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<List, ParameterError> {
        Ok(List { members: self.inner()?, items: Vec::new() })
    }

    fn serialize_tuple(self, _length: usize) -> Result<List, ParameterError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<List, ParameterError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant, ParameterError> {
        Err(ParameterError("no AWS shape is a tuple".to_owned()))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Structure<'a>, ParameterError> {
        self.inner()?;
        Ok(Structure { members: self, object: Map::new(), key: None })
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Structure<'a>, ParameterError> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant, ParameterError> {
        Err(ParameterError("no AWS shape is a structured variant".to_owned()))
    }
}

impl ser::SerializeStruct for Structure<'_> {
    type Ok = Value;
    type Error = ParameterError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), ParameterError> {
        if self.members.allowed.is_none_or(|allowed| allowed.contains(&name)) {
            let value = value.serialize(self.members.inner()?)?;
            if !value.is_null() {
                self.object.insert(lower_first(name), value);
            }
        }
        Ok(())
    }

    fn end(self) -> Result<Value, ParameterError> {
        Ok(Value::Object(self.object))
    }
}

impl ser::SerializeMap for Structure<'_> {
    type Ok = Value;
    type Error = ParameterError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ParameterError> {
        self.key = key.serialize(Plain)?.as_str().map(str::to_owned);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ParameterError> {
        if let Some(key) = self.key.take()
            && self.members.allowed.is_none_or(|allowed| allowed.contains(&key.as_str()))
        {
            let value = value.serialize(self.members.inner()?)?;
            self.object.insert(key, value);
        }
        Ok(())
    }

    fn end(self) -> Result<Value, ParameterError> {
        Ok(Value::Object(self.object))
    }
}

impl ser::SerializeSeq for List {
    type Ok = Value;
    type Error = ParameterError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ParameterError> {
        self.items.push(value.serialize(self.members)?);
        Ok(())
    }

    fn end(self) -> Result<Value, ParameterError> {
        Ok(Value::Array(self.items))
    }
}

macro_rules! as_sequence {
    ($($kind:ident::$method:ident),*) => {$(
        impl ser::$kind for List {
            type Ok = Value;
            type Error = ParameterError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ParameterError> {
                ser::SerializeSeq::serialize_element(self, value)
            }

            fn end(self) -> Result<Value, ParameterError> {
                ser::SerializeSeq::end(self)
            }
        }
    )*};
}

as_sequence!(SerializeTuple::serialize_element, SerializeTupleStruct::serialize_field);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Filter {
        key: String,
        values: Vec<String>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Request {
        secret_id: String,
        max_results: Option<u32>,
        filters: Vec<Filter>,
        secret_string: String,
        attributes: BTreeMap<String, String>,
    }

    fn request() -> Request {
        Request {
            secret_id: "a/b".into(),
            max_results: None,
            filters: vec![Filter { key: "tag-key".into(), values: vec!["X".into()] }],
            secret_string: "canary".into(),
            attributes: BTreeMap::from([("DisplayName".into(), "n".into())]),
        }
    }

    #[test]
    fn only_named_members_are_written_and_their_names_are_lowered_at_every_depth() {
        let written = parameters(&request(), &["SecretId", "MaxResults", "Filters", "Attributes"]).unwrap().unwrap();
        let expected = json!({
            "secretId": "a/b",
            "filters": [{"key": "tag-key", "values": ["X"]}],
            "attributes": {"DisplayName": "n"},
        });
        assert_eq!(written, expected);
    }

    #[test]
    fn a_member_that_nobody_named_is_not_even_serialised() {
        struct Bomb;
        impl Serialize for Bomb {
            fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                panic!("serialised");
            }
        }
        #[derive(Serialize)]
        struct Shape {
            name: &'static str,
            secret: Bomb,
        }
        assert_eq!(parameters(&Shape { name: "n", secret: Bomb }, &["name"]).unwrap(), Some(json!({"name": "n"})));
    }

    #[test]
    fn nothing_named_is_null() {
        assert_eq!(parameters(&request(), &[]).unwrap(), None);
        assert_eq!(parameters(&request(), &["MaxResults"]).unwrap(), None);
    }
}
