//! What can go wrong with a query, in words for its writer.

use std::fmt;

/// A place in the statement as it was written. Lines and columns begin at 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a query failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The statement cannot be read, names what is not there, or mixes types.
    Invalid,
    /// The statement is SQL, but not what the Lake carries out.
    Unsupported,
    /// A table is no event data store that the caller may read.
    StoreNotFound,
    /// A value did not allow what was asked of it: a division by zero, a text that is no number.
    Data,
    /// The result is larger than [`crate::Limits`] allow.
    ResultTooLarge,
    /// The query needed more memory or disk than [`crate::Limits`] allow.
    OutOfMemory,
    /// The query ran longer than [`crate::Limits`] allow.
    TimedOut,
    /// The query was cancelled.
    Cancelled,
    /// A store could not be read, or a fault of the engine.
    Internal,
}

/// A failed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    /// The kind, for callers that map it to an API's errors.
    pub kind: ErrorKind,
    /// What is wrong and, where it is known, what would be right.
    pub message: String,
    /// Where, if the fault has a place.
    pub position: Option<Position>,
}

impl SqlError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), position: None }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    /// The error of a query that its caller gave up.
    pub fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "the query was cancelled")
    }

    /// The same error with a place, unless it has one already.
    pub(crate) fn at(mut self, line: u64, column: u64) -> Self {
        if self.position.is_none() && line > 0 {
            self.position = Some(Position { line, column });
        }
        self
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(position) => write!(f, "{position}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for SqlError {}
