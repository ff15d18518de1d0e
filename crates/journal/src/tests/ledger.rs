//! Store and journal together: every change has its record in the journal exactly once, whatever happens in between.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use keeptrail_store::{Key, Sqlite, Store, Tx};

use super::{fake::FakeDisk, *};
use crate::{CommitError, Ledger};

/// A store in a file and a journal on a disk that can fail.
pub(super) struct World {
    dir: TempDir,
    pub(super) disk: FakeDisk,
    pub(super) clock: SimClock,
}

impl World {
    pub(super) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), disk: FakeDisk::default(), clock: clock() }
    }

    async fn open(&self) -> Ledger {
        let store = Store::new(Sqlite::open(&self.dir.path().join("store.db")).unwrap(), 1 << 20);
        let journal = open_fake(&self.disk, &Options { segment_bytes: 1500, ..Options::default() });
        Ledger::open(store, journal, self.clock.clock()).await.unwrap()
    }

    /// Runs a process's life in a runtime of its own, which ends with everything that still runs in it.
    pub(super) fn live<T>(&self, life: impl AsyncFnOnce(Ledger) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { life(self.open().await).await })
    }
}

pub(super) fn change(ledger: &Ledger, id: &str) -> Tx {
    let tx = ledger.begin();
    tx.put(Key::of(&["test", id]), Bytes::from_static(b"x"));
    tx.record(id.to_owned(), record(id).bytes);
    tx
}

pub(super) fn read_only(ledger: &Ledger, id: &str) -> Tx {
    let tx = ledger.begin();
    tx.record(id.to_owned(), record(id).bytes);
    tx
}

/// Polls once.
async fn is_ready(mut future: Pin<&mut impl Future>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await
}

