//! A follower: in memory at once, durable later, never twice and never lost.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use keeptrail_clock::{Clock, SimClock};
use keeptrail_jobs::{Driver, Follower, JobError, JobState, Load, Running, Writing, Written, cursor};
use keeptrail_journal::{Entry, Journal, Ledger, Options, Record};
use keeptrail_store::{Sqlite, Store, Table, Tx};
use tokio::sync::Semaphore;

const INTERVAL: Duration = Duration::from_secs(300);
const NAME: &str = "test.follower";
/// What the follower made durable.
const KEPT: Table<Vec<u64>> = Table::new("test.kept");

/// A follower that keeps sequence numbers.
#[derive(Clone)]
struct Keeper(Arc<Keeping>);

struct Keeping {
    memory: Arc<Mutex<Vec<u64>>>,
    broken: Mutex<bool>,
    /// A write passes it before it ends.
    gate: Arc<Semaphore>,
    due: usize,
    full: usize,
}

impl Keeper {
    fn new(due: usize, full: usize) -> Self {
        let gate = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        Self(Arc::new(Keeping { memory: Arc::default(), broken: Mutex::new(false), gate, due, full }))
    }

    fn memory(&self) -> Vec<u64> {
        self.0.memory.lock().unwrap().clone()
    }

    fn break_disk(&self, broken: bool) {
        *self.0.broken.lock().unwrap() = broken;
    }
}

#[async_trait]
impl Follower for Keeper {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn follow(&self, _: &Tx, entries: &[Arc<Entry>]) -> Result<(), JobError> {
        self.0.memory.lock().unwrap().extend(entries.iter().map(|entry| entry.seq));
        Ok(())
    }

    fn write(&self) -> Writing {
        let (written, gate, broken) = (self.memory(), Arc::clone(&self.0.gate), *self.0.broken.lock().unwrap());
        let memory = Arc::clone(&self.0.memory);
        Box::pin(async move {
            drop(gate.acquire().await.unwrap());
            if broken {
                return Err(JobError::failed("the disk is full"));
            }
            Ok(Box::new(Kept { written, memory }) as Box<dyn Written>)
        })
    }

    fn load(&self) -> Load {
        match self.memory().len() {
            held if held >= self.0.full => Load::Full,
            held if held >= self.0.due => Load::Due,
            _ => Load::Light,
        }
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn batch(&self) -> usize {
        1
    }
}

struct Kept {
    written: Vec<u64>,
    memory: Arc<Mutex<Vec<u64>>>,
}

#[async_trait]
impl Written for Kept {
    async fn name(&self, tx: &Tx) -> Result<(), JobError> {
        let kept = KEPT.get(tx, &[]).await?.map(|kept| Vec::clone(&kept)).unwrap_or_default();
        Ok(KEPT.put(tx, &[], &[kept, self.written.clone()].concat())?)
    }

    fn adopt(self: Box<Self>) {
        self.memory.lock().unwrap().retain(|seq| !self.written.contains(seq));
    }
}

struct Rig {
    dir: tempfile::TempDir,
    time: SimClock,
}

impl Rig {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), time: SimClock::new("2026-03-01T12:00:00Z".parse().unwrap()) }
    }

    async fn ledger(&self) -> Ledger {
        ledger(self.dir.path(), self.time.clock()).await
    }

    fn start(&self, ledger: &Ledger, keeper: &Keeper) -> Running {
        let mut driver = Driver::new(ledger.clone(), self.time.clock());
        driver.follower(keeper.clone());
        driver.start()
    }

    async fn advance(&self, jobs: &Running, by: Duration) {
        self.time.advance(by);
        for _ in 0..64 {
            tokio::task::yield_now().await;
        }
        jobs.settle().await;
    }
}

async fn ledger(dir: &Path, clock: Clock) -> Ledger {
    let store = Store::new(Sqlite::open(&dir.join("store.db")).unwrap(), 1 << 20);
    let journal = Journal::open(&dir.join("journal"), Options::default(), clock.clone()).unwrap();
    Ledger::open(store, journal, clock).await.unwrap()
}

