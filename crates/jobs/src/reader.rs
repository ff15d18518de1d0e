//! What follows the journal.

use std::sync::Arc;

use async_trait::async_trait;
use keeptrail_journal::Entry;
use keeptrail_store::Tx;

use crate::JobError;

/// A reader of the journal.
#[async_trait]
pub trait Reader: Send + Sync + 'static {
    /// The name of its cursor. It never changes: a new name reads the journal from its beginning.
    fn name(&self) -> &'static str;

    /// Writes the effects of `entries`, which follow each other, into `tx`. The cursor is written into the same
    /// transaction. May be run again with the same entries when the transaction met a conflict.
    async fn apply(&self, tx: &Tx, entries: &[Arc<Entry>]) -> Result<(), JobError>;

    /// At most so many entries at once.
    fn batch(&self) -> usize {
        1024
    }
}
