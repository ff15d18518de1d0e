//! Checks of names, paths, tags and documents.

use keeptrail_operation::ApiError;
use keeptrail_policy::{Policy, PolicyKind};

use crate::{errors, model::Tag};

/// Checks a user's, role's or policy's name.
pub(crate) fn name(member: &str, name: &str, longest: usize) -> Result<(), ApiError> {
    if name.is_empty() || name.len() > longest {
        return Err(ApiError::validation(format!(
            "1 validation error detected: Value '{}' at '{member}' failed to satisfy constraint: Member must have length between 1 and {longest}",
            name.chars().take(200).collect::<String>()
        )));
    }
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte)) {
        return Ok(());
    }
    Err(ApiError::validation(format!(
        "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
    )))
}

/// Checks a path; the default is `/`.
pub(crate) fn path(path: Option<&str>) -> Result<String, ApiError> {
    let path = path.unwrap_or("/");
    let whole = path == "/" || (path.starts_with('/') && path.ends_with('/') && path.len() >= 2);
    if whole && path.len() <= 512 && path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(path.to_owned());
    }
    Err(ApiError::validation(
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    ))
}

/// Checks tags.
pub(crate) fn tags(tags: &[Tag]) -> Result<(), ApiError> {
    if tags.len() > 50 {
        return Err(ApiError::new(errors::LIMIT_EXCEEDED, "The number of tags has reached the maximum limit."));
    }
    for (index, tag) in tags.iter().enumerate() {
        if tag.key.is_empty() || tag.key.chars().count() > 128 || tag.value.chars().count() > 256 {
            return Err(ApiError::validation("A tag key has 1 to 128 characters and a value at most 256."));
        }
        if tags.iter().skip(index + 1).any(|other| other.key.eq_ignore_ascii_case(&tag.key)) {
            return Err(ApiError::new(
                errors::INVALID_INPUT,
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
    }
    Ok(())
}

/// Adds tags to those that are there; a key that is there already gets the new value.
pub(crate) fn merge_tags(own: &mut Vec<Tag>, new: &[Tag]) -> Result<(), ApiError> {
    tags(new)?;
    own.retain(|tag| !new.iter().any(|other| other.key.eq_ignore_ascii_case(&tag.key)));
    own.extend_from_slice(new);
    tags(own)
}

/// Checks a policy document. `longest` counts characters without white space, as IAM does.
pub(crate) fn document(text: &str, kind: PolicyKind, longest: usize) -> Result<(), ApiError> {
    let length = text.chars().filter(|character| !character.is_whitespace()).count();
    if length > longest {
        return Err(ApiError::new(errors::LIMIT_EXCEEDED, format!("Maximum policy size of {longest} bytes exceeded.")));
    }
    Policy::parse(text, kind).map(drop).map_err(|error| ApiError::new(errors::MALFORMED_POLICY, error.to_string()))
}
