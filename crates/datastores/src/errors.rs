//! CloudTrail Lake's errors, with AWS's literal texts.

use keeptrail_operation::{ApiError, ErrorCode};

use crate::model::EventDataStore;

pub(crate) const STORE_NOT_FOUND: ErrorCode = ErrorCode::sender("EventDataStoreNotFoundException");
pub(crate) const STORE_EXISTS: ErrorCode = ErrorCode::sender("EventDataStoreAlreadyExistsException");
pub(crate) const TOO_MANY_STORES: ErrorCode = ErrorCode::sender("EventDataStoreMaxLimitExceededException");
pub(crate) const PROTECTED: ErrorCode = ErrorCode::sender("EventDataStoreTerminationProtectedException");
pub(crate) const INVALID_STATUS: ErrorCode = ErrorCode::sender("InvalidEventDataStoreStatusException");
pub(crate) const INVALID_SELECTORS: ErrorCode = ErrorCode::sender("InvalidEventSelectorsException");
pub(crate) const INVALID_PARAMETER: ErrorCode = ErrorCode::sender("InvalidParameterException");
pub(crate) const INVALID_TAG: ErrorCode = ErrorCode::sender("InvalidTagParameterException");
pub(crate) const TOO_MANY_TAGS: ErrorCode = ErrorCode::sender("TagsLimitExceededException");
pub(crate) const INVALID_MAX_RESULTS: ErrorCode = ErrorCode::sender("InvalidMaxResultsException");
pub(crate) const INVALID_NEXT_TOKEN: ErrorCode = ErrorCode::sender("InvalidNextTokenException");
pub(crate) const INVALID_ARN: ErrorCode = ErrorCode::sender("EventDataStoreARNInvalidException");
pub(crate) const INACTIVE_STORE: ErrorCode = ErrorCode::sender("InactiveEventDataStoreException");

pub(crate) fn unknown_store(name: &str) -> ApiError {
    ApiError::new(STORE_NOT_FOUND, format!("The event data store {name} was not found."))
}

/// The store was deleted.
pub(crate) fn inactive(store: &EventDataStore) -> ApiError {
    ApiError::new(INACTIVE_STORE, format!("The event data store {} is inactive: it is pending deletion.", store.arn))
}
