//! EventBridge's errors, with AWS's literal texts.

use keeptrail_operation::{ApiError, ErrorCode};
use keeptrail_pattern::event::EventPatternError;

pub(crate) const INVALID_EVENT_PATTERN: ErrorCode = ErrorCode::sender("InvalidEventPatternException");
pub(crate) const LIMIT_EXCEEDED: ErrorCode = ErrorCode::sender("LimitExceededException");
pub(crate) const RESOURCE_NOT_FOUND: ErrorCode = ErrorCode::sender("ResourceNotFoundException");

pub(crate) fn no_rule(name: &str) -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, format!("Rule {name} does not exist on EventBus default."))
}

pub(crate) fn no_bus_text(name: &str) -> String {
    format!("Event bus {name} does not exist.")
}

pub(crate) fn limit_exceeded() -> ApiError {
    ApiError::new(LIMIT_EXCEEDED, "The requested resource exceeds the maximum number allowed.")
}

pub(crate) fn invalid_pattern(error: &EventPatternError) -> ApiError {
    ApiError::new(INVALID_EVENT_PATTERN, error.to_string())
}

/// The text of AWS's check of a member against its model.
pub(crate) fn constraint(value: &str, member: &str, constraint: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {constraint}"
    ))
}
