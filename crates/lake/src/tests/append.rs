use super::*;

#[tokio::test]
async fn what_is_appended_is_found_and_doubles_are_counted() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    let records =
        |numbers: std::ops::Range<u64>| numbers.map(|number| record(number, number as i64)).collect::<Vec<_>>();

    assert_eq!(append(&lake, &store, records(0..10)).await.unwrap(), 0);
    assert_eq!(append(&lake, &store, [records(5..12), records(11..13)].concat()).await.unwrap(), 6);

    assert_eq!(numbers(&store).await, (0..13).collect::<Vec<_>>());
    let (_, again) = rig.start().await;
    assert_eq!(numbers(&again).await, (0..13).collect::<Vec<_>>(), "after a restart");
}

#[tokio::test]
async fn doubles_are_known_after_a_restart_and_in_late_files() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    append(&lake, &store, vec![record(1, 0), record(2, 3_600), record(3, 86_400)]).await.unwrap();

    let (lake, store) = rig.start().await;
    let again = vec![record(1, 0), record(2, 3_600), record(3, 86_400), record(4, 86_399)];
    assert_eq!(append(&lake, &store, again).await.unwrap(), 3);
    assert_eq!(numbers(&store).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn events_go_to_the_file_of_their_day() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    append(&lake, &store, vec![record(1, 0), record(2, 86_400), record(3, 1), record(4, -43_201)]).await.unwrap();
    let files = store.files();
    let days: Vec<_> = files.iter().map(|file| (file.path().get(..14).unwrap().to_owned(), file.rows)).collect();
    assert_eq!(
        days,
        [("day=2023-07-09".to_owned(), 1), ("day=2023-07-10".to_owned(), 2), ("day=2023-07-11".to_owned(), 1)]
    );
}

#[tokio::test]
async fn an_appender_that_is_dropped_leaves_no_trace() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    let appending = store.clone();
    tokio::task::spawn_blocking(move || {
        let mut appender = appending.appender();
        appender.append(&mut batch([record(1, 0)])).unwrap();
        drop(appender);
        let mut appender = appending.appender();
        appender.append(&mut batch([record(1, 0)])).unwrap();
        drop(appender.stage().unwrap());
    })
    .await
    .unwrap();
    assert_eq!(append(&lake, &store, vec![record(1, 0)]).await.unwrap(), 0, "it is no double of what never counted");
    assert_eq!(numbers(&store).await, [1]);
}

#[tokio::test]
async fn the_tail_shows_at_once_and_never_beside_its_file() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    append(&lake, &store, vec![record(1, 0)]).await.unwrap();
    store.follow(7, &mut batch([record(2, 1), record(3, 2)])).unwrap();
    store.follow(9, &mut batch([record(4, 3)])).unwrap();
    assert_eq!(numbers(&store).await, [1, 2, 3, 4]);
    assert_eq!(tail(&store), (9, 3));

    let (appending, sealed) = (store.clone(), store.seal());
    store.follow(11, &mut batch([record(5, 4)])).unwrap();
    let up_to = sealed.last();
    let staged = tokio::task::spawn_blocking(move || {
        let mut appender = appending.appender();
        appender.append_tail(&sealed).unwrap();
        appender.stage().unwrap()
    })
    .await
    .unwrap();
    assert_eq!(numbers(&store).await, [1, 2, 3, 4, 5]);
    let tx = lake.begin();
    staged.name(&tx).unwrap();
    lake.catalog().commit(tx).await.unwrap();
    staged.adopt(up_to);

    assert_eq!(numbers(&store).await, [1, 2, 3, 4, 5]);
    assert_eq!(tail(&store), (11, 1));
    assert_eq!(store.statistics().events, 4);
}

#[tokio::test]
async fn a_tail_of_single_events_is_few_batches_in_the_memory_of_a_few() {
    let rig = Rig::new();
    let (_, store) = rig.start().await;
    for number in 0..1000_u32 {
        store.follow(u64::from(number) + 1, &mut batch([record(number.into(), number.into())])).unwrap();
    }
    assert_eq!(numbers(&store).await, (0..1000).collect::<Vec<_>>());
    assert!(store.seal().batches() <= 10, "{}", store.seal().batches());
    let bytes = store.tail().unwrap().bytes;
    assert!(bytes < 1000 * 8 * 1024, "{bytes} bytes");
}

#[tokio::test]
async fn what_is_in_the_tail_is_a_double_for_others_and_still_comes_to_a_file() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    store.follow(1, &mut batch([record(1, 0), record(2, 1)])).unwrap();
    assert_eq!(append(&lake, &store, vec![record(2, 1), record(3, 2)]).await.unwrap(), 1);
    assert_eq!(numbers(&store).await, [1, 2, 3]);

    let (appending, sealed) = (store.clone(), store.seal());
    let up_to = sealed.last();
    let staged = tokio::task::spawn_blocking(move || {
        let mut appender = appending.appender();
        appender.append_tail(&sealed).unwrap();
        appender.stage().unwrap()
    });
    let staged = staged.await.unwrap();
    let tx = lake.begin();
    staged.name(&tx).unwrap();
    lake.catalog().commit(tx).await.unwrap();
    staged.adopt(up_to);
    assert_eq!((numbers(&store).await, store.tail()), (vec![1, 2, 3], None));
}

fn tail(store: &EventStore) -> (u64, u64) {
    let tail = store.tail().unwrap();
    (tail.last, tail.events)
}
