//! What the records of a chunk can be found by, as a set of short hashes.
//!
//! Four bytes a value: of a million chunks one in four thousand is opened for nothing. A Bloom filter would be a third of the
//! size, but it cannot grow with the chunk.

use aws_lc_rs::digest;

/// Hashes of values, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Index(Vec<u32>);

impl Index {
    /// Adds values by their hashes.
    pub(super) fn add(&mut self, hashes: impl IntoIterator<Item = u32>) {
        self.0.extend(hashes);
        self.0.sort_unstable();
        self.0.dedup();
    }

    /// Whether the value with this hash may be among them; `false` is certain.
    pub(super) fn may_hold(&self, hash: u32) -> bool {
        self.0.binary_search(&hash).is_ok()
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

/// The hash of a value of a kind. The same for ever: the hashes are stored.
pub(super) fn hash(kind: &str, value: &str) -> u32 {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(kind.as_bytes());
    context.update(b" ");
    context.update(value.as_bytes());
    context.finish().as_ref().first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}
