//! Members that break a constraint, in AWS's words.

use keeptrail_operation::{ApiError, ErrorCode};

/// A value that is not allowed.
pub(crate) const INVALID_VALUE: ErrorCode =
    ErrorCode::sender("InvalidParameterValueException").in_query("InvalidParameterValue");
/// Two members that exclude each other, or too much asked for at once.
pub(crate) const INVALID_COMBINATION: ErrorCode =
    ErrorCode::sender("InvalidParameterCombinationException").in_query("InvalidParameterCombination");
/// A member that is needed here.
pub(crate) const MISSING_PARAMETER: ErrorCode =
    ErrorCode::sender("MissingRequiredParameterException").in_query("MissingParameter");
/// No such alarm, for the alarm operations.
pub(crate) const RESOURCE_NOT_FOUND: ErrorCode =
    ErrorCode::sender("ResourceNotFound").in_query("ResourceNotFound").with_status(404);
/// No such resource, for the tagging operations.
pub(crate) const RESOURCE_NOT_FOUND_EXCEPTION: ErrorCode =
    ErrorCode::sender("ResourceNotFoundException").in_query("ResourceNotFoundException").with_status(404);
/// A token that this operation did not give out.
pub(crate) const INVALID_NEXT_TOKEN: ErrorCode = ErrorCode::sender("InvalidNextToken").in_query("InvalidNextToken");
/// Text that is not the JSON it should be.
pub(crate) const INVALID_FORMAT: ErrorCode = ErrorCode::sender("InvalidFormatFault").in_query("InvalidFormat");

fn detected(value: &str, member: &str, constraint: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
    ))
}

/// `value` must be one of `set`.
pub(crate) fn one_of(member: &str, value: &str, set: &[&str]) -> Result<(), ApiError> {
    if set.contains(&value) {
        return Ok(());
    }
    Err(detected(value, member, &format!("Member must satisfy enum value set: [{}]", set.join(", "))))
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

/// A list must have so many items.
pub(crate) fn items(member: &str, count: usize, most: usize) -> Result<(), ApiError> {
    if count <= most {
        return Ok(());
    }
    Err(ApiError::validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length less than or equal to {most}"
    )))
}

/// A number must lie in a range; the number as it counts here, or `default` when it was not given.
pub(crate) fn range(member: &str, value: Option<i64>, least: i64, most: i64, default: i64) -> Result<usize, ApiError> {
    let value = value.unwrap_or(default);
    let text = value.to_string();
    if value < least {
        return Err(detected(&text, member, &format!("Member must have value greater than or equal to {least}")));
    }
    if value > most {
        return Err(detected(&text, member, &format!("Member must have value less than or equal to {most}")));
    }
    Ok(usize::try_from(value).unwrap_or_default())
}

/// A name of a metric or a namespace.
pub(crate) fn name(member: &str, value: &str) -> Result<(), ApiError> {
    length(member, value, 1, 255)?;
    if member.eq_ignore_ascii_case("namespace") && value.starts_with(':') {
        return Err(detected(value, member, "Member must satisfy regular expression pattern: [^:].*"));
    }
    Ok(())
}
