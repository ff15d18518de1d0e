//! Looks events up, newest first.

use std::sync::Arc;

use keeptrail_store::{Scan, StoreError, Tx};
use serde_json::Value;

use super::{
    Attribute,
    chunk::{self, CHUNKS, Chunk, time_part},
};

/// Chunks read from the store at once.
const PAGE: usize = 64;

/// Where a page ended: the next begins after this event. Events are in the order of time, then of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) time: i64,
    pub(crate) seq: u64,
}

/// What is asked for.
pub(crate) struct Query<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) attribute: Option<Attribute>,
    /// Seconds since 1970, inclusive.
    pub(crate) from: Option<i64>,
    /// Seconds since 1970, inclusive.
    pub(crate) to: Option<i64>,
    pub(crate) after: Option<Position>,
    pub(crate) limit: usize,
}

/// An event that was found.
pub(crate) struct Found {
    pub(crate) at: Position,
    pub(crate) text: String,
    pub(crate) record: Value,
}

/// The newest events that fit, at most `limit`, and whether there are more.
pub(crate) async fn lookup(tx: &Tx, query: &Query<'_>) -> Result<(Vec<Found>, bool), StoreError> {
    let needle = query.attribute.as_ref().and_then(Attribute::needle);
    let prefix = CHUNKS.key(&[query.account, query.region]);
    let from =
        query.from.map_or_else(|| prefix.clone(), |from| CHUNKS.key(&[query.account, query.region, &time_part(from)]));
    let mut to = prefix.end();
    let mut found: Vec<Found> = Vec::new();
    let wanted = query.limit + 1;
    loop {
        let page = tx.peek_scan(&Scan { from: from.clone(), to: to.clone(), limit: PAGE, reverse: true }).await?;
        let Some((last, _)) = page.last() else { break };
        to = last.clone();
        for (_, row) in &page {
            let chunk: Arc<Chunk> = row.decoded(|bytes| {
                serde_json::from_slice(bytes)
                    .map_err(|error| StoreError::Corrupt { table: "trail.history", reason: error.to_string() })
            })?;
            // Chunks come newest first by their newest record: what is full with younger events needs no older chunk.
            if found.get(query.limit).is_some_and(|event| event.at.time > chunk.newest) {
                return Ok(finish(found, query.limit));
            }
            if query.to.is_some_and(|to| chunk.oldest > to) {
                continue;
            }
            // A chunk that grew or went between the two reads is read as it is now, or passed over.
            let Some(text) = chunk::peek(tx, query.account, query.region, &chunk).await? else { continue };
            if needle.as_ref().is_some_and(|needle| !text.contains(needle.as_str())) {
                continue;
            }
            collect(&text, query, needle.as_deref(), &mut found);
            found.sort_by_key(|event| std::cmp::Reverse(event.at));
            found.truncate(wanted);
        }
    }
    Ok(finish(found, query.limit))
}

fn finish(mut found: Vec<Found>, limit: usize) -> (Vec<Found>, bool) {
    let more = found.len() > limit;
    found.truncate(limit);
    (found, more)
}

fn collect(text: &str, query: &Query<'_>, needle: Option<&str>, found: &mut Vec<Found>) {
    for line in chunk::lines(text) {
        let at = Position { time: line.time, seq: line.seq };
        let in_range = query.from.is_none_or(|from| line.time >= from) && query.to.is_none_or(|to| line.time <= to);
        let later = query.after.is_none_or(|after| at < after);
        if !in_range || !later || needle.is_some_and(|needle| !line.record.contains(needle)) {
            continue;
        }
        let Ok(record) = serde_json::from_str::<Value>(line.record) else { continue };
        if query.attribute.as_ref().is_none_or(|attribute| attribute.matches(&record)) {
            found.push(Found { at, text: line.record.to_owned(), record });
        }
    }
}
