//! `keeptrail verify`: the journal's hash chain, checked without a server.

use std::{io::Write, path::Path};

use keeptrail_journal::{JournalError, verify};
use serde_json::json;

/// Checks the journal of the data directory `data` (or the journal directory itself) and prints what was found. Returns
/// whether the chain holds.
pub(crate) fn run(data: &Path, as_json: bool, out: &mut impl Write) -> Result<bool, JournalError> {
    let inner = data.join("journal");
    let directory = if inner.is_dir() { inner } else { data.to_owned() };
    let report = verify(&directory)?;
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
    // A closed pipe is no reason to report another verdict.
    drop(printed);
    Ok(report.fault.is_none())
}
