//! CloudTrail Lake's errors, with AWS's literal texts.

use keeptrail_operation::{ApiError, ErrorCode};
use keeptrail_sql::{ErrorKind, SqlError};

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

pub(crate) const QUERY_NOT_FOUND: ErrorCode = ErrorCode::sender("QueryIdNotFoundException");
pub(crate) const INACTIVE_QUERY: ErrorCode = ErrorCode::sender("InactiveQueryException");
pub(crate) const INVALID_STATEMENT: ErrorCode = ErrorCode::sender("InvalidQueryStatementException");
pub(crate) const INVALID_QUERY_STATUS: ErrorCode = ErrorCode::sender("InvalidQueryStatusException");
pub(crate) const TOO_MANY_QUERIES: ErrorCode = ErrorCode::sender("MaxConcurrentQueriesException");
pub(crate) const INVALID_DATE_RANGE: ErrorCode = ErrorCode::sender("InvalidDateRangeException");
pub(crate) const INVALID_TIME_RANGE: ErrorCode = ErrorCode::sender("InvalidTimeRangeException");
pub(crate) const NO_BUCKET: ErrorCode = ErrorCode::sender("S3BucketDoesNotExistException");
pub(crate) const BUCKET_POLICY: ErrorCode = ErrorCode::sender("InsufficientS3BucketPolicyException");
pub(crate) const INVALID_BUCKET: ErrorCode = ErrorCode::sender("InvalidS3BucketNameException");
pub(crate) const INVALID_PREFIX: ErrorCode = ErrorCode::sender("InvalidS3PrefixException");

pub(crate) const IMPORT_NOT_FOUND: ErrorCode = ErrorCode::sender("ImportNotFoundException");
pub(crate) const BUSY_STORE: ErrorCode = ErrorCode::sender("EventDataStoreHasOngoingImportException");
pub(crate) const ONGOING_IMPORT: ErrorCode = ErrorCode::sender("AccountHasOngoingImportException");
pub(crate) const INVALID_SOURCE: ErrorCode = ErrorCode::sender("InvalidImportSourceException");
pub(crate) const SOURCE_POLICY: ErrorCode = ErrorCode::sender("InsufficientEncryptionPolicyException");

pub(crate) fn unknown_store(name: &str) -> ApiError {
    ApiError::new(STORE_NOT_FOUND, format!("The event data store {name} was not found."))
}

/// The store was deleted.
pub(crate) fn inactive(store: &EventDataStore) -> ApiError {
    ApiError::new(INACTIVE_STORE, format!("The event data store {} is inactive: it is pending deletion.", store.arn))
}

/// The error of a statement that cannot be run.
pub(crate) fn of_statement(error: SqlError) -> ApiError {
    match error.kind {
        ErrorKind::Internal => ApiError::internal(error),
        _ => ApiError::new(INVALID_STATEMENT, error.to_string()),
    }
}

/// `given`, or `usual` when nothing is given; an error when it is not from 1 to `most`.
pub(crate) fn page_size(given: Option<i64>, usual: usize, most: usize, member: &str) -> Result<usize, ApiError> {
    let Some(given) = given else { return Ok(usual) };
    let size = usize::try_from(given).ok().filter(|size| (1..=most).contains(size));
    size.ok_or_else(|| ApiError::new(INVALID_MAX_RESULTS, format!("{member} must be between 1 and {most}.")))
}
