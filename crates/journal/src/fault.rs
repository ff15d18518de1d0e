//! Tampering and damage that was noticed.

use std::{fmt, sync::Arc};

use keeptrail_clock::Timestamp;

use crate::Record;

/// What happened to a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Its file is gone.
    Deleted,
    /// Another file stands in its place.
    Replaced,
    /// It ends before what was durable in it.
    Truncated,
    /// Its content is not what was written.
    Modified,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deleted => "deleted",
            Self::Replaced => "replaced",
            Self::Truncated => "truncated",
            Self::Modified => "modified",
        })
    }
}

/// Evidence that somebody, or a failing disk, changed the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The segment's file name.
    pub segment: String,
    /// What happened to it.
    pub kind: FaultKind,
    /// When it was noticed.
    pub at: Timestamp,
    /// What was found, in words for the operator.
    pub detail: String,
}

/// Makes the audit record that tells of a fault; the journal appends it.
pub type OnFault = Arc<dyn Fn(&Fault) -> Option<Record> + Send + Sync>;
