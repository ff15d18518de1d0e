//! What is in a store, and when.

use std::{sync::Arc, time::Duration};

use keeptrail_jobs::{Follower, JobState, cursor};
use keeptrail_journal::Entry;
use serde_json::{Value, json};

use super::fixture::{DAY, INTERVAL, OTHER_ACCOUNT, Stage, id};

const NAME: &str = "datastores.ingestion";

async fn place(stage: &Stage) -> u64 {
    cursor(&stage.rig.ledger.begin(), NAME).await.unwrap()
}

#[tokio::test]
async fn an_event_is_seen_at_once_and_still_when_it_is_in_a_file() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    let arn = stage.store("lake", json!({})).await;
    stage.record(1, json!({})).await;
    jobs.settle().await;
    assert_eq!(stage.names(&arn).await, ["CreateEventDataStore", "GetSecretValue"]);
    assert!(stage.lake.event_store(id(&arn)).await.unwrap().files().is_empty());

    stage.rig.advance(&jobs, INTERVAL).await;
    let store = stage.lake.event_store(id(&arn)).await.unwrap();
    assert_eq!((store.tail(), store.files().len()), (None, 1));
    stage.record(2, json!({})).await;
    jobs.settle().await;
    assert_eq!(stage.reads(&arn).await, [1, 2]);
    let secrets =
        stage.query(&arn, "SELECT DISTINCT requestParameters.secretId FROM s WHERE eventName = 'GetSecretValue'");
    assert_eq!(secrets.await, [["prod/db"]]);
    jobs.drain().await;
    assert_eq!(stage.lake.event_store(id(&arn)).await.unwrap().tail(), None, "a clean stop writes what is in memory");
}

