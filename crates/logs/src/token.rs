//! Paging tokens of lists: the place after which the next page begins, in a form that clients do not look into.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keeptrail_operation::ApiError;
use serde::{Serialize, de::DeserializeOwned};

use crate::constraint::invalid_token;

/// The token for a place. `operation` keeps tokens of different operations apart.
pub(crate) fn seal<T: Serialize>(operation: &str, place: &T) -> Result<String, ApiError> {
    let text = serde_json::to_vec(&(operation, place)).map_err(ApiError::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}

/// The place of a token, if there is one.
pub(crate) fn open<T: DeserializeOwned>(operation: &str, token: Option<&str>) -> Result<Option<T>, ApiError> {
    let Some(token) = token else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let place = bytes.and_then(|bytes| serde_json::from_slice::<(String, T)>(&bytes).ok());
    match place {
        Some((of, place)) if of == operation => Ok(Some(place)),
        _ => Err(invalid_token()),
    }
}