/// Waits for the outbox to be empty, moving the clock for whoever backs off.
pub(super) async fn settle(world: &World, ledger: &Ledger) {
    let mut settled = pin!(ledger.settled());
    while !is_ready(settled.as_mut()).await {
        world.clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
}

pub(super) async fn left(ledger: &Ledger) -> usize {
    ledger.store().outbox(0, 1000).await.unwrap().len()
}

#[test]
fn a_change_and_its_record_are_one_step_and_the_outbox_is_emptied() {
    World::new().live(async |ledger| {
        ledger.commit(change(&ledger, "a")).await.unwrap();
        ledger.commit(read_only(&ledger, "b")).await.unwrap();
        ledger.commit(change(&ledger, "c")).await.unwrap();
        ledger.settled().await;
        assert_eq!(ids(ledger.journal()).await, ["a", "b", "c"]);
        assert_eq!(left(&ledger).await, 0);
        assert!(ledger.begin().get(&Key::of(&["test", "c"])).await.unwrap().is_some());
    });
}

#[test]
fn durable_rows_are_cleared_together_after_a_while() {
    let world = World::new();
    world.live(async |ledger| {
        for id in ["a", "b", "c"] {
            ledger.commit(change(&ledger, id)).await.unwrap();
        }
        let mut head = ledger.journal().subscribe();
        head.wait_for(|head| *head == 3).await.unwrap();
        assert_eq!(left(&ledger).await, 3);
        while left(&ledger).await > 0 {
            world.clock.advance(Duration::from_millis(400));
            tokio::task::yield_now().await;
        }
        assert_eq!(ids(ledger.journal()).await, ["a", "b", "c"]);
    });
}

#[test]
fn a_read_that_does_not_hold_any_more_is_a_conflict_and_leaves_no_record() {
    World::new().live(async |ledger| {
        let stale = read_only(&ledger, "stale");
        assert!(stale.get(&Key::of(&["test", "a"])).await.unwrap().is_none());
        ledger.commit(change(&ledger, "a")).await.unwrap();
        assert_eq!(ledger.commit(stale).await, Err(CommitError::Conflict));
        ledger.settled().await;
        assert_eq!(ids(ledger.journal()).await, ["a"]);
    });
}

#[test]
fn a_conflicting_change_leaves_neither_state_nor_record() {
    World::new().live(async |ledger| {
        let (one, other) = (change(&ledger, "a"), change(&ledger, "b"));
        for tx in [&one, &other] {
            tx.get(&Key::of(&["test", "counter"])).await.unwrap();
            tx.put(Key::of(&["test", "counter"]), Bytes::from_static(b"1"));
        }
        assert_eq!(ledger.commit(one).await, Ok(()));
        assert_eq!(ledger.commit(other).await, Err(CommitError::Conflict));
        ledger.settled().await;
        assert_eq!(ids(ledger.journal()).await, ["a"]);
        assert!(ledger.begin().get(&Key::of(&["test", "b"])).await.unwrap().is_none());
    });
}

#[test]
fn a_record_that_the_journal_would_refuse_does_not_get_into_the_store() {
    World::new().live(async |ledger| {
        let tx = change(&ledger, "a");
        tx.record("b".to_owned(), Bytes::from_static(b"not json"));
        assert!(matches!(ledger.commit(tx).await, Err(CommitError::Unavailable { .. })));
        assert_eq!(left(&ledger).await, 0);
        assert!(ledger.begin().get(&Key::of(&["test", "a"])).await.unwrap().is_none());
    });
}

#[test]
fn while_the_journal_cannot_be_written_reads_fail_and_changes_wait_in_the_outbox() {
    let world = World::new();
    world.live(async |ledger| {
        world.disk.fail(|faults| faults.read_only = true);
        let refused = ledger.commit(read_only(&ledger, "read")).await;
        assert!(
            matches!(&refused, Err(CommitError::Unavailable { reason }) if reason.contains("read-only")),
            "{refused:?}"
        );
        ledger.commit(change(&ledger, "a")).await.unwrap();
        ledger.commit(change(&ledger, "b")).await.unwrap();
        assert_eq!(ids(ledger.journal()).await, [""; 0]);
        world.disk.fail(|faults| faults.read_only = false);
        settle(&world, &ledger).await;
        let mut taken_over = ids(ledger.journal()).await;
        taken_over.sort();
        assert_eq!(taken_over, ["a", "b"]);
        assert_eq!(left(&ledger).await, 0);
    });
}

#[test]
fn too_many_waiting_changes_are_refused_before_they_are_made() {
    let world = World::new();
    world.live(async |ledger| {
        world.disk.fail(|faults| faults.read_only = true);
        let many = ledger.begin();
        many.put(Key::of(&["test", "many"]), Bytes::from_static(b"x"));
        for n in 0..16 * 1024 {
            many.record(format!("r-{n}"), record(&format!("r-{n}")).bytes);
        }
        ledger.commit(many).await.unwrap();
        assert!(matches!(ledger.commit(change(&ledger, "more")).await, Err(CommitError::Unavailable { .. })));
        assert!(ledger.begin().get(&Key::of(&["test", "more"])).await.unwrap().is_none());
    });
}

#[test]
fn a_record_that_was_taken_over_but_not_cleared_is_not_taken_over_again() {
    let world = World::new();
    world.live(async |ledger| {
        ledger.commit(change(&ledger, "a")).await.unwrap();
        ledger.journal().subscribe().wait_for(|head| *head == 1).await.unwrap();
        assert_eq!(left(&ledger).await, 1);
    });
    world.live(async |ledger| {
        ledger.settled().await;
        assert_eq!(left(&ledger).await, 0);
        assert_eq!(ids(ledger.journal()).await, ["a"]);
    });
}

#[test]
fn an_outbox_is_not_compared_with_a_journal_that_is_not_certain() {
    let world = World::new();
    world.live(async |ledger| {
        ledger.commit(change(&ledger, "a")).await.unwrap();
        ledger.journal().subscribe().wait_for(|head| *head == 1).await.unwrap();
    });
    world.disk.fail(|faults| faults.read_only = true);
    world.live(async |ledger| {
        for _ in 0..100 {
            world.clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
        assert_eq!(left(&ledger).await, 1, "it may be in the journal or not");
        world.disk.fail(|faults| faults.read_only = false);
        settle(&world, &ledger).await;
        assert_eq!((ids(ledger.journal()).await, left(&ledger).await), (vec!["a".to_owned()], 0));
    });
}

#[test]
fn a_record_that_was_not_taken_over_is_by_the_next_start() {
    let world = World::new();
    world.live(async |ledger| {
        world.disk.fail(|faults| faults.read_only = true);
        ledger.commit(change(&ledger, "a")).await.unwrap();
        ledger.commit(change(&ledger, "b")).await.unwrap();
    });
    world.disk.fail(|faults| faults.read_only = false);
    world.live(async |ledger| {
        ledger.settled().await;
        assert_eq!(ids(ledger.journal()).await, ["a", "b"]);
    });
}

#[test]
fn a_commit_whose_caller_goes_away_is_finished() {
    World::new().live(async |ledger| {
        assert!(!is_ready(pin!(ledger.commit(change(&ledger, "a")))).await, "polled once, then dropped");
        ledger.journal().subscribe().wait_for(|head| *head == 1).await.unwrap();
        ledger.settled().await;
        assert_eq!((ids(ledger.journal()).await, left(&ledger).await), (vec!["a".to_owned()], 0));
    });
}

#[test]
fn the_anchor_follows_the_head_without_changes() {
    let world = World::new();
    world.live(async |ledger| {
        for n in 0..5 {
            ledger.commit(read_only(&ledger, &format!("r-{n}"))).await.unwrap();
        }
        let anchor = || async { ledger.store().fact(crate::ledger::ANCHOR).await.unwrap() };
        while anchor().await.is_none() {
            world.clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
        assert_eq!(anchor().await, Some(ledger.journal().head_anchor().to_bytes()));
    });
}

#[test]
fn a_journal_that_ends_before_what_the_store_remembers_is_a_fault() {
    let world = World::new();
    world.live(async |ledger| {
        for id in ["a", "b", "c"] {
            ledger.commit(change(&ledger, id)).await.unwrap();
        }
        ledger.settled().await;
        assert!(ledger.journal().status().intact);
        ledger.close().await;
    });
    let empty = World { disk: FakeDisk::default(), ..world };
    empty.live(async |ledger| {
        assert_eq!(kinds(ledger.journal()), ["truncated"]);
        ledger.commit(change(&ledger, "d")).await.unwrap();
        ledger.settled().await;
        let entries = all(ledger.journal()).await;
        assert_eq!((entries[0].seq, entries[0].event_id().as_str()), (4, "d"), "no number is given twice");
    });
}

#[test]
fn a_journal_written_anew_with_a_chain_of_its_own_is_a_fault() {
    let world = World::new();
    world.live(async |ledger| {
        ledger.commit(change(&ledger, "a")).await.unwrap();
        ledger.settled().await;
        ledger.close().await;
    });
    let disk = FakeDisk::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { append(&open_fake(&disk, &Options::default()), 1, 3).await });
    World { disk, ..world }.live(async |ledger| assert_eq!(kinds(ledger.journal()), ["modified"]));
}

#[test]
fn segments_missing_at_the_beginning_are_a_fault_unless_they_were_retired() {
    use crate::disk::Disk;
    let world = World::new();
    let later = "2027-01-01T00:00:00Z".parse().unwrap();
    let names = || world.disk.list(Path::new("/journal")).unwrap();
    world.live(async |ledger| {
        for n in 0..40 {
            ledger.commit(read_only(&ledger, &format!("r-{n}"))).await.unwrap();
        }
        assert_eq!(ledger.retire(10, later).await, Ok(1));
        assert_eq!(ledger.retire(10, later).await, Ok(0));
        ledger.close().await;
    });
    world.live(async |ledger| {
        assert!(ledger.journal().status().intact);
        assert!(ledger.journal().first() > 1);
        ledger.close().await;
    });
    world.disk.remove(&Path::new("/journal").join(&names()[0])).unwrap();
    world.live(async |ledger| assert_eq!(kinds(ledger.journal()), ["deleted"]));
}
