//! Points in time as AWS's protocols carry them.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// The serde newtype name by which [`crate::to_value`] recognises a [`Timestamp`].
pub(crate) const MARKER: &str = "$keeptrail.timestamp";

/// A point in time in milliseconds since 1970-01-01T00:00:00Z, the precision AWS's APIs have.
///
/// JSON carries it as a number of seconds (with a fraction only when there is one), CBOR as that number under tag 1, query
/// answers as ISO 8601. It is read from any of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970. A value outside jiff's range (years -9999 to 9999) becomes the nearest one inside.
    pub fn from_millis(millis: i64) -> Self {
        // jiff takes whole milliseconds only up to its last whole second.
        Self(millis.clamp(jiff::Timestamp::MIN.as_second() * 1000, jiff::Timestamp::MAX.as_second() * 1000))
    }

    /// Milliseconds since 1970.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// As jiff's instant.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// From seconds since 1970, to the nearest millisecond; `None` outside jiff's range.
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        let millis = (seconds * 1000.0).round();
        // The comparison also refuses NaN.
        if !(-4e14..=4e14).contains(&millis) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "range checked above")]
        Self::checked(millis as i64)
    }

    fn checked(millis: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(millis).is_ok().then_some(Self(millis))
    }

    /// Seconds since 1970 and the milliseconds beyond them (0 to 999).
    pub(crate) fn parts(self) -> (i64, i64) {
        (self.0.div_euclid(1000), self.0.rem_euclid(1000))
    }

    /// Seconds since 1970 as a number; exact to the millisecond over the whole range.
    #[expect(clippy::cast_precision_loss, reason = "jiff's range is below 2^53 milliseconds")]
    pub(crate) fn seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(at: jiff::Timestamp) -> Self {
        let floored = at.as_nanosecond().div_euclid(1_000_000);
        Self::from_millis(i64::try_from(floored).unwrap_or_else(|_| at.as_millisecond()))
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(at: Timestamp) -> Self {
        at.to_jiff()
    }
}

/// ISO 8601 in UTC, with milliseconds only when there are any: `2026-01-02T03:04:05.678Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, millis) = self.parts();
        let at = self.to_jiff();
        if millis == 0 { write!(f, "{at:.0}") } else { write!(f, "{at:.3}") }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(MARKER, &Seconds(*self))
    }
}

struct Seconds(Timestamp);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.parts() {
            (seconds, 0) => serializer.serialize_i64(seconds),
            _ => serializer.serialize_f64(self.0.seconds()),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimestampVisitor)
    }
}

struct TimestampVisitor;

impl Visitor<'_> for TimestampVisitor {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a timestamp (seconds since 1970 or ISO 8601)")
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Timestamp, E> {
        let millis = seconds.checked_mul(1000).and_then(Timestamp::checked);
        millis.ok_or_else(|| E::invalid_value(de::Unexpected::Signed(seconds), &self))
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Timestamp, E> {
        match i64::try_from(seconds) {
            Ok(seconds) => self.visit_i64(seconds),
            Err(_) => Err(E::invalid_value(de::Unexpected::Unsigned(seconds), &self)),
        }
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Timestamp, E> {
        Timestamp::from_seconds(seconds).ok_or_else(|| E::invalid_value(de::Unexpected::Float(seconds), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Ok(at.into());
        }
        let seconds = text.parse::<f64>().ok().and_then(Timestamp::from_seconds);
        seconds.ok_or_else(|| E::invalid_value(de::Unexpected::Str("text"), &self))
    }
}
