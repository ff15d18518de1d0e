//! Where each reader stands.

use keeptrail_journal::{Anchor, ChainHash, Ledger};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

/// At most so many bytes of the journal are read at once.
pub(crate) const BATCH_BYTES: usize = 8 << 20;

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

/// Shows that the reader `name` has passed the entry `last`, and reports entries that it never saw: it stood at `place`, and
/// the first that there was after it is `first`.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; sequence numbers stay far below 2^52")]
pub(crate) fn passed(ledger: &Ledger, name: &'static str, place: Option<u64>, first: u64, last: u64) {
    match place {
        Some(at) if first > at + 1 => ledger.journal().missed(name, at + 1, first - 1),
        None if first > 1 => tracing::info!(reader = name, first, "a new reader begins with what is kept"),
        _ => {}
    }
    metrics::gauge!("keeptrail_reader_cursor", "reader" => name).set(last as f64);
}
