use std::{fs, io::Write, time::Duration};

use flate2::{Compression, write::GzEncoder};
use keeptrail_archive::{Archive, Limits};
use keeptrail_lake_bench::Archive as Generated;

use super::*;
use crate::import::{ImportError, ImportOptions, Progress, Report};

fn generate(directory: &Path, events: u64, per_file: u64) -> u64 {
    let end = "2026-11-25T00:00:00Z".parse().unwrap();
    let made = Generated { seed: 7, events, per_file, days: 3, end, doubled: 20 }.write(directory).unwrap();
    made.records
}

async fn import(store: &EventStore, archive: &Path, options: ImportOptions) -> Result<Report, ImportError> {
    let (store, archive) = (store.clone(), archive.to_str().unwrap().to_owned());
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        store.import(&Archive::open(&archive).unwrap(), "here", &options, &Progress::default(), &runtime)
    })
    .await
    .unwrap()
}

fn gzip(path: &Path, content: &[u8]) {
    let mut encoder = GzEncoder::new(fs::File::create(path).unwrap(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_is_taken_in_once_however_often_it_is_imported() {
    let rig = Rig::new();
    let (_, store) = rig.start().await;
    let archive = rig.directory.path().join("archive");
    let records = generate(&archive, 600, 25);
    assert!(records > 600, "some events come twice");

    let report = import(&store, &archive, ImportOptions::default()).await.unwrap();
    assert_eq!((report.events, report.events_added, report.doubles), (records, 600, records - 600));
    assert_eq!((report.files_read, report.failed_files), (report.files, 0));
    assert_eq!(store.statistics().events, 600);

    let again = import(&store, &archive, ImportOptions::default()).await.unwrap();
    assert_eq!((again.files_known, again.files_read, again.events), (report.files, 0, 0));
    let query = "SELECT count(*) FROM events WHERE eventsource = 'secretsmanager.amazonaws.com' AND _secret_name LIKE 'ethos/%'";
    assert!(one(&store, query).await.as_u64().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_beside_log_files_is_counted_and_what_is_broken_is_listed() {
    let rig = Rig::new();
    let (_, store) = rig.start().await;
    let archive = rig.directory.path().join("archive");
    let logs = archive.join("AWSLogs/1/CloudTrail/us-east-1/2023/07/10");
    for folder in
        [&logs, &archive.join("AWSLogs/1/CloudTrail-Digest/us-east-1/2023/07/10"), &archive.join("AWSLogs/1/Config/x")]
    {
        fs::create_dir_all(folder).unwrap();
    }
    let wrapped = format!(r#"{{"Records":[{},{}]}}"#, record(1, 0), record(2, 0));
    gzip(&logs.join("1_CloudTrail_us-east-1_20230710T1205Z_a.json.gz"), wrapped.as_bytes());
    fs::write(logs.join("array.json"), format!("[\n  {},\n  {}\n]", record(3, 0), record(4, 0))).unwrap();
    fs::write(logs.join("lines.jsonl"), format!("{}\n{}\n", record(5, 0), record(6, 0))).unwrap();
    let cut = format!(r#"{{"Records":[{},{}"#, record(7, 0), record(8, 0));
    fs::write(logs.join("cut.json"), cut.get(..cut.len() - 50).unwrap()).unwrap();
    fs::write(
        logs.join("bad.json"),
        format!(r#"[{},{{"eventName":"NoTime"}},{{"eventTime":nonsense}}]"#, record(9, 0)),
    )
    .unwrap();
    fs::write(logs.join("digest.json"), r#"{"digestStartTime":"x","logFiles":[]}"#).unwrap();
    gzip(&logs.join("bomb.json.gz"), &vec![b' '; 4 << 20]);
    fs::write(archive.join("AWSLogs/1/CloudTrail-Digest/us-east-1/2023/07/10/d.json.gz"), "x").unwrap();
    fs::write(archive.join("AWSLogs/1/Config/x/c.json.gz"), "x").unwrap();

    let limits = Limits { free: 1 << 16, ..Limits::default() };
    let options = ImportOptions { limits, ..ImportOptions::default() };
    let report = import(&store, &archive, options.clone()).await.unwrap();
    assert_eq!(numbers(&store).await, [1, 2, 3, 4, 5, 6, 7, 9]);
    let mut failures: Vec<_> = report
        .failures
        .iter()
        .map(|failure| (failure.key.rsplit('/').next().unwrap(), failure.code, failure.events, failure.faults))
        .collect();
    failures.sort_unstable();
    assert_eq!(
        failures,
        [
            ("bad.json", "BadRecord", 1, 2),
            ("bomb.json.gz", "GzipBomb", 0, 1),
            ("cut.json", "CutShort", 1, 1),
            ("digest.json", "NotALogFile", 0, 1),
        ]
    );
    let others: Vec<_> = report.other_files.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    assert_eq!(others, [("Config file", 1), ("digest", 1)]);
    let again = import(&store, &archive, options).await.unwrap();
    assert_eq!((again.files_known, again.files_read, again.doubles), (3, 4, 2), "failed files are tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_of_ten_gigabytes_is_listed_after_a_bounded_part_of_it() {
    let rig = Rig::new();
    let (_, store) = rig.start().await;
    let archive = rig.directory.path().join("archive");
    fs::create_dir_all(&archive).unwrap();
    let part = archive.join("a.json.gz");
    gzip(&part, &vec![b' '; 16 << 20]);
    let parts = fs::read(&part).unwrap().repeat(640);
    assert!(parts.len() < 16 << 20, "it is small on the disk");
    fs::write(&part, parts).unwrap();
    fs::write(archive.join("b.json"), record(1, 0)).unwrap();

    // What may come out is measured by what went in; the limit is low so that the test is quick.
    let limits = Limits { ratio: 4, free: 1 << 20, ..Limits::default() };
    let report = import(&store, &archive, ImportOptions { limits, ..ImportOptions::default() }).await.unwrap();
    let failures: Vec<_> = report.failures.iter().map(|failure| (failure.key.as_str(), failure.code)).collect();
    assert_eq!(failures, [("a.json.gz", "GzipBomb")]);
    assert_eq!(numbers(&store).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_narrows_files_by_their_names_and_events_by_their_time() {
    let rig = Rig::new();
    let (_, store) = rig.start().await;
    let archive = rig.directory.path().join("archive");
    generate(&archive, 300, 10);
    let from = Some("2026-11-24T12:00:00Z".parse().unwrap());
    let options = ImportOptions { range: keeptrail_archive::Range { from, to: None }, ..ImportOptions::default() };
    let report = import(&store, &archive, options).await.unwrap();
    assert!(report.files_out_of_range > 0 && report.events_out_of_range > 0);
    let query = "SELECT count(*) FROM events WHERE eventtime < timestamp '2026-11-24 12:00:00'";
    assert_eq!(one(&store, query).await, json!(0));
    assert_eq!(store.statistics().events, report.events_added);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_stopped_anywhere_goes_on_without_doubles_and_loss() {
    let archive = tempfile::TempDir::new().unwrap();
    generate(archive.path(), 60, 5);
    for calls in (0..).step_by(3) {
        assert!(calls < 500, "the import does not end");
        let rig = Rig::new();
        let lake = rig.open(Arc::new(SystemDisk));
        lake.event_store_or_new("events", Layout::default()).await.unwrap();
        drop(lake);
        let stopped = {
            let lake = rig.open(Stopping::after(calls, io::ErrorKind::Other));
            let store = lake.event_store("events").await.unwrap();
            import(&store, archive.path(), ImportOptions::default()).await.is_err()
        };
        let (lake, store) = rig.start().await;
        import(&store, archive.path(), ImportOptions::default()).await.unwrap();
        assert_eq!(store.statistics().events, 60);
        assert_eq!(one(&store, "SELECT count(DISTINCT eventid) FROM events").await, json!(60));
        rig.time.advance(Duration::from_secs(3_600));
        lake.sweep().await.unwrap();
        assert_eq!(rig.files(), store.files().len());
        if !stopped {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuilt_store_takes_the_place_of_the_old_one() {
    let rig = Rig::new();
    let (lake, store) = rig.start().await;
    append(&lake, &store, vec![record(1, 0)]).await.unwrap();
    let archive = rig.directory.path().join("archive");
    generate(&archive, 50, 10);
    let rebuilt = lake.rebuilding("events", Layout::default()).await.unwrap();
    import(&rebuilt, &archive, ImportOptions::default()).await.unwrap();
    assert_eq!(lake.event_store("events").await.unwrap().statistics().events, 1, "until it is put in its place");
    let now = lake.replace("events").await.unwrap();
    assert_eq!(now.statistics().events, 50);
    let (lake, store) = rig.start().await;
    assert_eq!(store.statistics().events, 50);
    assert_eq!(lake.stores().await.unwrap(), ["events"]);
    assert_eq!(rig.files(), 0, "the old files are gone");
}
