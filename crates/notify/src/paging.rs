//! Pages of lists, 100 entries each.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keeptrail_operation::ApiError;
use keeptrail_store::{Key, Row, Table, Tx};

use crate::errors::invalid;

/// Entries of a page.
const PAGE: usize = 100;

/// The page after `token` of the rows under `parts`, and the token of the next one.
pub(crate) async fn page<T: Row>(
    tx: &Tx,
    table: &Table<T>,
    parts: &[&str],
    token: Option<&str>,
) -> Result<(Vec<(Key, Arc<T>)>, Option<String>), ApiError> {
    let prefix = table.key(parts);
    let after = token.filter(|token| !token.is_empty()).map(|token| after(&prefix, token)).transpose()?;
    let mut rows = table.page(tx, parts, after.as_ref(), PAGE + 1).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|(key, _)| {
        let rest = key.as_bytes().strip_prefix(prefix.as_bytes()).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(rest)
    });
    Ok((rows, next))
}

/// The key that a token stands for. A token holds only what follows the prefix, so it cannot lead elsewhere.
fn after(prefix: &Key, token: &str) -> Result<Key, ApiError> {
    let rest = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid("NextToken"))?;
    let key = Key::from_bytes([prefix.as_bytes(), &rest].concat());
    if rest.is_empty() || key >= prefix.end() { Err(invalid("NextToken")) } else { Ok(key) }
}
