//! Any bytes as a segment: its lines are read or not, and a scan of the file ends with a report. A segment whose entries
//! are chained from the input is read to its end.

#![no_main]

use std::{fs, path::PathBuf, sync::OnceLock};

use keeptrail_journal::{Anchor, parse_entry, segment, verify};
use libfuzzer_sys::fuzz_target;

/// One directory for each process, with one segment.
fn file() -> &'static PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let dir = std::env::temp_dir().join(format!("keeptrail-fuzz-journal-{}", std::process::id()));
        fs::create_dir_all(&dir).ok();
        dir.join(segment::file_name(1))
    })
}

fuzz_target!(|bytes: &[u8]| {
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Some(entry) = parse_entry(line) {
            assert!(entry.record.len() < line.len());
        }
        if let Some(header) = segment::parse_header(line) {
            assert!(header.start().seq <= header.first);
        }
    }
    if let Some(anchor) = Anchor::from_bytes(bytes) {
        assert_eq!(anchor.to_bytes(), bytes);
    }
    let file = file();
    if fs::write(file, bytes).is_ok() {
        let Some(Ok(report)) = file.parent().map(verify) else { panic!("a file that is there is not read") };
        assert!(report.entries <= bytes.len() as u64);
    }
});
