//! `NextToken`: a place, and what was asked; valid only for the same question.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keeptrail_operation::ApiError;

use crate::errors;

pub(crate) fn seal(place: &str, question: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{place}\n{question}"))
}

/// The place of a token that belongs to `question`.
pub(crate) fn open(token: &str, question: &str) -> Result<String, ApiError> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let place = text.as_deref().and_then(|text| text.split_once('\n')).filter(|(_, asked)| *asked == question);
    place.map(|(place, _)| place.to_owned()).ok_or_else(invalid)
}

pub(crate) fn invalid() -> ApiError {
    ApiError::new(errors::INVALID_NEXT_TOKEN, "The NextToken is invalid, or was given with other parameters.")
}
