//! Looks events up, newest first.

use keeptrail_store::{Scan, StoreError, Tx};
use serde_json::Value;

use super::{
    Attribute,
    chunk::{self, Facts, SPAN, facts, facts_from},
};

/// Facts read from the store at once.
const PAGE: usize = 64;

/// What one call may take: the next goes on from where it ended.
pub(crate) struct Effort {
    /// Chunks to look at.
    pub(crate) chunks: usize,
    /// Bytes of chunks to open.
    pub(crate) bytes: usize,
}

/// What a call takes at most: a few hundred milliseconds.
pub(crate) const MOST: Effort = Effort { chunks: 4096, bytes: 32 << 20 };

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

/// What a look-up found.
pub(crate) struct FoundPage {
    /// The newest events that fit, at most as many as were asked for.
    pub(crate) events: Vec<Found>,
    /// Where the next page begins, when there may be one. A page may be empty and yet not the last.
    pub(crate) next: Option<Position>,
    /// Chunks that were opened.
    pub(crate) opened: usize,
}

/// The newest events that fit.
pub(crate) async fn lookup(tx: &Tx, query: &Query<'_>, effort: &Effort) -> Result<FoundPage, StoreError> {
    let (account, region) = (query.account, query.region);
    let hash = query.attribute.as_ref().map(Attribute::hash);
    let needle = query.attribute.as_ref().and_then(Attribute::needle);
    let from = query.from.map_or_else(|| facts(account, region), |from| facts_from(account, region, from));
    // A chunk whose newest record is later than this has no record as old as those that are looked for.
    let newest = [query.to, query.after.map(|after| after.time)].into_iter().flatten().min();
    let mut to = match newest {
        Some(newest) => facts_from(account, region, newest.saturating_add(SPAN)).end(),
        None => facts(account, region).end(),
    };
    let mut found: Vec<Found> = Vec::new();
    let (mut looked_at, mut bytes, mut opened) = (0, 0, 0);
    let mut follower: Option<u64> = None;
    loop {
        let page = tx.peek_scan(&Scan { from: from.clone(), to: to.clone(), limit: PAGE, reverse: true }).await?;
        let Some((last, _)) = page.last() else { break };
        to = last.clone();
        for (_, row) in &page {
            let chunk = Facts::from_bytes(row.bytes())?;
            // Chunks come newest first by their newest record, and a chunk's records come before those of a later chunk.
            let seq = follower.replace(chunk.first).filter(|follower| *follower > chunk.first).unwrap_or(u64::MAX);
            let ceiling = Position { time: chunk.newest, seq };
            if found.get(query.limit).is_some_and(|event| event.at >= ceiling) {
                return Ok(finish(found, query.limit, opened));
            }
            let floor = Position { time: chunk.oldest, seq: chunk.first };
            if query.after.is_some_and(|after| floor >= after) || query.to.is_some_and(|to| chunk.oldest > to) {
                continue;
            }
            let exhausted = looked_at >= effort.chunks || bytes >= effort.bytes;
            if exhausted && query.after.is_none_or(|after| ceiling < after) {
                found.retain(|event| event.at >= ceiling);
                let page = finish(found, query.limit, opened);
                return Ok(FoundPage { next: page.next.or(Some(ceiling)), ..page });
            }
            looked_at += 1;
            if hash.is_some_and(|hash| !chunk.index.may_hold(hash)) {
                continue;
            }
            // A chunk that grew or went between the two reads is read as it is now, or passed over.
            let Some(text) = chunk::peek(tx, account, region, &chunk).await? else { continue };
            (bytes, opened) = (bytes + text.len(), opened + 1);
            collect(&text, query, needle.as_deref(), &mut found);
            found.sort_by_key(|event| std::cmp::Reverse(event.at));
            found.truncate(query.limit + 1);
        }
    }
    Ok(finish(found, query.limit, opened))
}

fn finish(mut events: Vec<Found>, limit: usize, opened: usize) -> FoundPage {
    let more = events.len() > limit;
    events.truncate(limit);
    let next = events.last().filter(|_| more).map(|event| event.at);
    FoundPage { events, next, opened }
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
