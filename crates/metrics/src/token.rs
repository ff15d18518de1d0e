//! Paging tokens: the place after which the next page begins, in a form that clients do not look into.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keeptrail_operation::ApiError;
use serde::{Serialize, de::DeserializeOwned};

use crate::constraint::INVALID_NEXT_TOKEN;

/// The token for a place. `operation` keeps tokens of different operations apart.
pub(crate) fn seal<T: Serialize>(operation: &str, place: &T) -> Result<String, ApiError> {
    let text = serde_json::to_vec(&(operation, place)).map_err(ApiError::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}

/// The place of a token.
pub(crate) fn open<T: DeserializeOwned>(operation: &str, token: &str) -> Result<T, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let place = bytes.and_then(|bytes| serde_json::from_slice::<(String, T)>(&bytes).ok());
    match place {
        Some((of, place)) if of == operation => Ok(place),
        _ => Err(ApiError::new(INVALID_NEXT_TOKEN, "The NextToken provided is invalid.")),
    }
}
