//! What the journal promises, tried on a disk that fails and on a real one.

mod crash;
mod exactly_once;
mod fake;
mod ledger;
mod outage;
mod reading;
mod tamper;
mod torn;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use keeptrail_clock::SimClock;
use tempfile::TempDir;

use crate::{Entry, Fault, Journal, Options, Record, Report, disk::Disk};

/// A record of about 100 bytes.
fn record(id: &str) -> Record {
    let bytes = format!(r#"{{"eventVersion":"1.11","eventName":"GetSecretValue","eventID":"{id}","readOnly":true}}"#);
    Record { event_id: id.to_owned(), bytes: Bytes::from(bytes) }
}

fn clock() -> SimClock {
    SimClock::new("2026-11-22T10:00:00Z".parse().unwrap())
}

/// A journal in a directory of its own.
struct Home {
    dir: TempDir,
    clock: SimClock,
    options: Options,
}

impl Home {
    fn new(segment_bytes: u64) -> Self {
        let options = Options { segment_bytes, ..Options::default() };
        Self { dir: tempfile::tempdir().unwrap(), clock: clock(), options }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("journal")
    }

    fn open(&self) -> Journal {
        Journal::open(&self.path(), self.options.clone(), self.clock.clock()).unwrap()
    }

    /// The segments' paths, in order.
    fn segments(&self) -> Vec<PathBuf> {
        let mut names: Vec<_> = std::fs::read_dir(self.path()).unwrap().map(|item| item.unwrap().path()).collect();
        names.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        names.sort();
        names
    }

    fn verify(&self) -> Report {
        crate::verify(&self.path()).unwrap()
    }

    /// A journal with the records `id-1` … `id-<count>`, one append each, closed again.
    async fn filled(segment_bytes: u64, count: usize) -> Self {
        let home = Self::new(segment_bytes);
        append(&home.open(), 1, count).await;
        home
    }
}

async fn append(journal: &Journal, from: usize, to: usize) {
    for n in from..=to {
        assert_eq!(journal.append(vec![record(&format!("id-{n}"))]).await, Ok(n as u64));
    }
}

/// Everything, read in small steps as a reader does.
async fn all(journal: &Journal) -> Vec<Arc<Entry>> {
    let mut entries: Vec<Arc<Entry>> = Vec::new();
    loop {
        let after = entries.last().map_or(0, |entry| entry.seq);
        let page = journal.read(after, 7, 1000).await.unwrap();
        if page.is_empty() {
            return entries;
        }
        assert!(page[0].seq > after && page.windows(2).all(|pair| pair[0].seq < pair[1].seq), "the order is kept");
        entries.extend(page);
    }
}

async fn ids(journal: &Journal) -> Vec<String> {
    all(journal).await.iter().map(|entry| Entry::event_id(entry)).collect()
}

fn numbered(from: usize, to: usize) -> Vec<String> {
    (from..=to).map(|n| format!("id-{n}")).collect()
}

fn kinds(journal: &Journal) -> Vec<String> {
    journal.faults().iter().map(|fault: &Fault| fault.kind.to_string()).collect()
}

fn open_fake(disk: &fake::FakeDisk, options: &Options) -> Journal {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    Journal::open_on(disk, Path::new("/journal"), options.clone(), clock().clock()).unwrap()
}

fn verify_fake(disk: &fake::FakeDisk) -> Report {
    crate::verify::check(disk, Path::new("/journal"), None).unwrap()
}
