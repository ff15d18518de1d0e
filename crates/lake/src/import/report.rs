//! What came of an import.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use serde::Serialize;

/// Failures that are listed one by one; beyond, they are only counted.
const LISTED: usize = 10_000;

/// How far an import is. Counters only grow, and may be read from any thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files that were found.
    pub found: AtomicU64,
    /// Log files to read.
    pub files: AtomicU64,
    /// Log files that were read.
    pub files_read: AtomicU64,
    /// Bytes of them, as stored.
    pub bytes_read: AtomicU64,
    /// Events that were read.
    pub events: AtomicU64,
    stopped: AtomicBool,
}

impl Progress {
    /// Lets the import end after what it reads at the moment. What was read until then is in the store.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether the import was told to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    pub(crate) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}

/// A log file of which something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The file.
    pub key: String,
    /// A word for the first thing that was wrong.
    pub code: &'static str,
    /// The same in a sentence.
    pub reason: String,
    /// How many things were wrong.
    pub faults: u64,
    /// Events of the file that could be read, and were.
    pub events: u64,
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Log files in the archive, for the time that was asked for.
    pub files: u64,
    /// Log files that an earlier import took in.
    pub files_known: u64,
    /// Log files that were read now.
    pub files_read: u64,
    /// Log files outside the time that was asked for.
    pub files_out_of_range: u64,
    /// Bytes read, as stored.
    pub bytes: u64,
    /// Bytes of the records.
    pub record_bytes: u64,
    /// Events read.
    pub events: u64,
    /// Events that were not in the store yet.
    pub events_added: u64,
    /// Events that were in the store already, or came twice.
    pub doubles: u64,
    /// Events outside the time that was asked for.
    pub events_out_of_range: u64,
    /// Other files that lay beside the log files, by kind.
    pub other_files: BTreeMap<String, u64>,
    /// Files of which something could not be read; they are read again by the next import.
    pub failed_files: u64,
    /// The first of them.
    pub failures: Vec<Failure>,
}

impl Report {
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failed_files += 1;
        if self.failures.len() < LISTED {
            self.failures.push(failure);
        }
    }
}
