//! The one error at the edge.

use std::{borrow::Cow, error::Error, fmt, sync::Arc};

use keeptrail_store::StoreError;

/// An AWS error code with its HTTP status. Services declare theirs as constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// The shape's name, as in `ResourceNotFoundException`.
    pub name: &'static str,
    /// The code in the query protocol and in `x-amzn-query-error`, where it differs from the name.
    pub query: Option<&'static str>,
    /// The HTTP status.
    pub status: u16,
}

impl ErrorCode {
    /// A fault of the sender, with status 400.
    #[must_use]
    pub const fn sender(name: &'static str) -> Self {
        Self { name, query: None, status: 400 }
    }

    /// A fault of the server, with status 500: clients try again.
    #[must_use]
    pub const fn server(name: &'static str) -> Self {
        Self { name, query: None, status: 500 }
    }

    /// The same code with another status.
    #[must_use]
    pub const fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same code with another name in the query protocol.
    #[must_use]
    pub const fn in_query(self, query: &'static str) -> Self {
        Self { query: Some(query), ..self }
    }
}

/// Codes that every service shares ("Common Errors" in each AWS API reference).
pub mod codes {
    use super::ErrorCode;

    /// The caller may not do this; query services say `AccessDenied` with 403.
    pub const ACCESS_DENIED: ErrorCode = ErrorCode::sender("AccessDeniedException");
    /// A member breaks a constraint.
    pub const VALIDATION: ErrorCode = ErrorCode::sender("ValidationException").in_query("ValidationError");
    /// Too many calls, or a row that too many change at once: try again.
    pub const THROTTLING: ErrorCode = ErrorCode::sender("ThrottlingException").in_query("Throttling");
    /// Something failed inside.
    pub const INTERNAL: ErrorCode = ErrorCode::server("InternalFailure");
    /// The audit trail or the store cannot be written now.
    pub const UNAVAILABLE: ErrorCode = ErrorCode::server("ServiceUnavailable").with_status(503);
    /// The service has no such operation.
    pub const UNKNOWN_OPERATION: ErrorCode = ErrorCode::sender("UnknownOperationException").in_query("InvalidAction");
    /// A part of the API that keeptrail does not carry out.
    pub const NOT_CARRIED_OUT: ErrorCode =
        ErrorCode::sender("UnsupportedOperationException").in_query("InvalidParameterValue");
}

/// An operation's failure: `code` and `message` go on the wire, `source` only to the log.
#[derive(Clone)]
pub struct ApiError {
    /// The AWS code.
    pub code: ErrorCode,
    /// AWS's literal text where AWS has one.
    pub message: Cow<'static, str>,
    /// What lay behind it. Never on the wire, in a record or in a metric.
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// An error with this code and message.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), source: None }
    }

    /// The same error with what lay behind it.
    #[must_use]
    pub fn because(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// A failure inside the server; the caller learns nothing of `source`.
    pub fn internal(source: impl Error + Send + Sync + 'static) -> Self {
        Self::new(codes::INTERNAL, "The request processing has failed because of an unknown error.").because(source)
    }

    /// A member breaks a constraint.
    pub fn validation(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(codes::VALIDATION, message)
    }

    /// A member or value of the API that keeptrail does not carry out. `what` names it: "the parameter X".
    #[must_use]
    pub fn not_carried_out(what: &str) -> Self {
        Self::new(codes::NOT_CARRIED_OUT, format!("keeptrail does not carry out {what}."))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name, self.message)
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match &self.source {
            Some(source) => write!(f, " (because {source})"),
            None => Ok(()),
        }
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::new(codes::THROTTLING, "Rate exceeded"),
            StoreError::Unavailable(_) | StoreError::Closed => {
                Self::new(codes::UNAVAILABLE, "The store cannot be read or written now; nothing was done.")
                    .because(error)
            }
            StoreError::Corrupt { .. } => Self::internal(error),
        }
    }
}

impl From<keeptrail_clock::NoRandomness> for ApiError {
    fn from(error: keeptrail_clock::NoRandomness) -> Self {
        Self::internal(error)
    }
}
