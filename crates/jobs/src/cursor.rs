//! Where each reader stands.

use keeptrail_journal::{Anchor, ChainHash};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

pub(crate) const CURSORS: Table<Cursor> = Table::new("jobs.cursor");

/// The place in the journal up to which a reader's effects are committed. The hash tells a journal that ends before it how
/// to go on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Cursor {
    seq: u64,
    hash: [u8; 32],
}

impl From<Anchor> for Cursor {
    fn from(at: Anchor) -> Self {
        Self { seq: at.seq, hash: at.hash.0 }
    }
}

impl From<Cursor> for Anchor {
    fn from(cursor: Cursor) -> Self {
        Self { seq: cursor.seq, hash: ChainHash(cursor.hash) }
    }
}

/// The reader's place; `None` before its first run.
pub(crate) async fn place(tx: &Tx, name: &str) -> Result<Option<Anchor>, StoreError> {
    Ok(CURSORS.get(tx, &[name]).await?.map(|cursor| Anchor::from(*cursor)))
}

/// The sequence number of the last journal entry whose effects the reader `name` has committed; 0 before the first.
///
/// # Errors
/// When the store cannot be read.
pub async fn cursor(tx: &Tx, name: &str) -> Result<u64, StoreError> {
    Ok(place(tx, name).await?.map_or(0, |at| at.seq))
}
