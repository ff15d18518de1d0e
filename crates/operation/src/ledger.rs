//! The durable step, as the dispatcher sees it.

use async_trait::async_trait;
use keeptrail_clock::Timestamp;
use keeptrail_store::Tx;

/// Why a commit did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// Something that was read has changed: run the call again.
    #[error("the call met a concurrent change")]
    Conflict,
    /// The record or the change cannot be made durable now.
    #[error("the audit record cannot be written: {0}")]
    Unavailable(String),
}

/// State and audit records in one durable step. [`keeptrail_journal::Ledger`] is the one implementation outside tests.
#[async_trait]
pub trait Ledger: Send + Sync + 'static {
    /// Begins a transaction whose time is `now`.
    fn begin(&self, now: Timestamp) -> Tx;

    /// Makes the transaction's writes and records durable, together.
    async fn commit(&self, tx: Tx) -> Result<(), CommitError>;
}

#[async_trait]
impl Ledger for keeptrail_journal::Ledger {
    fn begin(&self, now: Timestamp) -> Tx {
        self.store().begin(now)
    }

    async fn commit(&self, tx: Tx) -> Result<(), CommitError> {
        Self::commit(self, tx).await.map_err(|error| match error {
            keeptrail_journal::CommitError::Conflict => CommitError::Conflict,
            error => CommitError::Unavailable(error.to_string()),
        })
    }
}
