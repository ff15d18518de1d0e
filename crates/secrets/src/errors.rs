//! Secrets Manager's errors, with AWS's literal texts.

use keeptrail_operation::{ApiError, ErrorCode};

pub(crate) const INVALID_PARAMETER: ErrorCode = ErrorCode::sender("InvalidParameterException");
pub(crate) const INVALID_REQUEST: ErrorCode = ErrorCode::sender("InvalidRequestException");
pub(crate) const INVALID_NEXT_TOKEN: ErrorCode = ErrorCode::sender("InvalidNextTokenException");
pub(crate) const LIMIT_EXCEEDED: ErrorCode = ErrorCode::sender("LimitExceededException");
pub(crate) const MALFORMED_POLICY: ErrorCode = ErrorCode::sender("MalformedPolicyDocumentException");
pub(crate) const PUBLIC_POLICY: ErrorCode = ErrorCode::sender("PublicPolicyException");
pub(crate) const RESOURCE_EXISTS: ErrorCode = ErrorCode::sender("ResourceExistsException");
pub(crate) const RESOURCE_NOT_FOUND: ErrorCode = ErrorCode::sender("ResourceNotFoundException");
pub(crate) const DECRYPTION_FAILURE: ErrorCode = ErrorCode::sender("DecryptionFailure");
pub(crate) const ENCRYPTION_FAILURE: ErrorCode = ErrorCode::sender("EncryptionFailure");

/// Terraform and the alarm of the user guide search for this text: ASCII apostrophe.
pub(crate) const MARKED_FOR_DELETION: &str =
    "You can't perform this operation on the secret because it was marked for deletion.";

pub(crate) fn no_secret() -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, "Secrets Manager can't find the specified secret.")
}

pub(crate) fn marked_for_deletion() -> ApiError {
    ApiError::new(INVALID_REQUEST, MARKED_FOR_DELETION)
}

pub(crate) fn no_label(label: &str) -> ApiError {
    let text = format!("Secrets Manager can't find the specified secret value for staging label: {label}");
    ApiError::new(RESOURCE_NOT_FOUND, text)
}

pub(crate) fn no_version(id: &str) -> ApiError {
    let text = format!("Secrets Manager can't find the specified secret value for VersionId: {id}");
    ApiError::new(RESOURCE_NOT_FOUND, text)
}

pub(crate) fn invalid_parameter(text: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(INVALID_PARAMETER, text)
}

pub(crate) fn invalid_request(text: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(INVALID_REQUEST, text)
}

/// The text of AWS's constraint check, as botocore's users know it.
pub(crate) fn too_long(member: &str, limit: usize) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length less than or equal to {limit}"
    ))
}