#[tokio::test]
async fn a_store_takes_what_its_selectors_its_region_and_its_account_say() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    let selector = |field: &str, values: Value| json!([{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": field, "Equals": values}]}]);
    let everywhere = stage.store("everywhere", json!({})).await;
    let here = stage.store("here", json!({"MultiRegionEnabled": false})).await;
    let puts =
        stage.store("puts", json!({"AdvancedEventSelectors": selector("eventName", json!(["PutSecretValue"]))})).await;
    let stopped = stage.store("stopped", json!({"StartIngestion": false})).await;

    stage.record(1, json!({})).await;
    stage.record(2, json!({"awsRegion": "eu-west-1"})).await;
    stage.record(3, json!({"recipientAccountId": OTHER_ACCOUNT})).await;
    stage.record(4, json!({"eventCategory": "Data", "managementEvent": false})).await;
    stage.record(5, json!({"eventName": "PutSecretValue"})).await;
    jobs.settle().await;

    assert_eq!(stage.reads(&everywhere).await, [1, 2]);
    assert_eq!(stage.reads(&here).await, [1]);
    assert_eq!(stage.names(&puts).await, ["PutSecretValue"]);
    assert_eq!(stage.names(&stopped).await, Vec::<String>::new());
    jobs.drain().await;
}

#[tokio::test]
async fn a_store_takes_what_was_recorded_while_it_ingested_however_late_it_is_read() {
    let stage = Stage::new().await;
    let second = || stage.rig.time.advance(Duration::from_secs(2));
    stage.record(1, json!({})).await;
    second();
    let arn = stage.store("lake", json!({})).await;
    let store = json!({"EventDataStore": arn});
    let only = |name: &str| {
        let fields =
            json!([{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventName", "Equals": [name]}]);
        json!({"EventDataStore": arn, "AdvancedEventSelectors": [{"FieldSelectors": fields}]})
    };
    second();
    stage.record(2, json!({})).await;
    second();
    stage.ok("StopEventDataStoreIngestion", store.clone()).await;
    second();
    stage.record(3, json!({})).await;
    second();
    stage.ok("StartEventDataStoreIngestion", store.clone()).await;
    second();
    stage.record(4, json!({})).await;
    second();
    stage.ok("UpdateEventDataStore", only("ListSecrets")).await;
    second();
    stage.record(5, json!({})).await;
    second();
    stage.ok("DeleteEventDataStore", store.clone()).await;
    second();
    stage.record(6, json!({"eventName": "ListSecrets"})).await;
    second();
    stage.ok("RestoreEventDataStore", store).await;
    second();
    stage.record(7, json!({"eventName": "ListSecrets"})).await;

    let jobs = stage.jobs();
    jobs.settle().await;
    let expected = [
        "CreateEventDataStore",
        "GetSecretValue",
        "StopEventDataStoreIngestion",
        "StartEventDataStoreIngestion",
        "GetSecretValue",
        "UpdateEventDataStore",
        "ListSecrets",
    ];
    assert_eq!(stage.names(&arn).await, expected);
    assert_eq!(stage.reads(&arn).await, [2, 4]);
    jobs.drain().await;
}

#[tokio::test]
async fn without_any_store_nothing_is_kept_and_the_journal_is_let_go() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    stage.record(1, json!({})).await;
    jobs.settle().await;
    stage.rig.advance(&jobs, INTERVAL).await;
    assert_eq!(jobs.passed_by_all(), 1);
    assert!(!stage.lake.root().join("day=2026-03-01").try_exists().unwrap());

    let arn = stage.store("lake", json!({})).await;
    stage.record(2, json!({})).await;
    jobs.settle().await;
    assert_eq!(stage.reads(&arn).await, [2], "the first store is noticed at once");
    jobs.drain().await;
}

/// The entries after `after`, followed by a follower that nobody drives.
async fn follow(stage: &Stage, ingestion: &impl Follower, after: u64) -> Vec<Arc<Entry>> {
    stage.rig.ledger.settled().await;
    let entries = stage.rig.ledger.journal().read(after, 1000, usize::MAX).await.unwrap();
    ingestion.follow(&stage.rig.ledger.begin(), &entries).await.unwrap();
    entries
}

#[tokio::test]
async fn a_kill_between_any_two_steps_of_a_write_loses_nothing_and_doubles_nothing() {
    for step in 0..4 {
        let stage = Stage::new().await;
        let arn = stage.store("lake", json!({})).await;
        let second = stage.store("second", json!({})).await;
        for number in 1..=3 {
            stage.record(number, json!({})).await;
        }
        let ingestion = stage.ingestion();
        follow(&stage, &ingestion, 0).await;
        // Followed; written; named, and the commit lost; committed, and not adopted.
        if step > 0 {
            let written = ingestion.write().await.unwrap();
            let tx = stage.rig.ledger.begin();
            if step > 1 {
                written.name(&tx).await.unwrap();
            }
            if step > 2 {
                stage.rig.ledger.commit(tx).await.unwrap();
            }
            // A killed process runs no destructor.
            std::mem::forget(written);
        }
        let files =
            |stage: &Stage| std::fs::read_dir(stage.files(&arn).join("day=2026-03-01")).map_or(0, Iterator::count);
        assert_eq!(files(&stage), usize::from(step > 0), "step {step}");
        drop(ingestion);

        let stage = stage.restart().await;
        assert_eq!(files(&stage), usize::from(step > 2), "what no commit names is swept: step {step}");
        stage.record(4, json!({})).await;
        let jobs = stage.jobs();
        jobs.settle().await;
        jobs.drain().await;
        for arn in [&arn, &second] {
            assert_eq!(stage.reads(arn).await, [1, 2, 3, 4], "step {step}");
        }
        let stage = stage.restart().await;
        assert_eq!(stage.reads(&arn).await, [1, 2, 3, 4], "step {step}, restarted");
    }
}

#[tokio::test]
async fn the_cursor_moves_with_the_files_alone() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    let arn = stage.store("lake", json!({})).await;
    stage.record(1, json!({})).await;
    jobs.settle().await;
    assert_eq!((place(&stage).await, jobs.passed_by_all()), (0, 0));
    stage.rig.advance(&jobs, INTERVAL).await;
    assert_eq!(place(&stage).await, 2);
    stage.record(2, json!({})).await;
    jobs.settle().await;
    assert_eq!(place(&stage).await, 2);
    std::mem::forget(jobs);

    let stage = stage.restart().await;
    assert_eq!(stage.reads(&arn).await, [1], "the second is followed again");
    let jobs = stage.jobs();
    jobs.settle().await;
    assert_eq!(stage.reads(&arn).await, [1, 2]);
    jobs.drain().await;
}

#[tokio::test]
async fn a_disk_that_cannot_be_written_costs_nothing_but_time() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    let arn = stage.store("lake", json!({})).await;
    stage.record(1, json!({})).await;
    jobs.settle().await;
    // A file where the store's directory would be.
    std::fs::write(stage.files(&arn), "").unwrap();
    stage.rig.advance(&jobs, INTERVAL).await;
    let status = jobs.status().remove(0);
    assert_eq!((status.state, status.failures), (JobState::BackingOff, 1), "{:?}", status.last_error);
    stage.record(2, json!({})).await;
    while stage.reads(&arn).await != [1, 2] {
        tokio::task::yield_now().await;
    }

    std::fs::remove_file(stage.files(&arn)).unwrap();
    stage.rig.advance(&jobs, Duration::from_secs(30)).await;
    let status = jobs.status().remove(0);
    assert_eq!((status.state, status.failures), (JobState::Idle, 0), "{:?}", status.last_error);
    assert_eq!(stage.lake.event_store(id(&arn)).await.unwrap().tail(), None);
    assert_eq!(stage.reads(&arn).await, [1, 2]);
    jobs.drain().await;
}

#[tokio::test]
async fn the_tail_is_bounded_and_what_is_beyond_waits_in_the_journal() {
    let stage = Stage::new().await;
    let arn = stage.store("lake", json!({})).await;
    let jobs = {
        let mut driver = stage.rig.driver();
        driver.follower(stage.ingestion().within(1, 1));
        driver.start()
    };
    for number in 1..=20 {
        stage.record(number, json!({})).await;
        jobs.settle().await;
        assert_eq!(stage.lake.event_store(id(&arn)).await.unwrap().tail(), None, "it is written at once");
    }
    assert_eq!(stage.reads(&arn).await, (1..=20).collect::<Vec<_>>());
    jobs.drain().await;
}

#[tokio::test]
async fn what_was_followed_for_a_store_that_is_gone_for_good_goes_with_it() {
    let stage = Stage::new().await;
    let arn = stage.store("lake", json!({})).await;
    stage.record(1, json!({})).await;
    let ingestion = stage.ingestion();
    let entries = follow(&stage, &ingestion, 0).await;
    let written = ingestion.write().await.unwrap();
    stage.ok("DeleteEventDataStore", json!({"EventDataStore": arn})).await;
    stage.rig.time.advance(8 * DAY);
    stage.upkeep().await;

    let tx = stage.rig.ledger.begin();
    written.name(&tx).await.unwrap();
    stage.rig.ledger.commit(tx).await.unwrap();
    written.adopt();
    assert_eq!(ingestion.load(), keeptrail_jobs::Load::Light);
    assert_eq!(entries.len(), 2);
    let stage = stage.restart().await;
    assert!(!stage.files(&arn).try_exists().unwrap());
    let error = stage.lake.event_store(id(&arn)).await.unwrap_err();
    assert!(error.to_string().contains("no event data store"), "{error}");
}
