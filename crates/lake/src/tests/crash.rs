use super::*;

/// Stops `work` at every call of the disk in turn and hands the Lake that is found afterwards to `check`.
async fn at_every_call<W, C>(prepare: &[u64], work: W, check: C)
where
    W: AsyncFn(&Lake, &EventStore) -> Result<(), LakeError>,
    C: AsyncFn(&Lake, &EventStore, bool),
{
    for calls in 0.. {
        assert!(calls < 500, "the work does not end");
        let rig = Rig::new();
        let (lake, store) = rig.start().await;
        for number in prepare {
            append(&lake, &store, vec![record(*number, *number as i64 * 7_000)]).await.unwrap();
        }
        drop((lake, store));

        let disk = Stopping::after(calls, io::ErrorKind::Other);
        let stopped = {
            let lake = rig.open(disk);
            let store = lake.event_store("events").await.unwrap();
            work(&lake, &store).await.is_err()
        };

        let (lake, store) = rig.start().await;
        check(&lake, &store, stopped).await;
        let files = store.files();
        let on_disk = rig.files();
        assert!(on_disk >= files.len(), "every file that counts is there");
        rig.time.advance(std::time::Duration::from_secs(3_600));
        lake.sweep().await.unwrap();
        assert_eq!(rig.files(), files.len(), "nothing else is left");
        if !stopped {
            return;
        }
    }
}

#[tokio::test]
async fn appending_that_is_stopped_anywhere_can_be_repeated() {
    let records = || (0..40).map(|number| record(number, number as i64 * 7_000)).collect::<Vec<_>>();
    let work = async |lake: &Lake, store: &EventStore| append(lake, store, records()).await.map(drop);
    let check = async |lake: &Lake, store: &EventStore, stopped: bool| {
        if stopped {
            let found = numbers(store).await;
            assert!(found == [3] || found.len() == 40, "all or nothing: {found:?}");
            append(lake, store, records()).await.unwrap();
        }
        assert_eq!(numbers(store).await, (0..40).collect::<Vec<_>>());
    };
    at_every_call(&[3], work, check).await;
}

#[tokio::test]
async fn compaction_that_is_stopped_anywhere_loses_and_doubles_nothing() {
    let prepare = [1, 2, 3, 4, 5];
    let work = async |_: &Lake, store: &EventStore| store.compact(i32::MAX, &|_| {}).await.map(drop);
    let check = async |_: &Lake, store: &EventStore, stopped: bool| {
        assert_eq!(numbers(store).await, prepare);
        if stopped {
            store.compact(i32::MAX, &|_| {}).await.unwrap();
            assert_eq!(numbers(store).await, prepare);
        }
        assert_eq!(store.files().len(), 1);
    };
    at_every_call(&prepare, work, check).await;
}

#[tokio::test]
async fn a_full_disk_is_named_and_costs_nothing() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    append(&lake, &store, vec![record(1, 0)]).await.unwrap();
    drop((lake, store));
    for calls in 0..4 {
        let lake = rig.open(Stopping::after(calls, io::ErrorKind::StorageFull));
        let store = lake.event_store("events").await.unwrap();
        let error = append(&lake, &store, vec![record(2, 1)]).await.unwrap_err();
        assert!(matches!(error, LakeError::DiskFull(_)), "{error}");
        assert!(error.to_string().contains("the disk is full"), "{error}");
        assert_eq!(numbers(&store).await, [1]);
    }
}

#[tokio::test]
async fn a_file_cut_short_is_named_and_gives_no_wrong_answer() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    append(&lake, &store, vec![record(1, 0)]).await.unwrap();
    let path = store.directory().join(store.files()[0].path());
    let length = std::fs::metadata(&path).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 10).unwrap();

    let frame = context(&store).sql("SELECT eventid FROM events").await.unwrap();
    let error = frame.collect().await.unwrap_err().to_string();
    let name = &store.files()[0].name;
    assert!(error.contains(name.trim_end_matches(".parquet")), "{error}");

    let (lake, store) = rig.start().await;
    let error = append(&lake, &store, vec![record(2, 1)]).await.unwrap_err();
    assert!(matches!(&error, LakeError::Damaged { path, .. } if path.ends_with(name)), "{error}");

    store.follow(1, &mut batch([record(3, 2)])).unwrap();
    let sealed = store.seal();
    let staged = tokio::task::spawn_blocking(move || {
        let mut appender = store.appender();
        appender.append_tail(&sealed).unwrap();
        appender.stage().unwrap()
    });
    assert_eq!(staged.await.unwrap().files().len(), 1, "what is recorded now is not held up by it");
}
