//! SNS's errors, with AWS's literal texts.

use std::fmt::Display;

use keeptrail_operation::{ApiError, ErrorCode};

pub(crate) const INVALID_PARAMETER: ErrorCode =
    ErrorCode::sender("InvalidParameterException").in_query("InvalidParameter");
pub(crate) const INVALID_VALUE: ErrorCode =
    ErrorCode::sender("InvalidParameterValueException").in_query("ParameterValueInvalid");
pub(crate) const NOT_FOUND: ErrorCode = ErrorCode::sender("NotFoundException").in_query("NotFound").with_status(404);
pub(crate) const RESOURCE_NOT_FOUND: ErrorCode =
    ErrorCode::sender("ResourceNotFoundException").in_query("ResourceNotFound").with_status(404);
pub(crate) const AUTHORIZATION: ErrorCode =
    ErrorCode::sender("AuthorizationErrorException").in_query("AuthorizationError").with_status(403);
pub(crate) const TAG_LIMIT: ErrorCode = ErrorCode::sender("TagLimitExceededException").in_query("TagLimitExceeded");
pub(crate) const EMPTY_BATCH: ErrorCode = ErrorCode::sender("EmptyBatchRequestException").in_query("EmptyBatchRequest");
pub(crate) const BATCH_TOO_MANY: ErrorCode =
    ErrorCode::sender("TooManyEntriesInBatchRequestException").in_query("TooManyEntriesInBatchRequest");
pub(crate) const BATCH_TOO_LONG: ErrorCode =
    ErrorCode::sender("BatchRequestTooLongException").in_query("BatchRequestTooLong");
pub(crate) const BATCH_IDS: ErrorCode =
    ErrorCode::sender("BatchEntryIdsNotDistinctException").in_query("BatchEntryIdsNotDistinct");
pub(crate) const BATCH_ID: ErrorCode =
    ErrorCode::sender("InvalidBatchEntryIdException").in_query("InvalidBatchEntryId");

/// `Invalid parameter: …`
pub(crate) fn invalid(what: impl Display) -> ApiError {
    ApiError::new(INVALID_PARAMETER, format!("Invalid parameter: {what}"))
}

pub(crate) fn no_topic() -> ApiError {
    ApiError::new(NOT_FOUND, "Topic does not exist")
}

pub(crate) fn no_subscription() -> ApiError {
    ApiError::new(NOT_FOUND, "Subscription does not exist")
}

pub(crate) fn no_resource() -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, "Resource does not exist")
}
