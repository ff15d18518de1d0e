//! The store's contract, as tests that every back end runs.
//!
//! Each function is one promise; a back end's test module calls them all.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "these are test bodies, shared between crates")]

use bytes::Bytes;
use keeptrail_clock::Timestamp;

use crate::{Key, Scan, Store, StoreError, Tx};

fn begin(store: &Store) -> Tx {
    store.begin(Timestamp::UNIX_EPOCH)
}

fn key(name: &str) -> Key {
    Key::of(&["test", name])
}

async fn write(store: &Store, name: &str, value: &'static str) {
    let tx = begin(store);
    tx.put(key(name), Bytes::from_static(value.as_bytes()));
    store.commit(tx).await.unwrap();
}

async fn read(tx: &Tx, name: &str) -> Option<String> {
    tx.get(&key(name)).await.unwrap().map(|row| String::from_utf8(row.bytes().to_vec()).unwrap())
}

fn everything(reverse: bool, limit: usize) -> Scan {
    let prefix = Key::of(&["test"]);
    Scan { from: prefix.clone(), to: prefix.end(), limit, reverse }
}

/// A committed row is read back, and a deleted one is gone.
pub async fn a_committed_row_is_read_back(store: &Store) {
    write(store, "a", "1").await;
    assert_eq!(read(&begin(store), "a").await.as_deref(), Some("1"));
    let tx = begin(store);
    tx.delete(key("a"));
    store.commit(tx).await.unwrap();
    assert_eq!(read(&begin(store), "a").await, None);
}

/// What is not committed is seen by nobody else.
pub async fn an_uncommitted_row_is_not_seen(store: &Store) {
    let tx = begin(store);
    tx.put(key("a"), Bytes::from_static(b"1"));
    assert_eq!(read(&begin(store), "a").await, None);
    drop(tx);
    assert_eq!(read(&begin(store), "a").await, None);
}

/// A transaction sees its own writes and deletions, in reads and in scans.
pub async fn a_transaction_sees_its_own_writes(store: &Store) {
    write(store, "a", "1").await;
    write(store, "b", "2").await;
    let tx = begin(store);
    tx.delete(key("a"));
    tx.put(key("c"), Bytes::from_static(b"3"));
    assert_eq!(read(&tx, "a").await, None);
    assert_eq!(read(&tx, "c").await.as_deref(), Some("3"));
    let keys: Vec<Key> = tx.scan(&everything(false, 10)).await.unwrap().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, [key("b"), key("c")]);
}

/// A commit whose read was changed by another is refused.
pub async fn a_changed_read_is_a_conflict(store: &Store) {
    write(store, "a", "1").await;
    let slow = begin(store);
    read(&slow, "a").await;
    slow.put(key("b"), Bytes::from_static(b"from a stale read"));
    write(store, "a", "2").await;
    assert!(matches!(store.commit(slow).await, Err(StoreError::Conflict)));
    assert_eq!(read(&begin(store), "b").await, None);
}

/// A row that appears in a scanned range is a conflict too (no phantoms).
pub async fn a_row_that_appeared_in_a_scanned_range_is_a_conflict(store: &Store) {
    let slow = begin(store);
    assert!(slow.scan(&everything(false, 10)).await.unwrap().is_empty());
    slow.put(Key::of(&["other"]), Bytes::from_static(b"there were none"));
    write(store, "a", "1").await;
    assert!(matches!(store.commit(slow).await, Err(StoreError::Conflict)));
}

/// Validation says whether a transaction's reads still hold.
pub async fn validation_notices_a_change(store: &Store) {
    write(store, "a", "1").await;
    let (early, late) = (begin(store), begin(store));
    read(&early, "a").await;
    read(&late, "a").await;
    write(store, "unrelated", "1").await;
    assert!(store.validate(early).await.unwrap());
    write(store, "a", "2").await;
    assert!(!store.validate(late).await.unwrap());
}

/// Records become durable with their change, in order, and are cleared with a fact.
pub async fn records_ride_with_their_change(store: &Store) {
    for name in ["a", "b"] {
        let tx = begin(store);
        tx.put(key(name), Bytes::from_static(b"1"));
        tx.record(format!("event-{name}"), Bytes::from_static(b"{}"));
        store.commit(tx).await.unwrap();
    }
    let rows = store.outbox(0, 10).await.unwrap();
    let ids: Vec<&str> = rows.iter().map(|row| row.event_id.as_str()).collect();
    assert_eq!(ids, ["event-a", "event-b"]);
    let first = rows.first().unwrap().seq;
    store.clear_outbox(vec![first], &[("anchor", b"7".to_vec())]).await.unwrap();
    assert_eq!(store.outbox(0, 10).await.unwrap().len(), 1);
    assert_eq!(store.outbox(first, 10).await.unwrap().len(), 1);
    assert_eq!(store.fact("anchor").await.unwrap().as_deref(), Some(b"7".as_ref()));
    assert_eq!(store.fact("nothing").await.unwrap(), None);
}

/// A refused commit leaves no record behind.
pub async fn a_conflicting_commit_leaves_no_record(store: &Store) {
    let slow = begin(store);
    read(&slow, "a").await;
    slow.put(key("a"), Bytes::from_static(b"1"));
    slow.record("event".into(), Bytes::from_static(b"{}"));
    write(store, "a", "2").await;
    assert!(store.commit(slow).await.is_err());
    assert!(store.outbox(0, 10).await.unwrap().is_empty());
}

/// Read-modify-write from many tasks loses no update.
pub async fn concurrent_increments_are_all_counted(store: &Store) {
    let clock = keeptrail_clock::Clock::system();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (store, clock) = (store.clone(), clock.clone());
            tokio::spawn(async move {
                for _ in 0..5 {
                    loop {
                        let done = store
                            .transact(&clock, |tx| {
                                Box::pin(async move {
                                    let row = tx.get(&key("count")).await?;
                                    let count = row.map_or(0, |row| row.bytes().len());
                                    tx.put(key("count"), Bytes::from(vec![b'x'; count + 1]));
                                    Ok::<_, StoreError>(())
                                })
                            })
                            .await;
                        if !matches!(done, Err(StoreError::Conflict)) {
                            break done.unwrap();
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(read(&begin(store), "count").await.unwrap().len(), 40);
}

/// Scans give a range's rows in order, forwards and backwards, up to a limit.
pub async fn scans_page_in_both_directions(store: &Store) {
    for name in ["c", "a", "b"] {
        write(store, name, "1").await;
    }
    let tx = begin(store);
    let names =
        |page: crate::Page| page.into_iter().map(|(key, _)| key.parts().last().cloned().unwrap()).collect::<Vec<_>>();
    assert_eq!(names(tx.scan(&everything(false, 2)).await.unwrap()), ["a", "b"]);
    assert_eq!(names(tx.scan(&everything(true, 2)).await.unwrap()), ["c", "b"]);
    let rest = Scan { from: key("a").next(), ..everything(false, 10) };
    assert_eq!(names(tx.scan(&rest).await.unwrap()), ["b", "c"]);
}
