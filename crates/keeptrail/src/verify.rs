//! `keeptrail verify`: the journal's hash chain, and what the store remembers of it, checked without a server.

use std::{io::Write, path::Path};

use keeptrail_journal::{JournalError, verify, verify_remembered};
use serde_json::json;

/// Checks the journal of the data directory `data` (or the journal directory itself) and prints what was found. Returns
/// whether the chain holds.
pub(crate) fn run(data: &Path, as_json: bool, out: &mut impl Write) -> Result<bool, JournalError> {
    let inner = data.join("journal");
    let directory = if inner.is_dir() { inner } else { data.to_owned() };
    let store = data.join("store.db");
    let remembered = store.is_file().then(|| verify_remembered(&directory, &store));
    // Without the store, or when it cannot be read, the chain still tells of all but a cut end or beginning.
    let alone = remembered.as_ref().and_then(|result| result.as_ref().err().map(ToString::to_string));
    let anchored = matches!(remembered, Some(Ok(_)));
    let report = match remembered {
        Some(Ok(report)) => report,
        _ => verify(&directory)?,
    };
    let printed = if as_json {
        let fault = report
            .fault
            .as_ref()
            .map(|fault| json!({ "segment": fault.segment, "line": fault.line, "seq": fault.seq, "what": fault.what }));
        writeln!(
            out,
            "{}",
            json!({
                "intact": report.fault.is_none(),
                "comparedWithStore": anchored,
                "segments": report.segments,
                "entries": report.entries,
                "first": report.first,
                "last": report.last,
                "headHash": report.head_hash,
                "unfinishedBytes": report.unfinished_bytes,
                "fault": fault,
            })
        )
    } else {
        let chain =
            format!("{} entries in {} segments, {} to {}", report.entries, report.segments, report.first, report.last);
        match &report.fault {
            None => writeln!(out, "The chain holds: {chain}.\nHead: {}", report.head_hash),
            Some(fault) => writeln!(
                out,
                "THE CHAIN IS BROKEN in {} at line {}{}: {}\nBefore that: {chain}.",
                fault.segment,
                fault.line,
                fault.seq.map(|seq| format!(" (entry {seq})")).unwrap_or_default(),
                fault.what
            ),
        }
    };
    if let Some(reason) = alone.filter(|_| !as_json) {
        drop(writeln!(out, "The chain was checked alone, so a cut end would not show: {reason}"));
    }
    // A closed pipe is no reason to report another verdict.
    drop(printed);
    Ok(report.fault.is_none())
}
