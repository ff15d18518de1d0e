//! Which records that an earlier run left in the outbox are in the journal already.

use std::collections::HashSet;

use keeptrail_store::OutboxRow;

use crate::{Anchor, Entry, Journal, JournalError};

/// Entries are read in pages of so many and so many bytes.
const PAGE: usize = 1000;
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// The event ids of those of the outbox's rows that are in the journal.
pub(crate) async fn appended(
    journal: &Journal,
    anchor: Anchor,
    left: &[&OutboxRow],
) -> Result<HashSet<String>, JournalError> {
    let mut missing: HashSet<&str> = left.iter().map(|row| row.event_id.as_str()).collect();
    let mut found = HashSet::new();
    let mut after = anchor.seq;
    while !missing.is_empty() {
        let entries = journal.read(after, PAGE, PAGE_BYTES).await?;
        let Some(last) = entries.last() else { break };
        after = last.seq;
        for entry in entries {
            if !mentions(&entry, &missing) {
                continue;
            }
            let event_id = entry.event_id();
            if missing.remove(event_id.as_str()) {
                found.insert(event_id);
            }
        }
    }
    Ok(found)
}

/// Whether it is worth parsing the entry: most of them hold none of the ids.
fn mentions(entry: &Entry, ids: &HashSet<&str>) -> bool {
    const MEMBER: &[u8] = b"\"eventID\":\"";
    memchr::memmem::find_iter(&entry.record, MEMBER).any(|at| {
        let text = entry.record.get(at + MEMBER.len()..).unwrap_or_default();
        let id = text.split(|byte| *byte == b'"').next().unwrap_or_default();
        std::str::from_utf8(id).is_ok_and(|id| ids.contains(id))
    })
}
