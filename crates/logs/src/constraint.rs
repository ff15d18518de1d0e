//! Members that break a constraint, in AWS's words.

use keeptrail_operation::{ApiError, ErrorCode};

/// A member that is not as it should be.
pub(crate) const INVALID_PARAMETER: ErrorCode = ErrorCode::sender("InvalidParameterException");
/// No such group, stream or filter.
pub(crate) const RESOURCE_NOT_FOUND: ErrorCode = ErrorCode::sender("ResourceNotFoundException");
/// There is one of this name.
pub(crate) const ALREADY_EXISTS: ErrorCode = ErrorCode::sender("ResourceAlreadyExistsException");
/// More than the service takes.
pub(crate) const LIMIT_EXCEEDED: ErrorCode = ErrorCode::sender("LimitExceededException");
/// More tags than a resource takes.
pub(crate) const TOO_MANY_TAGS: ErrorCode = ErrorCode::sender("TooManyTagsException");

/// An `InvalidParameterException`.
pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(INVALID_PARAMETER, message.into())
}

/// That a paging token is not one of ours.
pub(crate) fn invalid_token() -> ApiError {
    invalid("The specified nextToken is invalid.")
}

fn detected(value: &str, member: &str, constraint: &str) -> ApiError {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
    ))
}

/// `value` must have so many characters.
pub(crate) fn length(member: &str, value: &str, least: usize, most: usize) -> Result<(), ApiError> {
    let count = value.chars().count();
    if count < least {
        let constraint = format!("Member must have length greater than or equal to {least}");
        return Err(detected(value, member, &constraint));
    }
    if count > most {
        return Err(detected(value, member, &format!("Member must have length less than or equal to {most}")));
    }
    Ok(())
}

/// `value` must be one of `set`.
pub(crate) fn one_of(member: &str, value: &str, set: &[&str]) -> Result<(), ApiError> {
    if set.contains(&value) {
        return Ok(());
    }
    Err(detected(value, member, &format!("Member must satisfy enum value set: [{}]", set.join(", "))))
}

/// A number in a range; `default` when it was not given.
pub(crate) fn range(member: &str, value: Option<i64>, most: i64, default: i64) -> Result<usize, ApiError> {
    let value = value.unwrap_or(default);
    if value < 1 {
        return Err(detected(&value.to_string(), member, "Member must have value greater than or equal to 1"));
    }
    if value > most {
        let constraint = format!("Member must have value less than or equal to {most}");
        return Err(detected(&value.to_string(), member, &constraint));
    }
    Ok(usize::try_from(value).unwrap_or_default())
}

/// A list must have so many items.
pub(crate) fn items(member: &str, count: usize, least: usize, most: usize) -> Result<(), ApiError> {
    let bound = |words: &str, bound: usize| {
        invalid(format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length {words} than or equal to {bound}"
        ))
    };
    match count {
        count if count < least => Err(bound("greater", least)),
        count if count > most => Err(bound("less", most)),
        _ => Ok(()),
    }
}

fn matches(member: &str, value: &str, pattern: &str, allowed: impl Fn(char) -> bool) -> Result<(), ApiError> {
    if value.chars().all(allowed) {
        return Ok(());
    }
    Err(detected(value, member, &format!("Member must satisfy regular expression pattern: {pattern}")))
}

/// A log group's name, or the begin or a part of one.
pub(crate) fn group_name(member: &str, value: &str) -> Result<(), ApiError> {
    length(member, value, 1, 512)?;
    let allowed = |sign: char| sign.is_ascii_alphanumeric() || ".-_/#".contains(sign);
    matches(member, value, r"[\.\-_/#A-Za-z0-9]+", allowed)
}

/// The name of a log stream or a filter.
pub(crate) fn name(member: &str, value: &str) -> Result<(), ApiError> {
    length(member, value, 1, 512)?;
    matches(member, value, "[^:*]*", |sign| sign != ':' && sign != '*')
}

/// The name or namespace of a metric.
pub(crate) fn metric_name(member: &str, value: &str) -> Result<(), ApiError> {
    length(member, value, 1, 255)?;
    matches(member, value, "[^:*$]*", |sign| !":*$".contains(sign))
}
