//! Readers, far behind and close by, and retention.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn a_reader_goes_from_files_over_to_memory_without_a_gap() {
    let mut home = Home::new(2000);
    home.options.tail_bytes = 3000;
    let journal = home.open();
    append(&journal, 1, 100).await;
    assert_eq!(ids(&journal).await, numbered(1, 100));
    for after in 0..100 {
        let entry = &journal.read(after, 1, 0).await.unwrap()[0];
        assert_eq!((entry.seq, entry.event_id()), (after + 1, format!("id-{}", after + 1)));
    }
    assert!(journal.read(100, 10, 10_000).await.unwrap().is_empty());
    assert!(journal.read(u64::MAX, 10, 10_000).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_page_is_bounded_in_entries_and_bytes() {
    let home = Home::filled(1 << 20, 50).await;
    for journal in [home.open()] {
        assert_eq!(journal.read(0, 10, usize::MAX).await.unwrap().len(), 10);
        let page = journal.read(0, 1000, 1000).await.unwrap();
        assert!(page.iter().map(|entry| entry.record.len()).sum::<usize>() <= 1000 && page.len() > 5);
        assert_eq!(journal.read(0, 1000, 1).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn reading_in_the_middle_of_a_long_segment_starts_near_it() {
    let mut home = Home::new(1 << 30);
    home.options.tail_bytes = 1000;
    let journal = home.open();
    let records = |from: usize| (from..from + 1000).map(|n| record(&format!("id-{n}"))).collect();
    for from in [1, 1001, 2001, 3001] {
        journal.append(records(from)).await.unwrap();
    }
    assert_eq!(ids(&journal).await, numbered(1, 4000));
    for after in [3999, 2500, 700, 0, 1, 3000] {
        assert_eq!(journal.read(after, 1, 0).await.unwrap()[0].seq, after + 1);
    }
    assert_eq!(journal.hash_at(2500).await.unwrap(), Some(journal.read(2499, 1, 0).await.unwrap()[0].anchor().hash));
    assert_eq!(journal.hash_at(4001).await.unwrap(), None);
}

#[tokio::test]
async fn the_head_can_be_followed() {
    let home = Home::new(1 << 20);
    let journal = home.open();
    let mut head = journal.subscribe();
    assert_eq!(*head.borrow_and_update(), 0);
    append(&journal, 1, 3).await;
    head.changed().await.unwrap();
    assert_eq!(*head.borrow_and_update(), 3);
    assert_eq!(journal.read(2, 1, 0).await.unwrap()[0].anchor(), journal.head_anchor());
}

#[tokio::test]
async fn old_segments_that_every_reader_has_passed_are_retired() {
    let home = Home::new(400);
    let journal = home.open();
    append(&journal, 1, 4).await;
    home.clock.advance(Duration::from_secs(3600));
    append(&journal, 5, 12).await;
    let start: keeptrail_clock::Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let later = "2026-11-22T12:00:00Z".parse().unwrap();
    let before = home.segments().len();

    assert_eq!(journal.retire(0, later).await, Ok(0), "no reader has passed anything");
    assert_eq!(journal.retire(3, start).await, Ok(1), "the rest is too young or not passed");
    assert_eq!((journal.first(), home.segments().len()), (3, before - 1));
    assert_eq!(journal.retire(u64::MAX, start).await, Ok(0), "the segment may hold what is younger");
    assert_eq!(journal.retire(u64::MAX, later).await, Ok(before - 2), "all but the open one");
    assert_eq!(home.segments().len(), 1);

    journal.check().await;
    assert!(journal.status().intact, "retention is no tampering");
    let first = usize::try_from(journal.first()).unwrap();
    assert_eq!(ids(&journal).await, numbered(1, 12)[..].to_vec(), "memory still has them");
    drop(journal);
    let journal = home.open();
    assert_eq!(ids(&journal).await, numbered(first, 12));
    assert!(journal.status().intact);
    let report = home.verify();
    assert_eq!((report.first, report.last, report.fault), (first as u64, 12, None));
}
