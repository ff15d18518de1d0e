//! Checks of names, paths, tags and documents.

use keeptrail_operation::ApiError;
use keeptrail_policy::{Policy, PolicyKind};

use crate::{errors, limits, model::Tag};

/// Checks a user's, role's or policy's name.
pub(crate) fn name(member: &str, name: &str, longest: usize) -> Result<(), ApiError> {
    length(member, name, 1, longest)?;
    if spelled(name) {
        return Ok(());
    }
    Err(ApiError::validation(format!(
        "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
    )))
}

/// Checks a session's name, a source identity or an external id: 2 characters at least.
pub(crate) fn session_name(member: &str, name: &str, longest: usize) -> Result<(), ApiError> {
    length(member, name, 2, longest)?;
    let external = member == "externalId" && name.bytes().all(|byte| plain(byte) || b":/".contains(&byte));
    if external || spelled(name) {
        return Ok(());
    }
    let pattern = if member == "externalId" { r"[\w+=,.@:\/-]*" } else { r"[\w+=,.@-]*" };
    Err(constraint(member, name, &format!("satisfy regular expression pattern: {pattern}")))
}

/// Checks a number of seconds.
pub(crate) fn seconds(member: &str, asked: u32, least: u32, most: u32) -> Result<u32, ApiError> {
    let must = match asked {
        asked if asked < least => format!("have value greater than or equal to {least}"),
        asked if asked > most => format!("have value less than or equal to {most}"),
        asked => return Ok(asked),
    };
    Err(constraint(member, &asked.to_string(), &must))
}

fn length(member: &str, name: &str, shortest: usize, longest: usize) -> Result<(), ApiError> {
    match name.chars().count() {
        count if count < shortest => {
            Err(constraint(member, name, &format!("have length greater than or equal to {shortest}")))
        }
        count if count > longest => {
            Err(constraint(member, name, &format!("have length less than or equal to {longest}")))
        }
        _ => Ok(()),
    }
}

/// AWS's text for a value that breaks a constraint of the API's model.
pub(crate) fn constraint(member: &str, value: &str, must: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{}' at '{member}' failed to satisfy constraint: Member must {must}",
        value.chars().take(200).collect::<String>()
    ))
}

fn spelled(name: &str) -> bool {
    name.bytes().all(plain)
}

fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte)
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

/// Checks a description.
pub(crate) fn description(text: Option<&str>) -> Result<(), ApiError> {
    match text {
        Some(text) => length("description", text, 0, 1000),
        None => Ok(()),
    }
}

/// Checks tags.
pub(crate) fn tags(tags: &[Tag]) -> Result<(), ApiError> {
    if tags.len() > limits::TAGS {
        return Err(ApiError::new(errors::LIMIT_EXCEEDED, "The number of tags has reached the maximum limit."));
    }
    for (index, tag) in tags.iter().enumerate() {
        if tag.key.is_empty() || tag.key.chars().count() > 128 || tag.value.chars().count() > 256 {
            return Err(ApiError::validation("A tag key has 1 to 128 characters and a value at most 256."));
        }
        if !tag.key.chars().chain(tag.value.chars()).all(in_tag) {
            return Err(ApiError::validation(
                "A tag's key and value consist of letters, digits, spaces and the following: _.:/=+-@",
            ));
        }
        if tag.key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            return Err(ApiError::new(
                errors::INVALID_INPUT,
                "aws: prefixed tag key names are not allowed for external use.",
            ));
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

fn in_tag(character: char) -> bool {
    character.is_alphanumeric() || character == ' ' || "_.:/=+-@".contains(character)
}

/// Adds tags to those that are there; a key that is there already gets the new value.
pub(crate) fn merge_tags(own: &mut Vec<Tag>, new: &[Tag]) -> Result<(), ApiError> {
    tags(new)?;
    own.retain(|tag| !new.iter().any(|other| other.key.eq_ignore_ascii_case(&tag.key)));
    own.extend_from_slice(new);
    tags(own)
}

/// Checks a policy document.
pub(crate) fn document(text: &str, kind: PolicyKind) -> Result<(), ApiError> {
    Policy::parse(text, kind).map(drop).map_err(|error| ApiError::new(errors::MALFORMED_POLICY, error.to_string()))
}

/// Checks a managed policy's document.
pub(crate) fn managed(text: &str) -> Result<(), ApiError> {
    if size(text) > limits::MANAGED {
        return Err(errors::over_quota("PolicySize", limits::MANAGED));
    }
    document(text, PolicyKind::Managed)
}

/// Checks a role's trust policy.
pub(crate) fn trust(text: &str) -> Result<(), ApiError> {
    if size(text) > limits::TRUST {
        return Err(errors::over_quota("ACLSizePerRole", limits::TRUST));
    }
    document(text, PolicyKind::Trust)
}

/// A document's size as IAM counts it: white space is free.
pub(crate) fn size(text: &str) -> usize {
    text.chars().filter(|character| !character.is_whitespace()).count()
}
