//! Lists of a bucket's keys, in their order, with keys of one beginning rolled up.

use std::sync::Arc;

use keeptrail_store::{Key, StoreError, Tx};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::model::{OBJECTS, Object};

/// Rows read at once.
const PAGE: usize = 1000;
/// What a key keeps when a client asks for `encoding-type=url`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// What is asked for.
pub(crate) struct Query<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) prefix: &'a str,
    /// Not empty.
    pub(crate) delimiter: Option<&'a str>,
    /// Only what comes after this key or rolled-up prefix.
    pub(crate) after: Option<&'a str>,
    pub(crate) limit: usize,
}

/// A page of a list.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) objects: Vec<(String, Arc<Object>)>,
    pub(crate) prefixes: Vec<String>,
    /// Where the next page goes on, when there is one: the last key or prefix of this one.
    pub(crate) next: Option<String>,
}

/// Lists keys. What is read is in proportion to what is listed: a rolled-up prefix costs one row.
pub(crate) async fn list(tx: &Tx, query: &Query<'_>) -> Result<Listing, StoreError> {
    let mut listing = Listing::default();
    if query.limit == 0 {
        return Ok(listing);
    }
    let mut place = start(query);
    let mut last: Option<String> = None;
    loop {
        let wanted = (query.limit - listing.objects.len() - listing.prefixes.len() + 1).min(PAGE);
        let rows = OBJECTS.page(tx, &[query.bucket], place.as_ref(), wanted).await?;
        let exhausted = rows.len() < wanted;
        let mut skipped = false;
        for (row, object) in rows {
            let Some(key) = row.parts().pop() else { continue };
            if !key.starts_with(query.prefix) {
                return Ok(listing);
            }
            if listing.objects.len() + listing.prefixes.len() == query.limit {
                listing.next = last;
                return Ok(listing);
            }
            if let Some(prefix) = rolled_up(query, &key) {
                place = Some(after_all(query.bucket, prefix));
                last = Some(prefix.to_owned());
                listing.prefixes.push(prefix.to_owned());
                skipped = true;
                break;
            }
            last = Some(key.clone());
            place = Some(row);
            listing.objects.push((key, object));
        }
        if exhausted && !skipped {
            return Ok(listing);
        }
    }
}

/// Where to begin.
fn start(query: &Query<'_>) -> Option<Key> {
    let by_prefix = (!query.prefix.is_empty()).then(|| before_all(query.bucket, query.prefix));
    let by_marker = query.after.filter(|after| !after.is_empty()).map(|after| match rolled_up(query, after) {
        // All keys of a prefix that was listed are behind it.
        Some(prefix) => after_all(query.bucket, prefix),
        None => OBJECTS.key(&[query.bucket, after]),
    });
    by_prefix.max(by_marker)
}

/// The part of `key` up to the first delimiter after the prefix.
fn rolled_up<'k>(query: &Query<'_>, key: &'k str) -> Option<&'k str> {
    let delimiter = query.delimiter?;
    let rest = key.strip_prefix(query.prefix)?;
    let end = query.prefix.len() + rest.find(delimiter)? + delimiter.len();
    key.get(..end)
}

/// A place before all keys that begin with `prefix`: the prefix without the end mark of a key's part.
fn before_all(bucket: &str, prefix: &str) -> Key {
    let key = OBJECTS.key(&[bucket, prefix]);
    let bytes = key.as_bytes();
    Key::from_bytes(bytes.get(..bytes.len().saturating_sub(2)).unwrap_or_default().to_vec())
}

/// A place after all of them: no text has a byte 0xff.
fn after_all(bucket: &str, prefix: &str) -> Key {
    before_all(bucket, prefix).end()
}

/// A key or prefix as the client wants it.
pub(crate) fn encode(text: &str, url: bool) -> String {
    if url { utf8_percent_encode(text, ENCODED).to_string() } else { text.to_owned() }
}
