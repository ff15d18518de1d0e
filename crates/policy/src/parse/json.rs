//! JSON as policies need it: members in order, none repeated, depth and size limited, scalars as text.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The deepest a valid policy nests: document, statements, statement, conditions, operator, values.
const MAX_DEPTH: usize = 6;

/// A JSON value. Numbers and booleans are their text: the language allows `"10"` and `10` alike.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Scalar(Box<str>),
    Text(Box<str>),
    List(Vec<Json>),
    Object(Vec<(Box<str>, Json)>),
}

/// Reads one document; the error says where and what is wrong.
pub(super) fn read(text: &str) -> Result<Json, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Value { depth: 0 }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Value {
    depth: usize,
}

impl Value {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH}")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Value {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_string().into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_string().into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_string().into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        /// Above this, neighbouring integers have the same binary fraction.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.abs() >= EXACT {
            return Err(E::custom("number too large to be exact"));
        }
        Ok(Json::Scalar(value.to_string().into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            list.push(element);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut object: Vec<(Box<str>, Json)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format_args!("{name:?} appears twice")));
            }
            object.push((name.into(), members.next_value_seed(inner)?));
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_members_are_refused_wherever_they_stand() {
        assert!(read(r#"{"a": 1, "b": {"a": 1}}"#).is_ok());
        assert!(read(r#"{"a": 1, "a": 1}"#).is_err());
        assert!(read(r#"{"b": [{"a": 1, "\u0061": 1}]}"#).is_err());
    }

    #[test]
    fn depth_is_limited() {
        assert!(read("[[[[[[1]]]]]]").is_ok());
        assert!(read("[[[[[[[1]]]]]]]").is_err());
        assert!(read(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn scalars_keep_their_text() {
        let expected = ["10", "-2", "0.5", "true"].map(|text| Json::Scalar(text.into()));
        assert_eq!(read("[10, -2, 0.5, true]").unwrap(), Json::List(expected.into()));
        assert!(read("[18446744073709551616]").is_err());
        assert!(read("{} {}").is_err());
    }
}
