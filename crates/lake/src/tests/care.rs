use std::time::Duration;

use super::*;

#[tokio::test]
async fn compaction_makes_one_file_of_a_day() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    for number in 0..6 {
        append(&lake, &store, vec![record(number, 0), record(100 + number, 86_400)]).await.unwrap();
    }
    let before = numbers(&store).await;
    let first_day = store.files()[0].day;

    let done = store.compact(first_day, &|_| {}).await.unwrap();
    assert_eq!((done.days, done.files_before, done.files_after), (1, 6, 1));
    assert_eq!(store.files().len(), 7, "the later day is left alone");
    store.compact(i32::MAX, &|_| {}).await.unwrap();
    assert_eq!(store.files().len(), 2);
    assert_eq!(numbers(&store).await, before);
    assert_eq!(store.compact(i32::MAX, &|_| {}).await.unwrap(), crate::Compacted::default(), "there is no more to do");

    assert_eq!(rig.files(), 14, "queries may still read the old files");
    rig.time.advance(Duration::from_secs(601));
    lake.retire(Duration::from_secs(600)).await.unwrap();
    assert_eq!(rig.files(), 2);
    assert_eq!(append(&lake, &store, vec![record(0, 0)]).await.unwrap(), 1, "doubles are known in compacted files");
}

#[tokio::test]
async fn retention_goes_by_the_time_of_the_events() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    append(&lake, &store, vec![record(1, 0), record(2, 86_400), record(3, 2 * 86_400)]).await.unwrap();
    let oldest = jiff::Timestamp::from_second(NOON + 86_400).unwrap();
    assert_eq!(store.retain(oldest).await.unwrap(), 1);
    assert_eq!(numbers(&store).await, [2, 3]);
    let (_, again) = rig.start().await;
    assert_eq!(numbers(&again).await, [2, 3]);
}

#[tokio::test]
async fn a_deleted_store_is_gone_with_its_files_and_its_name_is_free_again() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    append(&lake, &store, vec![record(1, 0)]).await.unwrap();
    let tx = lake.begin();
    lake.delete(&tx, "events").await.unwrap();
    lake.catalog().commit(tx).await.unwrap();
    assert!(matches!(lake.event_store("events").await, Err(LakeError::NoSuchStore(_))));
    rig.time.advance(Duration::from_secs(3_600));
    let (_, store) = rig.start().await;
    assert_eq!(rig.files(), 0);
    assert_eq!(numbers(&store).await, Vec::<u64>::new());
}

#[tokio::test]
async fn a_deleted_store_can_be_cleared_while_another_is_written() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    append(&lake, &store, vec![record(1, 0), record(2, 86_400)]).await.unwrap();
    let other = lake.event_store_or_new("other", Layout::default()).await.unwrap();
    let tx = lake.begin();
    lake.delete(&tx, "events").await.unwrap();
    lake.catalog().commit(tx).await.unwrap();
    let staged = tokio::task::spawn_blocking(move || {
        let mut appender = other.appender();
        appender.append(&mut batch([record(1, 0)])).unwrap();
        appender.stage().unwrap()
    });
    let staged = staged.await.unwrap();

    assert_eq!(lake.clear_deleted().await.unwrap(), 2);
    assert_eq!(rig.files(), 0);
    assert!(!rig.root().join("events").try_exists().unwrap());
    let tx = lake.begin();
    staged.name(&tx).unwrap();
    lake.catalog().commit(tx).await.unwrap();
    staged.adopt(None);
    assert_eq!(numbers(&lake.event_store("other").await.unwrap()).await, [1]);
}

#[tokio::test]
async fn names_of_stores_are_names_of_directories() {
    let rig = Rig::new();
    let (lake, _) = rig.start().await;
    for name in ["", "..", "a/b", "a.b", "a b"] {
        let error = lake.create(&lake.begin(), name, Layout::default()).await.unwrap_err();
        assert!(matches!(error, LakeError::StoreName(_)), "{name}: {error}");
    }
}
