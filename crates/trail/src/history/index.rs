//! What the records of a chunk can be found by, as a set of short hashes.
//!
//! Four bytes a value: of a million chunks one in four thousand is opened for nothing. A Bloom filter would be a third of the
//! size, but it cannot grow with the chunk.

use aws_lc_rs::digest;

/// Hashes of values, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Index(Vec<u32>);

impl Index {
    /// Adds values.
    pub(super) fn add(&mut self, values: impl IntoIterator<Item = String>) {
        self.0.extend(values.into_iter().map(|value| hash(&value)));
        self.0.sort_unstable();
        self.0.dedup();
    }

    /// Whether the value may be among them; `false` is certain.
    pub(super) fn may_hold(&self, value: &str) -> bool {
        self.0.binary_search(&hash(value)).is_ok()
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.len() * 4
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) {
        self.0.iter().for_each(|hash| to.extend(hash.to_be_bytes()));
    }

    pub(super) fn read(bytes: &[u8]) -> Self {
        let (hashes, _) = bytes.as_chunks();
        Self(hashes.iter().map(|hash| u32::from_be_bytes(*hash)).collect())
    }
}

/// The same for ever: the hashes are stored.
fn hash(value: &str) -> u32 {
    let digest = digest::digest(&digest::SHA256, value.as_bytes());
    digest.as_ref().first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}
