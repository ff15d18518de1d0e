//! Errors of reading and writing bodies.

use std::fmt;

use serde::de::{self, Unexpected};

use crate::Protocol;

/// What kind of fault a body has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeErrorKind {
    /// It does not follow the protocol's syntax.
    Malformed,
    /// It is deeper or longer than [`crate::limits`] allow.
    Limit,
    /// A member has the wrong type or an impossible value.
    Shape,
    /// A required member is not there.
    Missing,
    /// A member is there that the operation does not have.
    Unknown,
}

/// Why a body cannot be read. Its text holds the place and what was expected there, never what the body held: that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", Place(.path))]
pub struct DecodeError {
    kind: DecodeErrorKind,
    message: String,
    /// Innermost part first: it grows while the error travels up.
    path: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Member(&'static str),
    Index(usize),
    /// A map's key comes from the body, so it is not repeated.
    Key,
}

struct Place<'a>(&'a [Part]);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write_path(f, self.0, false)?;
        f.write_str(": ")
    }
}

fn write_path(f: &mut dyn fmt::Write, path: &[Part], lower_camel: bool) -> fmt::Result {
    for (i, part) in path.iter().rev().enumerate() {
        match part {
            Part::Member(name) => {
                if i > 0 {
                    f.write_char('.')?;
                }
                let mut chars = name.chars();
                match chars.next() {
                    Some(first) if lower_camel => write!(f, "{}{}", first.to_ascii_lowercase(), chars.as_str())?,
                    _ => f.write_str(name)?,
                }
            }
            Part::Index(n) => write!(f, "[{n}]")?,
            Part::Key => f.write_str("{key}")?,
        }
    }
    Ok(())
}

impl DecodeError {
    pub(crate) fn new(kind: DecodeErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), path: Vec::new() }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(DecodeErrorKind::Malformed, message)
    }

    pub(crate) fn limit(message: &'static str) -> Self {
        Self::new(DecodeErrorKind::Limit, message)
    }

    pub(crate) fn shape(message: impl Into<String>) -> Self {
        Self::new(DecodeErrorKind::Shape, message)
    }

    pub(crate) fn in_member(mut self, name: &'static str) -> Self {
        self.path.push(Part::Member(name));
        self
    }

    pub(crate) fn in_index(mut self, index: usize) -> Self {
        self.path.push(Part::Index(index));
        self
    }

    pub(crate) fn in_key(mut self) -> Self {
        self.path.push(Part::Key);
        self
    }

    /// The kind of fault.
    pub fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// The error code AWS answers with: a missing member is a validation fault, everything else a serialisation fault.
    pub fn code(&self, protocol: Protocol) -> &'static str {
        match (protocol, self.kind) {
            (Protocol::Query, DecodeErrorKind::Missing) => "ValidationError",
            (Protocol::Query, _) => "MalformedInput",
            (_, DecodeErrorKind::Missing) => "ValidationException",
            _ => "SerializationException",
        }
    }

    /// The message for the wire: AWS's literal text for a missing member, else the same as `Display`.
    pub fn wire_message(&self) -> String {
        if self.kind != DecodeErrorKind::Missing {
            return self.to_string();
        }
        let mut place = String::new();
        // Writing into a String cannot fail.
        let _ = write_path(&mut place, &self.path, true);
        format!(
            "1 validation error detected: Value null at '{place}' failed to satisfy constraint: Member must not be null"
        )
    }
}

/// The kind of a value that was found, without the value.
fn kind_of(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Bytes(_) => "a blob",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a structure",
        _ => "something else",
    }
}

impl de::Error for DecodeError {
    /// The text of a foreign error may quote the value, so it is dropped.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::shape("invalid value")
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::shape(format!("expected {expected}, found {}", kind_of(&found)))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::shape(format!("invalid value, expected {expected}"))
    }

    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        Self::shape(format!("invalid length {length}, expected {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::shape(format!("invalid value, expected one of {}", expected.join(", ")))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        let message = if expected.is_empty() {
            "unknown member, none is expected".to_owned()
        } else {
            format!("unknown member, expected one of {}", expected.join(", "))
        };
        Self::new(DecodeErrorKind::Unknown, message)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(DecodeErrorKind::Missing, "required member is missing").in_member(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::shape("member is given twice").in_member(field)
    }
}

/// Why an output cannot be written. It is a fault of the output's type, so its text is for the log, not for the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The type's own `Serialize` refused.
    #[error("output refuses to be serialised: {0}")]
    Custom(String),
    /// A map has a key that is not a string.
    #[error("map key is not a string")]
    Key,
    /// An integer does not fit 64 bits with sign.
    #[error("integer out of range")]
    Range,
}

impl serde::ser::Error for EncodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Custom(message.to_string())
    }
}
