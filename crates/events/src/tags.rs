//! Tags in requests.

use keeptrail_operation::{Access, ApiError};

use crate::{errors, model::Tag};

const MOST: usize = 50;

/// Checks new tags (Tag in the API reference).
pub(crate) fn check(tags: &[Tag]) -> Result<(), ApiError> {
    for (index, tag) in tags.iter().enumerate() {
        if !(1..=128).contains(&tag.key.chars().count()) || tag.value.chars().count() > 256 {
            return Err(ApiError::validation("A tag has a key of 1 to 128 characters and a value of at most 256."));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(ApiError::validation("Tag keys that start with aws: are reserved."));
        }
        if tags.iter().skip(index + 1).any(|other| other.key == tag.key) {
            return Err(ApiError::validation("Duplicate tag keys found."));
        }
    }
    if tags.len() > MOST { Err(errors::limit_exceeded()) } else { Ok(()) }
}

/// Adds tags, or changes their values.
pub(crate) fn add(tags: &mut Vec<Tag>, new: &[Tag]) -> Result<(), ApiError> {
    tags.retain(|tag| !new.iter().any(|new| new.key == tag.key));
    tags.extend(new.iter().cloned());
    if tags.len() > MOST { Err(errors::limit_exceeded()) } else { Ok(()) }
}

/// Adds the condition keys about tags in the request.
pub(crate) fn conditions(access: Access, tags: &[Tag]) -> Access {
    let access =
        tags.iter().fold(access, |access, tag| access.when(format!("aws:RequestTag/{}", tag.key), [tag.value.clone()]));
    access.when("aws:TagKeys", tags.iter().map(|tag| tag.key.clone()))
}
