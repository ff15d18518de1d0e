//! CBOR bodies of rpc-v2-cbor (Smithy's protocol on RFC 8949).

use minicbor::Decoder;
use minicbor::data::{Tag, Type};

use crate::limits::{Budget, MAX_DEPTH};
use crate::{DecodeError, EncodeError, Timestamp, Value};

/// Tag 1: seconds since 1970.
const EPOCH_TAG: u64 = 1;

/// Reads a CBOR body. An empty body is an empty structure.
///
/// Nothing is allocated from a declared length, so a few bytes cannot claim much memory. Of the tags only 1 (a timestamp) is known to
/// the protocol's shapes; others are refused.
///
/// # Errors
/// When it is not one well-formed CBOR item with text keys, or beyond [`crate::limits`]. The message names the position only.
pub fn parse_cbor(body: &[u8]) -> Result<Value, DecodeError> {
    if body.is_empty() {
        return Ok(Value::Map(Vec::new()));
    }
    let mut reader = Reader { decoder: Decoder::new(body), budget: Budget::new() };
    let value = reader.value(0)?;
    if reader.decoder.position() != body.len() {
        return Err(reader.malformed());
    }
    Ok(value)
}

struct Reader<'b> {
    decoder: Decoder<'b>,
    budget: Budget,
}

