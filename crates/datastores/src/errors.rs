//! CloudTrail Lake's errors, with AWS's literal texts.

use keeptrail_operation::{ApiError, ErrorCode};

pub(crate) const STORE_NOT_FOUND: ErrorCode = ErrorCode::sender("EventDataStoreNotFoundException");
pub(crate) const INVALID_ARN: ErrorCode = ErrorCode::sender("EventDataStoreARNInvalidException");
pub(crate) const INACTIVE_STORE: ErrorCode = ErrorCode::sender("InactiveEventDataStoreException");

pub(crate) fn unknown_store(name: &str) -> ApiError {
    ApiError::new(STORE_NOT_FOUND, format!("The event data store {name} was not found."))
}
