use super::*;
use crate::{Store, conformance};

fn open() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::new(Sqlite::open(&dir.path().join("store.db")).unwrap(), 1 << 20);
    (dir, store)
}

macro_rules! conformance {
    ($($test:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $test() {
            let (_dir, store) = open();
            conformance::$test(&store).await;
        }
    )*};
}

conformance! {
    a_committed_row_is_read_back,
    an_uncommitted_row_is_not_seen,
    a_transaction_sees_its_own_writes,
    a_changed_read_is_a_conflict,
    a_row_that_appeared_in_a_scanned_range_is_a_conflict,
    validation_notices_a_change,
    records_ride_with_their_change,
    a_conflicting_commit_leaves_no_record,
    concurrent_increments_are_all_counted,
    scans_page_in_both_directions,
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let (dir, store) = open();
    let tx = store.begin(keeptrail_clock::Timestamp::UNIX_EPOCH);
    tx.put(Key::of(&["a"]), Bytes::from_static(b"1"));
    let first = store.commit(tx).await.unwrap().sequence;
    drop(store);
    let store = Store::new(Sqlite::open(&dir.path().join("store.db")).unwrap(), 1 << 20);
    let tx = store.begin(keeptrail_clock::Timestamp::UNIX_EPOCH);
    let row = tx.get(&Key::of(&["a"])).await.unwrap().unwrap();
    assert_eq!((row.bytes().as_ref(), row.version()), (b"1".as_ref(), first));
    tx.put(Key::of(&["a"]), Bytes::from_static(b"2"));
    assert!(store.commit(tx).await.unwrap().sequence > first);
}

#[test]
fn a_file_that_is_not_a_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.db");
    std::fs::write(&path, b"this is not a database file at all, not in the least".repeat(100)).unwrap();
    assert!(matches!(Sqlite::open(&path), Err(StoreError::Unavailable(_))));
}

/// Eight callers commit without a pause, so that the log is never at rest.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_does_not_grow_for_ever_under_steady_load() {
    const COMMITS: u64 = 8 * 800;
    const VALUE: usize = 64 << 10;
    let (dir, store) = open();
    let store = Arc::new(store);
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for number in 0..COMMITS / 8 {
                    let tx = store.begin(keeptrail_clock::Timestamp::UNIX_EPOCH);
                    tx.put(
                        Key::of(&[&format!("caller {caller}")]),
                        Bytes::from(number.to_le_bytes().repeat(VALUE / 8)),
                    );
                    store.commit(tx).await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let log = std::fs::metadata(dir.path().join("store.db-wal")).unwrap().len();
    assert!(log < COMMITS * VALUE as u64 / 2, "{log} bytes");
}
