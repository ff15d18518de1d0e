//! Where each reader stands.

use keeptrail_store::{StoreError, Table, Tx};

pub(crate) const CURSORS: Table<u64> = Table::new("jobs.cursor");

/// The sequence number of the last journal entry whose effects the reader `name` has committed; 0 before the first.
///
/// # Errors
/// When the store cannot be read.
pub async fn cursor(tx: &Tx, name: &str) -> Result<u64, StoreError> {
    Ok(CURSORS.get(tx, &[name]).await?.map_or(0, |seq| *seq))
}
