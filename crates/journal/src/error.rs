//! What can go wrong in the journal.

use std::io;

/// A failed journal call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The queue is full: the disk does not keep up. Nothing was taken. Only who does not wait for room is told.
    #[error("the journal's queue is full")]
    Busy,
    /// The records could not be made durable (disk full, read-only, I/O error) and are not in the journal. The next
    /// append tries again.
    #[error("the journal cannot be written: {reason}")]
    Unavailable {
        /// What the system said, in words for the operator.
        reason: String,
    },
    /// A record cannot stand in the journal.
    #[error("the record is refused: {reason}")]
    Invalid {
        /// Why.
        reason: &'static str,
    },
    /// The journal cannot be read.
    #[error("the journal cannot be read: {reason}")]
    Unreadable {
        /// What the system said.
        reason: String,
    },
    /// Another process has the journal open.
    #[error("the journal is in use by another process")]
    Locked,
    /// The journal was closed.
    #[error("the journal is closed")]
    Closed,
}

impl JournalError {
    pub(crate) fn unreadable(error: &io::Error) -> Self {
        Self::Unreadable { reason: describe(error) }
    }

    pub(crate) fn unavailable(error: &io::Error) -> Self {
        Self::Unavailable { reason: describe(error) }
    }
}

/// The error in words that tell an operator what to do about it.
pub(crate) fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!("the disk is full ({error})"),
        io::ErrorKind::ReadOnlyFilesystem => format!("the disk is read-only ({error})"),
        _ => error.to_string(),
    }
}
