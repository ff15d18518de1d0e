//! Log groups, streams and what belongs to them, as they are kept.

use std::collections::BTreeMap;

use keeptrail_store::{Key, Table};
use serde::{Deserialize, Serialize};

/// A log group. All times here are in milliseconds since 1970.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    /// Sets a group apart from an earlier one of its name.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created: i64,
    pub(crate) retention_days: Option<i64>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// A log stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stream {
    /// Sets a stream apart from an earlier one of its name; part of the ids of its events.
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) created: i64,
    pub(crate) first_event: Option<i64>,
    pub(crate) last_event: Option<i64>,
    pub(crate) last_ingestion: Option<i64>,
    /// Bytes of messages, and 26 for each event, as AWS counts.
    pub(crate) stored_bytes: u64,
    /// The number of the next event.
    pub(crate) next_event: u64,
    /// Small chunks written since the stream was last handed to the merge task.
    pub(crate) loose: u32,
}

/// A stream, or a whole group, whose events are to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Doom {
    Stream,
    Group,
}

/// By account, region and name.
pub(crate) const GROUPS: Table<Group> = Table::new("logs.group");
/// By account, region, group id and name.
pub(crate) const STREAMS: Table<Stream> = Table::new("logs.stream");
/// By account, region, group id and stream id (empty for a whole group).
pub(crate) const DOOMED: Table<Doom> = Table::new("logs.doomed");
/// Streams with small chunks, by account, region, group id and stream id.
pub(crate) const LOOSE: Table<()> = Table::new("logs.loose");

/// The group's retention time has passed for what is older than this.
pub(crate) fn expired_before(group: &Group, now: i64) -> Option<i64> {
    group.retention_days.map(|days| now.saturating_sub(days.saturating_mul(86_400_000)))
}

/// A number as a key part that sorts by its value.
pub(crate) fn ordered(number: u64) -> String {
    format!("{number:020}")
}

/// Where a stream's chunks are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) group: &'a str,
    pub(crate) stream: u64,
}

impl Place<'_> {
    /// The prefix of the keys of the stream's chunks.
    pub(crate) fn chunks(&self) -> Key {
        chunks(self.account, self.region, self.group).number(self.stream)
    }
}

/// The prefix of the keys of a group's chunks.
pub(crate) fn chunks(account: &str, region: &str, group: &str) -> Key {
    Key::of(&["logs.chunk", account, region, group])
}
