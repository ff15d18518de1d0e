//! What follows the journal.

use async_trait::async_trait;
use keeptrail_store::Tx;

use crate::{JobError, Parsed};

/// A reader of the journal.
#[async_trait]
pub trait Reader: Send + Sync + 'static {
    /// The name of its cursor. It never changes: a new name reads the journal from its beginning.
    fn name(&self) -> &'static str;

    /// Writes the effects of `records`, which follow each other, into `tx`. The cursor is written into the same
    /// transaction, and so are the effects of other readers at the same place. May be run again with the same records
    /// when the transaction met a conflict or another reader failed.
    async fn apply(&self, tx: &Tx, records: &[Parsed<'_>]) -> Result<(), JobError>;
}
