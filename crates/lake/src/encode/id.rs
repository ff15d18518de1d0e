//! What makes an event one event.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

/// An `eventID` as 128 bits: the UUID itself, or a hash of an id that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(u128);

impl EventId {
    /// The id with this text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(uuid(text.as_bytes()).unwrap_or_else(|| hash(text)))
    }

    /// The id of a record that tells none.
    #[must_use]
    pub fn of_record(record: &str) -> Self {
        Self(hash(record))
    }

    pub(crate) fn bits(self) -> u128 {
        self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        let (a, rest) = hex.split_at(8);
        let (b, rest) = rest.split_at(4);
        let (c, rest) = rest.split_at(4);
        let (d, e) = rest.split_at(4);
        write!(f, "{a}-{b}-{c}-{d}-{e}")
    }
}

fn hash(text: &str) -> u128 {
    let digest = digest(&SHA256, text.as_bytes());
    digest.as_ref().first_chunk::<16>().map_or(0, |bytes| u128::from_be_bytes(*bytes))
}

/// A UUID in the usual form, in lower case: the only case that CloudTrail writes, so that two spellings never meet.
fn uuid(text: &[u8]) -> Option<u128> {
    if text.len() != 36 {
        return None;
    }
    let mut id = 0u128;
    for (at, byte) in text.iter().enumerate() {
        let digit = match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => continue,
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => byte - b'0',
            (_, b'a'..=b'f') => byte - b'a' + 10,
            _ => return None,
        };
        id = id << 4 | u128::from(digit);
    }
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_itself_and_anything_else_a_hash() {
        let text = "cb618040-e1ec-4102-a39d-f4670210f08f";
        assert_eq!(EventId::of(text).to_string(), text);
        assert_ne!(EventId::of(&text.to_uppercase()), EventId::of(text));
        assert_ne!(EventId::of("a"), EventId::of("b"));
        assert_eq!(EventId::of("a"), EventId::of("a"));
    }
}
