//! IAM's and STS's errors, with AWS's literal texts. Records name the exception (`NoSuchEntityException`), the query
//! protocol its short code (`NoSuchEntity`).

use keeptrail_operation::{ApiError, ErrorCode};

pub(crate) const NO_SUCH_ENTITY: ErrorCode =
    ErrorCode::sender("NoSuchEntityException").in_query("NoSuchEntity").with_status(404);
pub(crate) const ENTITY_ALREADY_EXISTS: ErrorCode =
    ErrorCode::sender("EntityAlreadyExistsException").in_query("EntityAlreadyExists").with_status(409);
pub(crate) const DELETE_CONFLICT: ErrorCode =
    ErrorCode::sender("DeleteConflictException").in_query("DeleteConflict").with_status(409);
pub(crate) const LIMIT_EXCEEDED: ErrorCode =
    ErrorCode::sender("LimitExceededException").in_query("LimitExceeded").with_status(409);
pub(crate) const MALFORMED_POLICY: ErrorCode =
    ErrorCode::sender("MalformedPolicyDocumentException").in_query("MalformedPolicyDocument");
pub(crate) const INVALID_INPUT: ErrorCode = ErrorCode::sender("InvalidInputException").in_query("InvalidInput");
pub(crate) const INVALID_VALUE: ErrorCode =
    ErrorCode::sender("InvalidParameterValueException").in_query("InvalidParameterValue");
pub(crate) const INVALID_TOKEN: ErrorCode = ErrorCode::sender("InvalidClientTokenId").with_status(403);

pub(crate) fn no_user(name: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("The user with name {name} cannot be found."))
}

pub(crate) fn no_role(name: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("The role with name {name} cannot be found."))
}

pub(crate) fn no_policy(arn: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("Policy {arn} does not exist or is not attachable."))
}

pub(crate) fn no_version(arn: &str, version: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("Policy {arn} version {version} does not exist or is not attachable."))
}

pub(crate) fn no_key(id: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("The Access Key with id {id} cannot be found."))
}

pub(crate) fn no_inline_policy(kind: &str, policy: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("The {kind} policy with name {policy} cannot be found."))
}

pub(crate) fn not_attached(policy: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("Policy {policy} was not found."))
}

pub(crate) fn exists(kind: &str, name: &str) -> ApiError {
    ApiError::new(ENTITY_ALREADY_EXISTS, format!("{kind} with name {name} already exists."))
}

pub(crate) fn conflict(what: &str) -> ApiError {
    ApiError::new(DELETE_CONFLICT, format!("Cannot delete entity, must {what} first."))
}

pub(crate) fn over_quota(quota: &str, limit: usize) -> ApiError {
    ApiError::new(LIMIT_EXCEEDED, format!("Cannot exceed quota for {quota}: {limit}"))
}

pub(crate) fn inline_too_large(limit: usize, kind: &str, name: &str) -> ApiError {
    let text = format!("Maximum policy size of {limit} bytes exceeded for {kind} {name}");
    ApiError::new(LIMIT_EXCEEDED, text)
}
