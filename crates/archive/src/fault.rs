//! Why a file, or a part of it, was not read.

use std::io;

use crate::{Kind, decode::Exceeded};

/// What was wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (at byte {offset})")]
pub struct Fault {
    /// What was wrong.
    pub reason: FaultReason,
    /// The byte of the decompressed content at which it was noticed.
    pub offset: u64,
}

/// What can be wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultReason {
    /// The content ends in the middle.
    #[error("the file is cut short")]
    Truncated,
    /// The compressed stream is damaged.
    #[error("the gzip data is damaged: {0}")]
    Gzip(String),
    /// It decompresses to far more than it should: a gzip bomb.
    #[error("it decompresses to more than {limit} bytes, from {compressed}: refused as a gzip bomb")]
    Bomb {
        /// Bytes that were allowed.
        limit: u64,
        /// Compressed bytes read until then.
        compressed: u64,
    },
    /// The content is no JSON of the shapes that log files have.
    #[error("not JSON records: expected an object or an array of objects")]
    NotJson,
    /// The text is not UTF-8.
    #[error("the record is not UTF-8")]
    NotUtf8,
    /// One record is larger than any that CloudTrail writes.
    #[error("a record is larger than {0} bytes")]
    TooLarge(usize),
    /// It is another kind of file.
    #[error("not a log file: {0}")]
    Other(Kind),
    /// Reading failed.
    #[error("cannot be read: {0}")]
    Io(String),
}

impl FaultReason {
    /// A word for programs, as in `CutShort`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Truncated => "CutShort",
            Self::Gzip(_) => "DamagedGzip",
            Self::Bomb { .. } => "GzipBomb",
            Self::NotJson => "NotJson",
            Self::NotUtf8 => "NotUtf8",
            Self::TooLarge(_) => "RecordTooLarge",
            Self::Other(_) => "NotALogFile",
            Self::Io(_) => "Unreadable",
        }
    }

    /// The reason of a failed read of a decoded file.
    pub(crate) fn of(error: &io::Error, gzip: bool) -> Self {
        if let Some(exceeded) = error.get_ref().and_then(|inner| inner.downcast_ref::<Exceeded>()) {
            return Self::Bomb { limit: exceeded.limit, compressed: exceeded.compressed };
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData if gzip => Self::Gzip(error.to_string()),
            _ => Self::Io(error.to_string()),
        }
    }
}
