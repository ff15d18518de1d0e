//! What can go wrong in the background.

use keeptrail_journal::{CommitError, JournalError};
use keeptrail_store::StoreError;

/// A failed run of a job. It is run again after a pause.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The run met a concurrent change: run it again at once.
    #[error("the job met a concurrent change")]
    Conflict,
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// The journal failed.
    #[error("the journal failed")]
    Journal(#[from] JournalError),
    /// The commit failed.
    #[error("the commit failed: {0}")]
    Commit(String),
    /// Something that the job itself does failed.
    #[error("{0}")]
    Failed(String),
}

impl JobError {
    /// A failure of the job's own work.
    pub fn failed(reason: impl std::fmt::Display) -> Self {
        Self::Failed(reason.to_string())
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            error => Self::Store(error),
        }
    }
}

impl From<CommitError> for JobError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict => Self::Conflict,
            error => Self::Commit(error.to_string()),
        }
    }
}

impl From<keeptrail_clock::NoRandomness> for JobError {
    fn from(error: keeptrail_clock::NoRandomness) -> Self {
        Self::failed(error)
    }
}
