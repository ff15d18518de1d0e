//! A reader and its place in the journal, when the journal is not what it was.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use keeptrail_clock::{Clock, SimClock};
use keeptrail_jobs::{Driver, JobError, Parsed, Reader, cursor};
use keeptrail_journal::{FaultKind, Journal, Ledger, Options, Record};
use keeptrail_store::{Sqlite, Store, Tx};

/// A reader that notes what it saw.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<u64>>>);

#[async_trait]
impl Reader for Seen {
    fn name(&self) -> &'static str {
        "test.seen"
    }

    async fn apply(&self, _: &Tx, records: &[Parsed<'_>]) -> Result<(), JobError> {
        self.0.lock().unwrap().extend(records.iter().map(|record| record.seq));
        Ok(())
    }
}

fn clock() -> Clock {
    SimClock::new("2026-03-01T12:00:00Z".parse().unwrap()).clock()
}

async fn ledger(dir: &Path) -> Ledger {
    let store = Store::new(Sqlite::open(&dir.join("store.db")).unwrap(), 1 << 20);
    // A segment for each entry, so that one can be lost.
    let options = Options { segment_bytes: 1, ..Options::default() };
    let journal = Journal::open(&dir.join("journal"), options, clock()).unwrap();
    Ledger::open(store, journal, clock()).await.unwrap()
}

async fn append(ledger: &Ledger, number: u32) -> u64 {
    let event_id = format!("{number:08}-0000-4000-8000-000000000000");
    let bytes = format!(r#"{{"eventID":"{event_id}"}}"#).into();
    ledger.journal().append(vec![Record { event_id, bytes }]).await.unwrap()
}

/// Lets the reader read all there is.
async fn read(ledger: &Ledger) -> Vec<u64> {
    let seen = Seen::default();
    let mut driver = Driver::new(ledger.clone(), clock());
    driver.reader(seen.clone());
    driver.recall().await.unwrap();
    let running = driver.start();
    running.settle().await;
    running.drain().await;
    seen.0.lock().unwrap().clone()
}

fn segments(dir: &Path) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(dir.join("journal")).unwrap().map(|file| file.unwrap().path());
    let mut segments: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "jsonl")).collect();
    segments.sort();
    segments
}

fn details(ledger: &Ledger) -> Vec<(FaultKind, String)> {
    ledger.journal().faults().into_iter().map(|fault| (fault.kind, fault.detail)).collect()
}

#[tokio::test]
async fn a_journal_that_ends_before_a_cursor_is_a_fault_and_no_new_entry_is_taken_for_read() {
    let dir = tempfile::tempdir().unwrap();
    {
        let ledger = ledger(dir.path()).await;
        for number in 1..=4 {
            append(&ledger, number).await;
        }
        assert_eq!(read(&ledger).await, [1, 2, 3, 4]);
        ledger.close().await;
    }
    for segment in segments(dir.path()).drain(2..) {
        std::fs::remove_file(segment).unwrap();
    }
    let ledger = ledger(dir.path()).await;
    assert_eq!(read(&ledger).await, Vec::<u64>::new());
    let fault = (FaultKind::Truncated, "the entries 3 to 4 are missing".to_owned());
    assert!(details(&ledger).contains(&fault), "{:?}", details(&ledger));
    assert_eq!(append(&ledger, 5).await, 5, "a number that was given is not given again");
    assert_eq!(read(&ledger).await, [5]);
}

#[tokio::test]
async fn entries_that_went_before_a_reader_came_to_them_are_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    {
        let ledger = ledger(dir.path()).await;
        append(&ledger, 1).await;
        assert_eq!(read(&ledger).await, [1]);
        for number in 2..=4 {
            append(&ledger, number).await;
        }
        ledger.close().await;
    }
    for segment in segments(dir.path()).drain(..3) {
        std::fs::remove_file(segment).unwrap();
    }
    let ledger = ledger(dir.path()).await;
    assert_eq!(read(&ledger).await, [4]);
    let fault = (FaultKind::Deleted, "the reader test.seen never saw the entries 2 to 3".to_owned());
    assert!(details(&ledger).contains(&fault), "{:?}", details(&ledger));
}

#[tokio::test]
async fn a_new_reader_begins_with_what_is_kept_and_that_is_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    {
        let ledger = ledger(dir.path()).await;
        for number in 1..=4 {
            append(&ledger, number).await;
        }
        assert!(ledger.retire(2, "2027-01-01T00:00:00Z".parse().unwrap()).await.unwrap() > 0);
        ledger.close().await;
    }
    let ledger = ledger(dir.path()).await;
    let seen = read(&ledger).await;
    assert_eq!(seen, [3, 4]);
    assert_eq!(details(&ledger), []);
    assert_eq!(cursor(&ledger.begin(), "test.seen").await.unwrap(), 4);
}