impl Reader<'_> {
    fn malformed(&self) -> DecodeError {
        DecodeError::malformed(format!("invalid CBOR at byte {}", self.decoder.position()))
    }

    fn read<T>(&self, result: Result<T, minicbor::decode::Error>) -> Result<T, DecodeError> {
        result.map_err(|_| self.malformed())
    }

    fn datatype(&self) -> Result<Type, DecodeError> {
        self.read(self.decoder.datatype())
    }

    fn value(&mut self, depth: usize) -> Result<Value, DecodeError> {
        if depth > MAX_DEPTH {
            return Err(DecodeError::limit("CBOR is nested too deeply"));
        }
        if !self.budget.take() {
            return Err(DecodeError::limit("CBOR holds too many values"));
        }
        match self.datatype()? {
            Type::Null => {
                let null = self.decoder.null();
                self.read(null).map(|()| Value::Null)
            }
            Type::Undefined => {
                let undefined = self.decoder.undefined();
                self.read(undefined).map(|()| Value::Null)
            }
            Type::Bool => {
                let flag = self.decoder.bool();
                self.read(flag).map(Value::Bool)
            }
            Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
                let number = self.decoder.int();
                let number = self.read(number)?;
                i64::try_from(i128::from(number)).map(Value::Int).map_err(|_| self.malformed())
            }
            Type::F16 => self.half().map(Value::Float),
            Type::F32 => {
                let number = self.decoder.f32();
                self.read(number).map(|n| Value::Float(n.into()))
            }
            Type::F64 => {
                let number = self.decoder.f64();
                self.read(number).map(Value::Float)
            }
            Type::Bytes | Type::BytesIndef => self.bytes(),
            Type::String | Type::StringIndef => self.text().map(Value::String),
            Type::Array | Type::ArrayIndef => self.list(depth),
            Type::Map | Type::MapIndef => self.map(depth),
            Type::Tag => self.timestamp(depth),
            Type::Simple | Type::Break | Type::Unknown(_) => Err(self.malformed()),
        }
    }

    fn bytes(&mut self) -> Result<Value, DecodeError> {
        let bytes = self.decoder.bytes_iter().and_then(|chunks| {
            let mut bytes = Vec::new();
            for chunk in chunks {
                bytes.extend_from_slice(chunk?);
            }
            Ok(bytes)
        });
        self.read(bytes).map(|bytes| Value::Blob(bytes.into()))
    }

    fn text(&mut self) -> Result<String, DecodeError> {
        let text = self.decoder.str_iter().and_then(|chunks| {
            let mut text = String::new();
            for chunk in chunks {
                text.push_str(chunk?);
            }
            Ok(text)
        });
        self.read(text)
    }

    /// Half precision (RFC 8949, appendix D).
    fn half(&mut self) -> Result<f64, DecodeError> {
        let start = self.decoder.position();
        let Some([_, high, low]) = self.decoder.input().get(start..start + 3) else { return Err(self.malformed()) };
        let bits = u16::from_be_bytes([*high, *low]);
        self.decoder.set_position(start + 3);
        let fraction = f64::from(bits & 0x3ff);
        let magnitude = match (bits >> 10) & 0x1f {
            0 => fraction * 2f64.powi(-24),
            31 if fraction == 0.0 => f64::INFINITY,
            31 => f64::NAN,
            exponent => (fraction + 1024.0) * 2f64.powi(i32::from(exponent) - 25),
        };
        Ok(if bits & 0x8000 == 0 { magnitude } else { -magnitude })
    }

    /// Whether a list or map with `left` items to come goes on; takes the break off an indefinite one.
    fn goes_on(&mut self, left: &mut Option<u64>) -> Result<bool, DecodeError> {
        match left {
            Some(0) => Ok(false),
            Some(n) => {
                *n -= 1;
                Ok(true)
            }
            None if self.datatype()? == Type::Break => {
                self.decoder.set_position(self.decoder.position() + 1);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let length = self.decoder.array();
        let mut left = self.read(length)?;
        let mut items = Vec::new();
        while self.goes_on(&mut left)? {
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let length = self.decoder.map();
        let mut left = self.read(length)?;
        let mut entries = Vec::new();
        while self.goes_on(&mut left)? {
            let key = self.text()?;
            entries.push((key, self.value(depth + 1)?));
        }
        Ok(Value::Map(entries))
    }

    fn timestamp(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let tag = self.decoder.tag();
        if self.read(tag)? != Tag::new(EPOCH_TAG) {
            return Err(self.malformed());
        }
        #[expect(clippy::cast_precision_loss, reason = "seconds in range are below 2^53; others are refused")]
        let seconds = match self.value(depth + 1)? {
            Value::Int(n) => n as f64,
            Value::Float(n) => n,
            _ => return Err(self.malformed()),
        };
        Timestamp::from_seconds(seconds).map(Value::Timestamp).ok_or_else(|| self.malformed())
    }
}

/// Writes a CBOR body: definite lengths, timestamps under tag 1. An operation without output ([`Value::Null`]) has no body.
///
/// # Errors
/// None in practice: every [`Value`] has a CBOR form.
pub fn encode_cbor(value: &Value) -> Result<Vec<u8>, EncodeError> {
    let mut out = minicbor::Encoder::new(Vec::new());
    if !value.is_null() {
        write(&mut out, value).map_err(|e| EncodeError::Custom(e.to_string()))?;
    }
    Ok(out.into_writer())
}

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

fn write(out: &mut minicbor::Encoder<Vec<u8>>, value: &Value) -> Written {
    match value {
        Value::Null => out.null()?,
        Value::Bool(b) => out.bool(*b)?,
        Value::Int(n) => out.i64(*n)?,
        Value::Float(n) => out.f64(*n)?,
        Value::String(text) => out.str(text)?,
        Value::Blob(blob) => out.bytes(blob)?,
        Value::Timestamp(at) => match at.parts() {
            (seconds, 0) => out.tag(Tag::new(EPOCH_TAG))?.i64(seconds)?,
            _ => out.tag(Tag::new(EPOCH_TAG))?.f64(at.seconds())?,
        },
        Value::List(items) => {
            out.array(items.len() as u64)?;
            return items.iter().try_for_each(|item| write(out, item));
        }
        Value::Map(entries) => {
            out.map(entries.len() as u64)?;
            return entries.iter().try_for_each(|(key, value)| {
                out.str(key)?;
                write(out, value)
            });
        }
        Value::Struct(members) => {
            out.map(members.len() as u64)?;
            return members.iter().try_for_each(|(name, value)| {
                out.str(name)?;
                write(out, value)
            });
        }
    };
    Ok(())
}
