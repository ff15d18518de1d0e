//! Readers that go together, and one that cannot.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use keeptrail_clock::SimClock;
use keeptrail_jobs::{Driver, JobError, JobState, Parsed, Reader, Running, cursor};
use keeptrail_journal::{Journal, Ledger, Options, Record};
use keeptrail_store::{Sqlite, Store, Table, Tx};

/// What each reader has seen, by its name.
const SEEN: Table<Vec<u64>> = Table::new("test.seen");

/// A reader that notes what it saw, unless it is told to fail after it has written.
struct Noting {
    name: &'static str,
    fails: Arc<AtomicBool>,
}

#[async_trait]
impl Reader for Noting {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn apply(&self, tx: &Tx, records: &[Parsed<'_>]) -> Result<(), JobError> {
        let mut seen = SEEN.get(tx, &[self.name]).await?.map(|seen| seen.to_vec()).unwrap_or_default();
        seen.extend(records.iter().map(|record| record.seq));
        SEEN.put(tx, &[self.name], &seen)?;
        if self.fails.load(Ordering::Relaxed) { Err(JobError::failed("as the test wants")) } else { Ok(()) }
    }
}

struct World {
    _dir: tempfile::TempDir,
    time: SimClock,
    ledger: Ledger,
    fails: Arc<AtomicBool>,
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let time = SimClock::new("2026-03-01T12:00:00Z".parse().unwrap());
        let store = Store::new(Sqlite::open(&dir.path().join("store.db")).unwrap(), 1 << 20);
        let journal = Journal::open(&dir.path().join("journal"), Options::default(), time.clock()).unwrap();
        let ledger = Ledger::open(store, journal, time.clock()).await.unwrap();
        Self { _dir: dir, time, ledger, fails: Arc::default() }
    }

    /// The readers a and c, and b, which fails when it is told to.
    fn driver(&self) -> Driver {
        let mut driver = Driver::new(self.ledger.clone(), self.time.clock());
        for name in ["a", "b", "c"] {
            let fails = if name == "b" { Arc::clone(&self.fails) } else { Arc::default() };
            driver.reader(Noting { name, fails });
        }
        driver
    }

    fn start(&self) -> Running {
        self.driver().start()
    }

    async fn append(&self, numbers: std::ops::RangeInclusive<u64>) {
        for number in numbers {
            let event_id = format!("{number:08}-0000-4000-8000-000000000000");
            let bytes = format!(r#"{{"eventID":"{event_id}"}}"#).into();
            self.ledger.journal().append(vec![Record { event_id, bytes }]).await.unwrap();
        }
    }

    async fn seen(&self, name: &str) -> Vec<u64> {
        let tx = self.ledger.begin();
        SEEN.get(&tx, &[name]).await.unwrap().map(|seen| seen.to_vec()).unwrap_or_default()
    }

    async fn cursor(&self, name: &str) -> u64 {
        cursor(&self.ledger.begin(), name).await.unwrap()
    }
}

#[tokio::test]
async fn readers_at_one_place_go_on_in_one_commit() {
    let world = World::new().await;
    world.append(1..=3).await;
    let before = commits(&world.ledger).await;
    let running = world.start();
    running.settle().await;
    for name in ["a", "b", "c"] {
        assert_eq!((world.seen(name).await, world.cursor(name).await), (vec![1, 2, 3], 3), "{name}");
    }
    assert_eq!(commits(&world.ledger).await, before + 2);
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_on_a_thread_of_their_own_do_the_same_and_end_when_told() {
    let world = World::new().await;
    let running = world.driver().apart().start();
    world.append(1..=3).await;
    running.settle().await;
    for name in ["a", "b", "c"] {
        assert_eq!((world.seen(name).await, world.cursor(name).await), (vec![1, 2, 3], 3), "{name}");
    }
    running.drain().await;
}

#[tokio::test]
async fn a_reader_that_fails_holds_up_no_other_and_sees_each_record_once_when_it_can_go_on() {
    let world = World::new().await;
    world.fails.store(true, Ordering::Relaxed);
    let running = world.start();
    world.append(1..=3).await;
    running.settle().await;
    world.append(4..=5).await;
    running.settle().await;
    assert_eq!((world.seen("a").await, world.seen("c").await), (vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4, 5]));
    assert_eq!((world.seen("b").await, world.cursor("b").await), (Vec::new(), 0));
    let status = running.status().into_iter().find(|status| status.name == "b").unwrap();
    assert_eq!((status.state, status.last_error.as_deref()), (JobState::BackingOff, Some("as the test wants")));

    world.fails.store(false, Ordering::Relaxed);
    world.time.advance(Duration::from_secs(60));
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    running.settle().await;
    assert_eq!(world.seen("b").await, [1, 2, 3, 4, 5]);
    let before = commits(&world.ledger).await;
    world.append(6..=6).await;
    running.settle().await;
    assert_eq!(commits(&world.ledger).await, before + 2, "it goes with the others again");
    for name in ["a", "b", "c"] {
        assert_eq!((world.seen(name).await, world.cursor(name).await), (vec![1, 2, 3, 4, 5, 6], 6), "{name}");
    }
    running.drain().await;
}

/// How many commits there have been, with the one that it makes to find out.
async fn commits(ledger: &Ledger) -> u64 {
    let tx = ledger.begin();
    SEEN.put(&tx, &["probe"], &Vec::new()).unwrap();
    ledger.store().commit(tx).await.unwrap().sequence
}
