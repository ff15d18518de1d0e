//! What becomes of stores and their files in time.

use std::time::Duration;

use serde_json::{Value, json};

use super::fixture::{DAY, HOUR, INTERVAL, Stage, id};

fn files(stage: &Stage, arn: &str) -> usize {
    let days = std::fs::read_dir(stage.files(arn)).into_iter().flatten();
    days.map(|day| std::fs::read_dir(day.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn a_deleted_store_goes_after_seven_days_with_its_files_and_not_before() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    let arn = stage.store("lake", json!({})).await;
    stage.record(1, json!({})).await;
    jobs.settle().await;
    stage.rig.advance(&jobs, INTERVAL).await;
    jobs.drain().await;
    stage.ok("DeleteEventDataStore", json!({"EventDataStore": arn})).await;

    stage.rig.time.advance(7 * DAY - Duration::from_secs(1));
    stage.upkeep().await;
    let shown = stage.ok("GetEventDataStore", json!({"EventDataStore": arn})).await;
    assert_eq!((&shown["Status"], files(&stage, &arn)), (&json!("PENDING_DELETION"), 1));

    stage.rig.time.advance(Duration::from_secs(1));
    stage.upkeep().await;
    let gone = stage.call("GetEventDataStore", json!({"EventDataStore": arn})).await;
    assert_eq!(gone.code(), "EventDataStoreNotFoundException");
    assert!(!stage.files(&arn).try_exists().unwrap());
    assert_eq!(stage.ok("ListEventDataStores", json!({})).await, json!({"EventDataStores": []}));
    assert_eq!(stage.lake.stores().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_restored_store_has_what_it_had() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    let arn = stage.store("lake", json!({})).await;
    stage.record(1, json!({})).await;
    jobs.settle().await;
    stage.rig.advance(&jobs, INTERVAL).await;
    stage.ok("DeleteEventDataStore", json!({"EventDataStore": arn})).await;
    stage.rig.advance(&jobs, 6 * DAY).await;
    stage.upkeep().await;
    stage.ok("RestoreEventDataStore", json!({"EventDataStore": arn})).await;
    stage.rig.advance(&jobs, 6 * DAY).await;
    stage.upkeep().await;
    stage.record(2, json!({})).await;
    jobs.settle().await;
    assert_eq!(stage.reads(&arn).await, [1, 2]);
    jobs.drain().await;
}

#[tokio::test]
async fn small_files_become_one_and_no_query_misses_one_meanwhile() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    let arn = stage.store("lake", json!({})).await;
    for number in 1..=4 {
        stage.record(number, json!({})).await;
        jobs.settle().await;
        stage.rig.advance(&jobs, INTERVAL).await;
    }
    let store = stage.lake.event_store(id(&arn)).await.unwrap();
    assert_eq!(store.files().len(), 4);
    stage.upkeep().await;
    assert_eq!(store.files().len(), 1);
    assert_eq!(stage.reads(&arn).await, [1, 2, 3, 4]);
    assert_eq!(files(&stage, &arn), 5, "a query that began before may read the old ones");

    stage.rig.advance(&jobs, 2 * HOUR).await;
    stage.upkeep().await;
    assert_eq!(files(&stage, &arn), 1);
    assert_eq!(stage.reads(&arn).await, [1, 2, 3, 4]);
    jobs.drain().await;
}

#[tokio::test]
async fn events_go_when_they_are_older_than_the_stores_retention() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    let short = stage.store("short", json!({"RetentionPeriod": 7})).await;
    let long = stage.store("long", json!({})).await;
    stage.record(1, json!({})).await;
    jobs.settle().await;
    stage.rig.advance(&jobs, INTERVAL).await;
    stage.rig.advance(&jobs, 7 * DAY - HOUR).await;
    stage.record(2, json!({})).await;
    jobs.settle().await;
    stage.rig.advance(&jobs, INTERVAL).await;
    stage.upkeep().await;
    assert_eq!(stage.reads(&short).await, [1, 2], "seven days have not passed");

    stage.rig.advance(&jobs, HOUR).await;
    stage.upkeep().await;
    assert_eq!((stage.reads(&short).await, stage.reads(&long).await), (vec![2], vec![1, 2]));
    let update = json!({"EventDataStore": short, "RetentionPeriod": 30});
    let updated: Value = stage.ok("UpdateEventDataStore", update).await;
    assert_eq!(updated["RetentionPeriod"], 30);
    stage.rig.advance(&jobs, 20 * DAY).await;
    stage.upkeep().await;
    assert_eq!(stage.reads(&short).await, [2], "what went does not come back, what is there stays");
    jobs.drain().await;
}

#[tokio::test]
async fn a_store_whose_files_are_damaged_does_not_hold_up_the_others() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    let (one, two) = (stage.store("one", json!({})).await, stage.store("two", json!({})).await);
    for number in 1..=2 {
        stage.record(number, json!({})).await;
        jobs.settle().await;
        stage.rig.advance(&jobs, INTERVAL).await;
    }
    let first = [&one, &two].into_iter().min().unwrap();
    let day = std::fs::read_dir(stage.files(first)).unwrap().next().unwrap().unwrap().path();
    let file = std::fs::read_dir(day).unwrap().next().unwrap().unwrap().path();
    std::fs::write(file, "no Parquet").unwrap();

    let upkeep = keeptrail_datastores::Upkeep::new(stage.stores.clone(), stage.rig.ledger.clone());
    let run = keeptrail_jobs::Task::run(&upkeep, stage.rig.clock().now()).await;
    assert!(run.is_err());
    let second = [&one, &two].into_iter().max().unwrap();
    assert_eq!(stage.lake.event_store(id(second)).await.unwrap().files().len(), 1);
    jobs.drain().await;
}
