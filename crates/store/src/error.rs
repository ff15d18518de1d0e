//! What can go wrong in the store.

/// A failed store call. Nothing of a failed commit is visible afterwards.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Something that the transaction read has changed since: run it again.
    #[error("the transaction's reads have changed")]
    Conflict,
    /// The engine cannot write or read now (disk full, read-only, I/O error); it may recover by itself.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A row cannot be decoded as what its table holds.
    #[error("a row of {table} cannot be decoded: {reason}")]
    Corrupt {
        /// The table's name.
        table: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}