async fn append(ledger: &Ledger, count: u32) {
    for number in 0..count {
        let event_id = format!("{number:08}-0000-4000-8000-{:012}", ledger.journal().head());
        let bytes = format!(r#"{{"eventID":"{event_id}"}}"#).into();
        ledger.journal().append(vec![Record { event_id, bytes }]).await.unwrap();
    }
}

async fn kept(ledger: &Ledger) -> Vec<u64> {
    KEPT.get(&ledger.begin(), &[]).await.unwrap().map(|kept| Vec::clone(&kept)).unwrap_or_default()
}

async fn place(ledger: &Ledger) -> u64 {
    cursor(&ledger.begin(), NAME).await.unwrap()
}

#[tokio::test]
async fn entries_are_in_memory_at_once_and_written_when_their_time_has_come() {
    let rig = Rig::new();
    let (ledger, keeper) = (rig.ledger().await, Keeper::new(100, 100));
    let jobs = rig.start(&ledger, &keeper);
    append(&ledger, 3).await;
    jobs.settle().await;
    assert_eq!((keeper.memory(), kept(&ledger).await, place(&ledger).await), (vec![1, 2, 3], vec![], 0));
    assert_eq!(jobs.passed_by_all(), 0, "the journal is kept for what is only in memory");

    rig.advance(&jobs, INTERVAL).await;
    assert_eq!((keeper.memory(), kept(&ledger).await, place(&ledger).await), (vec![], vec![1, 2, 3], 3));
    assert_eq!(jobs.passed_by_all(), 3);
    jobs.drain().await;
}

#[tokio::test]
async fn what_was_only_in_memory_is_followed_again_after_a_crash_and_what_was_written_is_not() {
    let rig = Rig::new();
    let ledger = rig.ledger().await;
    let keeper = Keeper::new(100, 100);
    let jobs = rig.start(&ledger, &keeper);
    append(&ledger, 2).await;
    jobs.settle().await;
    rig.advance(&jobs, INTERVAL).await;
    append(&ledger, 2).await;
    jobs.settle().await;
    assert_eq!(keeper.memory(), [3, 4]);
    std::mem::forget(jobs);

    let keeper = Keeper::new(100, 100);
    let jobs = rig.start(&ledger, &keeper);
    jobs.settle().await;
    assert_eq!(keeper.memory(), [3, 4]);
    append(&ledger, 2).await;
    jobs.drain().await;
    let all = (1..=6).collect::<Vec<_>>();
    assert_eq!(
        (kept(&ledger).await, place(&ledger).await),
        (all, 6),
        "a clean stop writes what was recorded last, too"
    );
}

#[tokio::test]
async fn much_is_written_at_once_and_more_is_followed_meanwhile_until_there_is_too_much() {
    let rig = Rig::new();
    let (ledger, keeper) = (rig.ledger().await, Keeper::new(2, 4));
    let held = keeper.0.gate.forget_permits(Semaphore::MAX_PERMITS);
    let jobs = rig.start(&ledger, &keeper);
    append(&ledger, 9).await;
    while keeper.memory().len() < 4 {
        tokio::task::yield_now().await;
    }
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    assert_eq!(keeper.memory(), [1, 2, 3, 4], "the rest waits in the journal");

    keeper.0.gate.add_permits(held);
    jobs.settle().await;
    let written = kept(&ledger).await;
    assert_eq!([written.clone(), keeper.memory()].concat(), (1..=9).collect::<Vec<_>>());
    assert!(keeper.memory().len() < 2, "{:?}", keeper.memory());
    assert_eq!(place(&ledger).await, written.len() as u64);
    jobs.drain().await;
}

#[tokio::test]
async fn a_write_that_fails_loses_nothing_and_is_tried_again() {
    let rig = Rig::new();
    let (ledger, keeper) = (rig.ledger().await, Keeper::new(100, 100));
    keeper.break_disk(true);
    let jobs = rig.start(&ledger, &keeper);
    append(&ledger, 2).await;
    jobs.settle().await;
    rig.advance(&jobs, INTERVAL).await;
    let status = jobs.status().remove(0);
    assert_eq!((status.state, status.last_error.as_deref()), (JobState::BackingOff, Some("the disk is full")));
    append(&ledger, 1).await;
    while keeper.memory() != [1, 2, 3] {
        tokio::task::yield_now().await;
    }
    assert_eq!(kept(&ledger).await, Vec::<u64>::new());

    keeper.break_disk(false);
    rig.advance(&jobs, Duration::from_secs(30)).await;
    assert_eq!((keeper.memory(), kept(&ledger).await), (vec![], vec![1, 2, 3]));
    let status = jobs.status().remove(0);
    assert_eq!((status.state, status.failures, status.last_error), (JobState::Idle, 0, None));
    jobs.drain().await;
}
