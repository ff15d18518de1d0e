//! From a Rust value to the common tree.

use serde::ser::{self, Serialize};

use crate::{EncodeError, Timestamp, Value, blob, timestamp};

/// Turns an output into the tree that every protocol is written from.
///
/// # Errors
/// When a map's key is no string or number, an integer does not fit `i64`, or the type itself refuses.
pub fn to_value<T: Serialize + ?Sized>(output: &T) -> Result<Value, EncodeError> {
    output.serialize(Tree { binary: false })
}

/// `binary` asks a [`crate::Blob`] for its bytes instead of base64. It is off for everything else, so that foreign types keep their
/// readable form.
#[derive(Clone, Copy)]
struct Tree {
    binary: bool,
}

const TEXT: Tree = Tree { binary: false };

impl ser::Serializer for Tree {
    type Ok = Value;
    type Error = EncodeError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = InVariant<List>;
    type SerializeMap = Entries;
    type SerializeStruct = Members;
    type SerializeStructVariant = InVariant<Members>;

    fn is_human_readable(&self) -> bool {
        !self.binary
    }

    fn serialize_bool(self, v: bool) -> Result<Value, EncodeError> {
        Ok(Value::Bool(v))
    }

    fn serialize_i8(self, v: i8) -> Result<Value, EncodeError> {
        Ok(Value::Int(v.into()))
    }

    fn serialize_i16(self, v: i16) -> Result<Value, EncodeError> {
        Ok(Value::Int(v.into()))
    }

    fn serialize_i32(self, v: i32) -> Result<Value, EncodeError> {
        Ok(Value::Int(v.into()))
    }

    fn serialize_i64(self, v: i64) -> Result<Value, EncodeError> {
        Ok(Value::Int(v))
    }

    fn serialize_u8(self, v: u8) -> Result<Value, EncodeError> {
        Ok(Value::Int(v.into()))
    }

    fn serialize_u16(self, v: u16) -> Result<Value, EncodeError> {
        Ok(Value::Int(v.into()))
    }

    fn serialize_u32(self, v: u32) -> Result<Value, EncodeError> {
        Ok(Value::Int(v.into()))
    }

    fn serialize_u64(self, v: u64) -> Result<Value, EncodeError> {
        i64::try_from(v).map(Value::Int).map_err(|_| EncodeError::Range)
    }

    fn serialize_f32(self, v: f32) -> Result<Value, EncodeError> {
        Ok(Value::Float(v.into()))
    }

    fn serialize_f64(self, v: f64) -> Result<Value, EncodeError> {
        Ok(Value::Float(v))
    }

    fn serialize_char(self, v: char) -> Result<Value, EncodeError> {
        Ok(Value::String(v.into()))
    }

    fn serialize_str(self, v: &str) -> Result<Value, EncodeError> {
        Ok(Value::String(v.to_owned()))
    }

    fn serialize_bytes(self, v: &[u8]) -> Result<Value, EncodeError> {
        Ok(Value::Blob(v.to_vec().into()))
    }

    fn serialize_none(self) -> Result<Value, EncodeError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, v: &T) -> Result<Value, EncodeError> {
        v.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, EncodeError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, EncodeError> {
        Ok(Value::Struct(Vec::new()))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, EncodeError> {
        Ok(Value::String(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, v: &T) -> Result<Value, EncodeError> {
        match name {
            timestamp::MARKER => match v.serialize(TEXT)? {
                Value::Int(seconds) => Ok(Value::Timestamp(Timestamp::from_millis(seconds.saturating_mul(1000)))),
                Value::Float(seconds) => {
                    Timestamp::from_seconds(seconds).map(Value::Timestamp).ok_or(EncodeError::Range)
                }
                other => Ok(other),
            },
            blob::MARKER => v.serialize(Tree { binary: true }),
            _ => v.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        v: &T,
    ) -> Result<Value, EncodeError> {
        Ok(Value::Struct(vec![(variant, to_value(v)?)]))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<List, EncodeError> {
        Ok(List(Vec::with_capacity(len.unwrap_or_default())))
    }

    fn serialize_tuple(self, len: usize) -> Result<List, EncodeError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<List, EncodeError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<InVariant<List>, EncodeError> {
        Ok(InVariant { variant, inner: self.serialize_seq(Some(len))? })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Entries, EncodeError> {
        Ok(Entries { entries: Vec::with_capacity(len.unwrap_or_default()), key: None })
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Members, EncodeError> {
        Ok(Members(Vec::with_capacity(len)))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<InVariant<Members>, EncodeError> {
        Ok(InVariant { variant, inner: Members(Vec::with_capacity(len)) })
    }
}

struct List(Vec<Value>);

impl ser::SerializeSeq for List {
    type Ok = Value;
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), EncodeError> {
        self.0.push(to_value(v)?);
        Ok(())
    }

    fn end(self) -> Result<Value, EncodeError> {
        Ok(Value::List(self.0))
    }
}

impl ser::SerializeTuple for List {
    type Ok = Value;
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), EncodeError> {
        ser::SerializeSeq::serialize_element(self, v)
    }

    fn end(self) -> Result<Value, EncodeError> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for List {
    type Ok = Value;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), EncodeError> {
        ser::SerializeSeq::serialize_element(self, v)
    }

    fn end(self) -> Result<Value, EncodeError> {
        ser::SerializeSeq::end(self)
    }
}

/// An enum's variant with content: a structure with one member, as AWS writes unions.
struct InVariant<S> {
    variant: &'static str,
    inner: S,
}

impl<S> InVariant<S> {
    fn wrap(variant: &'static str, inner: Value) -> Value {
        Value::Struct(vec![(variant, inner)])
    }
}

impl ser::SerializeTupleVariant for InVariant<List> {
    type Ok = Value;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), EncodeError> {
        ser::SerializeSeq::serialize_element(&mut self.inner, v)
    }

    fn end(self) -> Result<Value, EncodeError> {
        Ok(Self::wrap(self.variant, ser::SerializeSeq::end(self.inner)?))
    }
}

struct Entries {
    entries: Vec<(String, Value)>,
    key: Option<String>,
}

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = EncodeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        self.key = Some(match to_value(key)? {
            Value::String(text) => text,
            Value::Int(n) => n.to_string(),
            _ => return Err(EncodeError::Key),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), EncodeError> {
        let key = self.key.take().ok_or(EncodeError::Key)?;
        self.entries.push((key, to_value(v)?));
        Ok(())
    }

    fn end(self) -> Result<Value, EncodeError> {
        Ok(Value::Map(self.entries))
    }
}

struct Members(Vec<(&'static str, Value)>);

impl Members {
    fn push<T: Serialize + ?Sized>(&mut self, name: &'static str, v: &T) -> Result<(), EncodeError> {
        let value = to_value(v)?;
        if !value.is_null() {
            self.0.push((name, value));
        }
        Ok(())
    }
}

impl ser::SerializeStruct for Members {
    type Ok = Value;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, v: &T) -> Result<(), EncodeError> {
        self.push(name, v)
    }

    fn end(self) -> Result<Value, EncodeError> {
        Ok(Value::Struct(self.0))
    }
}

impl ser::SerializeStructVariant for InVariant<Members> {
    type Ok = Value;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, v: &T) -> Result<(), EncodeError> {
        self.inner.push(name, v)
    }

    fn end(self) -> Result<Value, EncodeError> {
        Ok(Self::wrap(self.variant, Value::Struct(self.inner.0)))
    }
}
