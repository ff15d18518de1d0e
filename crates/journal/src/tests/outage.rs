//! A disk that is full, read-only or broken: appends fail with a clear reason, and work again by themselves.

use super::{fake::FakeDisk, *};
use crate::JournalError;

fn reason(result: Result<u64, JournalError>) -> String {
    match result {
        Err(JournalError::Unavailable { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

async fn one(journal: &Journal, id: &str) -> Result<u64, JournalError> {
    journal.append(vec![record(id)]).await
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers_at_the_next_append() {
    let disk = FakeDisk::default();
    let journal = open_fake(&disk, &Options::default());
    one(&journal, "a").await.unwrap();
    let used = disk.used();
    disk.fail(|faults| faults.capacity = Some(used + 50));
    assert!(reason(one(&journal, "b").await).contains("disk is full"));
    assert_eq!(disk.used(), used, "nothing half-written is left");
    let (failure, since) = journal.status().failure.unwrap();
    assert!(failure.contains("disk is full"));
    assert_eq!(since, "2026-11-22T10:00:00Z".parse().unwrap());
    reason(one(&journal, "c").await);
    disk.fail(|faults| faults.capacity = None);
    assert_eq!(one(&journal, "d").await, Ok(2));
    assert_eq!(journal.status().failure, None);
    assert_eq!(ids(&journal).await, ["a", "d"]);
    assert_eq!((verify_fake(&disk).fault, verify_fake(&disk).segments), (None, 1));
    assert!(journal.status().intact);
}

#[tokio::test]
async fn every_waiter_of_a_failed_batch_is_told() {
    let disk = FakeDisk::default();
    let journal = open_fake(&disk, &Options::default());
    disk.fail(|faults| faults.read_only = true);
    let pending: Vec<_> = (0..20).map(|n| journal.submit(vec![record(&format!("r-{n}"))]).unwrap()).collect();
    for pending in pending {
        assert!(reason(pending.durable().await).contains("disk is read-only"));
    }
    disk.fail(|faults| faults.read_only = false);
    assert_eq!(one(&journal, "z").await, Ok(1));
}

#[tokio::test]
async fn a_read_only_disk_does_not_stop_the_start() {
    let disk = FakeDisk::default();
    let options = Options::default();
    append(&open_fake(&disk, &options), 1, 3).await;
    disk.fail(|faults| faults.read_only = true);
    let journal = open_fake(&disk, &options);
    assert!(journal.status().failure.is_some());
    reason(one(&journal, "x").await);
    disk.fail(|faults| faults.read_only = false);
    append(&journal, 4, 4).await;
    assert_eq!(ids(&journal).await, numbered(1, 4));
}

#[tokio::test]
async fn after_a_failed_sync_the_journal_goes_on_in_another_file() {
    let disk = FakeDisk::default();
    let journal = open_fake(&disk, &Options::default());
    append(&journal, 1, 2).await;
    disk.fail(|faults| faults.syncs = 1);
    assert!(reason(one(&journal, "lost").await).contains("input/output error"));
    append(&journal, 3, 4).await;
    assert_eq!(ids(&journal).await, numbered(1, 4));
    let report = verify_fake(&disk);
    assert_eq!((report.segments, report.entries, report.fault), (2, 4, None));
}

#[tokio::test]
async fn recovery_is_noticed_without_an_append() {
    let disk = FakeDisk::default();
    let journal = open_fake(&disk, &Options::default());
    append(&journal, 1, 1).await;
    let used = disk.used();
    disk.fail(|faults| faults.capacity = Some(used + 10));
    reason(one(&journal, "x").await);
    journal.check().await;
    assert!(journal.status().failure.is_some(), "the disk is still full");
    disk.fail(|faults| faults.capacity = None);
    journal.check().await;
    assert_eq!(journal.status().failure, None);
    assert_eq!(disk.used(), used, "trying it leaves nothing behind");
    append(&journal, 2, 2).await;
    assert!(journal.status().intact);
}

#[tokio::test]
async fn what_waits_is_written_and_synced_together() {
    let disk = FakeDisk::default();
    let journal = open_fake(&disk, &Options::default());
    append(&journal, 1, 1).await;
    let before = disk.syncs();
    disk.fail(|faults| faults.hold = true);
    let pending: Vec<_> = (2..200).map(|n| journal.submit(vec![record(&format!("id-{n}"))]).unwrap()).collect();
    disk.fail(|faults| faults.hold = false);
    for (pending, n) in pending.into_iter().zip(2..) {
        assert_eq!(pending.durable().await, Ok(n));
    }
    assert!(disk.syncs() - before <= 2, "{} syncs", disk.syncs() - before);
}

#[tokio::test]
async fn a_queue_that_is_full_refuses_who_does_not_wait_and_takes_who_does_when_there_is_room() {
    let disk = FakeDisk::default();
    let journal = open_fake(&disk, &Options { queue: 5, ..Options::default() });
    append(&journal, 1, 1).await;
    disk.fail(|faults| faults.hold = true);
    let mut pending = Vec::new();
    let refused = loop {
        match journal.submit(vec![record("r")]) {
            Ok(taken) => pending.push(taken),
            Err(error) => break error,
        }
        assert!(pending.len() < 100);
    };
    assert_eq!(refused, JournalError::Busy);
    let patient = tokio::spawn({
        let journal = journal.clone();
        async move { one(&journal, "patient").await }
    });
    tokio::task::yield_now().await;
    assert!(!patient.is_finished());
    disk.fail(|faults| faults.hold = false);
    for pending in pending {
        pending.durable().await.unwrap();
    }
    patient.await.unwrap().unwrap();
    one(&journal, "again").await.unwrap();
    let last: Vec<_> = ids(&journal).await.into_iter().filter(|id| id != "r").collect();
    assert_eq!(last, ["id-1", "patient", "again"]);
}

#[tokio::test]
async fn records_that_cannot_stand_in_the_journal_are_refused() {
    let disk = FakeDisk::default();
    let journal = open_fake(&disk, &Options::default());
    let two_lines = Record { event_id: "a".into(), bytes: "{\"eventID\":\"a\",\n}".into() };
    assert!(matches!(journal.append(vec![record("b"), two_lines]).await, Err(JournalError::Invalid { .. })));
    let long = |id: &str| Record {
        event_id: id.into(),
        bytes: format!("{{\"eventID\":\"{id}\",\"x\":\"{}\"}}", "y".repeat(1_000_000)).into(),
    };
    let five = ["a", "b", "c", "d", "e"].map(long).to_vec();
    assert!(matches!(journal.append(five).await, Err(JournalError::Invalid { .. })));
    assert_eq!(journal.append(Vec::new()).await, Ok(0));
    assert_eq!(journal.head(), 0);
}

#[tokio::test]
async fn records_in_the_queue_are_written_when_the_journal_is_dropped() {
    let disk = FakeDisk::default();
    let journal = open_fake(&disk, &Options::default());
    let pending = journal.submit(vec![record("a")]).unwrap();
    drop(journal);
    assert_eq!(pending.durable().await, Ok(1));
    assert_eq!(ids(&open_fake(&disk, &Options::default())).await, ["a"]);
}

#[tokio::test]
async fn what_a_failed_sync_left_in_the_page_cache_is_written_again_by_the_next_process() {
    let disk = FakeDisk::default();
    let journal = open_fake(&disk, &Options::default());
    append(&journal, 1, 1).await;
    // The write, the sync that fails, and then nothing works: the line stays in the cache, marked clean.
    disk.fail(|faults| (faults.syncs, faults.fuse) = (1, Some(2)));
    reason(one(&journal, "cached").await);
    drop(journal);
    disk.fail(|faults| faults.fuse = None);
    let journal = open_fake(&disk, &Options::default());
    assert_eq!(ids(&journal).await, ["id-1", "cached"]);
    drop(journal);
    disk.crash(|_| 0);
    assert_eq!(ids(&open_fake(&disk, &Options::default())).await, ["id-1", "cached"], "what was shown stays");
}

#[tokio::test]
async fn what_may_not_be_durable_is_not_shown_to_readers() {
    let disk = FakeDisk::default();
    append(&open_fake(&disk, &Options::default()), 1, 2).await;
    disk.fail(|faults| faults.read_only = true);
    let journal = open_fake(&disk, &Options::default());
    assert_eq!(ids(&journal).await, [""; 0]);
    disk.fail(|faults| faults.read_only = false);
    journal.check().await;
    assert_eq!((ids(&journal).await, journal.status().failure), (numbered(1, 2), None));
}
