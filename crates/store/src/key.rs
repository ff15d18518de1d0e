//! Keys: sequences of text parts whose byte order is the order of the parts.

use std::fmt;

/// An ordered key. Parts are joined so that no part can run into the next, whatever bytes it holds, and keys sort part
/// by part: a part ends with `00 01`, and a zero byte inside it is written `00 ff`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key of these parts.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        Self::under("", parts)
    }

    /// The key of `table`, unless that is empty, and these parts.
    pub(crate) fn under(table: &str, parts: &[&str]) -> Self {
        let length = parts.iter().map(|part| part.len() + 2).sum::<usize>() + table.len() + 2;
        let mut key = Self(Vec::with_capacity(length));
        if !table.is_empty() {
            key.push(table);
        }
        for part in parts {
            key.push(part);
        }
        key
    }

    /// Adds a part.
    pub fn push(&mut self, part: &str) {
        self.0.reserve(part.len() + 2);
        for (number, piece) in part.as_bytes().split(|byte| *byte == 0).enumerate() {
            if number > 0 {
                self.0.extend_from_slice(&[0, 0xff]);
            }
            self.0.extend_from_slice(piece);
        }
        self.0.extend_from_slice(&[0, 1]);
    }

    /// Adds a number that sorts by its value.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.push(&format!("{number:020}"));
        self
    }

    /// Adds a part, by value.
    #[must_use]
    pub fn with(mut self, part: &str) -> Self {
        self.push(part);
        self
    }

    /// The key's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The first key after all keys that begin with this one.
    #[must_use]
    pub fn end(&self) -> Self {
        let mut end = self.0.clone();
        end.push(0xff);
        Self(end)
    }

    /// The first key after this one and before any longer one: for paging.
    #[must_use]
    pub fn next(&self) -> Self {
        let mut next = self.0.clone();
        next.push(0);
        Self(next)
    }

    /// A key from its bytes, as the back end returned them.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The parts, as far as they are whole.
    #[must_use]
    pub fn parts(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let mut part = Vec::new();
        let mut bytes = self.0.iter().copied();
        while let Some(byte) = bytes.next() {
            match (byte, if byte == 0 { bytes.next() } else { None }) {
                (0, Some(0xff)) => part.push(0),
                (0, _) => parts.push(String::from_utf8_lossy(&std::mem::take(&mut part)).into_owned()),
                _ => part.push(byte),
            }
        }
        parts
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts().join("/"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_sort_as_their_parts_do(a in prop::collection::vec("[\\x00-\\x03a-c/]{0,4}", 0..4), b in prop::collection::vec("[\\x00-\\x03a-c/]{0,4}", 0..4)) {
            let key = |parts: &[String]| Key::of(&parts.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(a.cmp(&b), key(&a).cmp(&key(&b)));
            prop_assert_eq!(key(&a).parts(), a);
        }
    }

    #[test]
    fn a_prefix_covers_its_longer_keys_and_no_sibling() {
        let prefix = Key::of(&["secret", "a"]);
        let inside = Key::of(&["secret", "a", "x"]);
        let sibling = Key::of(&["secret", "ab"]);
        assert!(prefix <= inside && inside < prefix.end());
        assert!(sibling < prefix || sibling >= prefix.end());
    }
}
