//! Hot rows in memory, exactly as fresh as the engine.

use std::{
    collections::HashMap,
    hash::BuildHasher,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use foldhash::fast::RandomState;

use crate::{Change, Key, Stored};

const SHARDS: usize = 16;
/// A value larger than this is not worth its room: log and history chunks would push the hot rows out.
const LARGEST: usize = 32 * 1024;

/// A sharded map from key to value or known absence.
pub(crate) struct Cache {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
    shard_bytes: usize,
}

#[derive(Default)]
struct Shard {
    rows: HashMap<Key, Option<Arc<Stored>>, RandomState>,
    bytes: usize,
    /// The newest commit that changed a key of this shard.
    last_change: u64,
}

impl Cache {
    /// A cache of about `bytes` bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::default(),
            shard_bytes: bytes / SHARDS,
        }
    }

    fn shard(&self, key: &Key) -> Option<MutexGuard<'_, Shard>> {
        let index = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        self.shards.get(index).map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is known of `key`: the value, `Some(None)` when it is known to be absent, `None` when nothing is known.
    pub(crate) fn get(&self, key: &Key) -> Option<Option<Arc<Stored>>> {
        self.shard(key)?.rows.get(key).cloned()
    }

    /// Keeps what a read returned, unless a commit later than `seen` touched the shard meanwhile: the read may then be
    /// older than what the commit wrote.
    pub(crate) fn fill(&self, key: &Key, row: Option<Arc<Stored>>, seen: u64) {
        if let Some(mut shard) = self.shard(key)
            && shard.last_change <= seen
        {
            shard.insert(key, row, self.shard_bytes);
        }
    }

    /// Shows a commit's writes.
    pub(crate) fn apply(&self, sequence: u64, changes: &[Change]) {
        for change in changes {
            if let Some(mut shard) = self.shard(&change.key) {
                shard.last_change = sequence;
                let row = change.value.clone().map(|bytes| Arc::new(Stored::new(sequence, bytes)));
                shard.insert(&change.key, row, self.shard_bytes);
            }
        }
    }
}

impl Shard {
    fn insert(&mut self, key: &Key, row: Option<Arc<Stored>>, limit: usize) {
        self.remove(key);
        let size = size(key, row.as_ref());
        if size > LARGEST {
            return;
        }
        while self.bytes + size > limit {
            // Which row goes does not matter much: a hot one comes back with its next read.
            let Some(victim) = self.rows.keys().next().cloned() else { break };
            self.remove(&victim);
        }
        self.bytes += size;
        self.rows.insert(key.clone(), row);
    }

    fn remove(&mut self, key: &Key) {
        if let Some(row) = self.rows.remove(key) {
            self.bytes -= size(key, row.as_ref());
        }
    }
}

/// A row's room: the decoded form beside the bytes is taken to be about as large again.
fn size(key: &Key, row: Option<&Arc<Stored>>) -> usize {
    key.as_bytes().len() + 128 + row.map_or(0, |row| 2 * row.bytes().len())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn a_read_that_a_commit_overtook_is_not_kept() {
        let cache = Cache::new(1 << 20);
        let key = Key::of(&["k"]);
        cache.apply(5, &[Change { key: key.clone(), value: Some(Bytes::from_static(b"new")) }]);
        cache.fill(&key, Some(Arc::new(Stored::new(3, Bytes::from_static(b"old")))), 4);
        let row = cache.get(&key).unwrap().unwrap();
        assert_eq!(row.bytes().as_ref(), b"new");
    }

    #[test]
    fn the_cache_stays_within_its_bytes() {
        let cache = Cache::new(64 * 1024);
        for number in 0..5_000 {
            cache.fill(&Key::default().number(number), Some(Arc::new(Stored::new(1, Bytes::from(vec![0; 100])))), 1);
        }
        let held: usize = cache.shards.iter().map(|shard| shard.lock().unwrap().bytes).sum();
        assert!(held <= 64 * 1024, "{held}");
    }
}
