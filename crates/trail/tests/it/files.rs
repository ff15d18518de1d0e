//! Log files.

use keeptrail_trail::jobs::{LogFileReader, troubles};
use serde_json::{Value, json};

use super::fixture::{DAY, INTERVAL, Stage};

#[tokio::test]
async fn log_files_come_at_the_interval_once_and_a_broken_bucket_only_delays_them() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    let jobs = stage.jobs();
    jobs.settle().await;
    *stage.sinks.bucket_broken.lock().unwrap() = true;
    stage.ok("GetTrail", json!({"Name": "ethos"})).await;
    stage.advance(&jobs, INTERVAL).await;
    let status = stage.status().await;
    assert_eq!(status["LatestDeliveryError"], "the bucket cannot be written: the disk is full");
    assert_eq!(status["LatestDeliveryAttemptTime"], "2026-03-01T12:05:00Z");
    assert_eq!(status["LatestDeliveryAttemptSucceeded"], "");
    assert_eq!(status.get("LatestDeliveryTime"), None);
    *stage.sinks.bucket_broken.lock().unwrap() = false;
    stage.advance(&jobs, INTERVAL).await;
    stage.advance(&jobs, INTERVAL).await;
    let written = stage.written();
    assert_eq!(written.iter().filter(|name| *name == "GetTrail").count(), 1, "{written:?}");
    let (_, key) = stage.keys().remove(0);
    let path = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/01/123456789012_CloudTrail_us-east-1_20260301T1205Z_";
    assert!(key.starts_with(path), "{key}");
    let suffix = key.strip_prefix(path).unwrap().strip_suffix(".json.gz").unwrap();
    assert!(suffix.len() == 16 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key}");
    let status = stage.status().await;
    assert_eq!(status.get("LatestDeliveryError"), None);
    assert_eq!(status["LatestDeliveryAttemptSucceeded"], "2026-03-01T12:10:00Z");
    assert_eq!(status["IsLogging"], true);
    jobs.drain().await;
}

#[tokio::test]
async fn a_deleted_trail_still_delivers_what_was_recorded_until_then_its_deletion_included() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    let jobs = stage.jobs();
    jobs.settle().await;
    stage.ok("ListTrails", json!({})).await;
    stage.ok("DeleteTrail", json!({"Name": "ethos"})).await;
    stage.rig.time.advance(std::time::Duration::from_secs(2));
    stage.ok("ListTrails", json!({})).await;
    stage.advance(&jobs, INTERVAL).await;
    assert_eq!(stage.written(), ["CreateTrail", "StartLogging", "ListTrails", "DeleteTrail"]);
    // Nothing is left of it when the journal has been read further.
    stage.advance(&jobs, INTERVAL * 20).await;
    stage.ok("ListTrails", json!({})).await;
    stage.advance(&jobs, INTERVAL).await;
    for table in ["trail.spool", "trail.open-batch", "trail.sealed-batch", "trail.file-status", "trail.log-status"] {
        assert_eq!(stage.rows(table).await.unwrap(), 0, "{table}");
    }
    jobs.drain().await;
}

#[tokio::test]
async fn a_file_that_was_written_before_a_crash_is_written_again_as_it_was() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    let mut driver = stage.rig.driver();
    driver.reader(LogFileReader::default());
    let reader = driver.start();
    reader.settle().await;
    stage.rig.time.advance(INTERVAL);
    // The file is in the bucket, the crash comes before that is noted: the store is as it was when the batch was sealed.
    *stage.sinks.bucket_broken.lock().unwrap() = true;
    stage.write_files().await.unwrap();
    assert_eq!(stage.rows("trail.sealed-batch").await.unwrap(), 1);
    let selectors = json!([{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": false, "DataResources": []}]);
    stage.ok("PutEventSelectors", json!({"TrailName": "ethos", "EventSelectors": selectors})).await;
    reader.settle().await;
    *stage.sinks.bucket_broken.lock().unwrap() = false;
    stage.rig.time.advance(INTERVAL);
    stage.write_files().await.unwrap();
    assert_eq!(stage.written(), ["CreateTrail", "StartLogging"], "the selectors of their time, not of this");
    assert!(stage.keys()[0].1.contains("T1205Z"), "{:?}", stage.keys());
    reader.drain().await;
}

#[tokio::test]
async fn what_waits_for_a_bucket_that_is_gone_goes_to_the_one_that_takes_its_place() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    let jobs = stage.jobs();
    jobs.settle().await;
    *stage.sinks.bucket_gone.lock().unwrap() = true;
    stage.advance(&jobs, INTERVAL).await;
    assert_eq!(stage.status().await["LatestDeliveryError"], "NoSuchBucket");
    let trouble = troubles(&stage.rig.ledger).await.unwrap().remove(0);
    assert_eq!((trouble.to, trouble.error.as_str()), ("bucket", "NoSuchBucket"));
    stage.ok("UpdateTrail", json!({"Name": "ethos", "S3BucketName": "other", "S3KeyPrefix": "p"})).await;
    jobs.settle().await;
    let (bucket, key) = stage.keys().remove(0);
    assert_eq!(bucket, "other");
    assert!(key.starts_with("p/AWSLogs/"), "{key}");
    assert_eq!(stage.written(), ["CreateTrail", "StartLogging"]);
    assert_eq!(troubles(&stage.rig.ledger).await.unwrap(), []);
    jobs.drain().await;
}

#[tokio::test]
async fn a_bucket_that_is_gone_holds_no_reader_back_and_after_30_days_what_waits_is_given_up_loudly() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    let jobs = stage.jobs();
    jobs.settle().await;
    *stage.sinks.bucket_gone.lock().unwrap() = true;
    stage.advance(&jobs, INTERVAL).await;
    assert_eq!(jobs.passed_by_all(), stage.rig.ledger.journal().head(), "the journal may be retired");
    stage.advance(&jobs, DAY * 29).await;
    assert!(!named(&stage.rig.records().await, "LogFileGivenUp"));
    stage.advance(&jobs, DAY * 2).await;
    let records = stage.rig.records().await;
    let given_up = records.iter().find(|record| record["eventName"] == "LogFileGivenUp").unwrap();
    let mut told = given_up["additionalEventData"].clone();
    let key = told["s3ObjectKey"].take();
    assert!(key.as_str().unwrap().contains("20260301T1205Z"), "{key}");
    let expected = json!({
        "trailARN": "arn:aws:cloudtrail:us-east-1:123456789012:trail/ethos",
        "s3Bucket": "logs",
        "s3ObjectKey": null,
        "firstSequenceNumber": 1,
        "lastSequenceNumber": 2,
        "oldestEventTime": "2026-03-01T12:00:00Z",
        "newestEventTime": "2026-03-01T12:00:00Z",
        "records": 2,
        "reason": "it could not be delivered for 30 days",
    });
    assert_eq!(told, expected);
    // The trail goes on: the record of what was lost is the first that the bucket gets.
    *stage.sinks.bucket_gone.lock().unwrap() = false;
    stage.advance(&jobs, DAY * 2).await;
    assert_eq!(stage.written(), ["LogFileGivenUp"]);
    jobs.drain().await;
}

fn named(records: &[Value], name: &str) -> bool {
    records.iter().any(|record| record["eventName"] == name)
}

#[tokio::test]
async fn many_records_make_files_of_bounded_size_and_each_record_is_in_one() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    let filler = "x".repeat(20_000);
    for number in 0..60 {
        let id = format!("{number:08}-0000-4000-8000-000000000000");
        let record = json!({
            "eventTime": "2026-03-01T12:00:00Z", "eventName": format!("Large{number}"), "awsRegion": "us-east-1",
            "eventSource": "sns.amazonaws.com", "eventCategory": "Management", "managementEvent": true,
            "readOnly": false, "recipientAccountId": "123456789012", "eventID": id, "filler": filler,
        });
        let bytes = serde_json::to_vec(&record).unwrap().into();
        let record = keeptrail_journal::Record { event_id: id, bytes };
        stage.rig.ledger.journal().append(vec![record]).await.unwrap();
    }
    let jobs = stage.jobs();
    jobs.settle().await;
    assert_eq!(stage.keys().len(), 1, "a full batch is written before its time");
    stage.advance(&jobs, INTERVAL).await;
    assert_eq!(stage.keys().len(), 2);
    let mut written: Vec<_> = stage.written().into_iter().filter(|name| name.starts_with("Large")).collect();
    written.sort();
    written.dedup();
    assert_eq!(written.len(), 60);
    jobs.drain().await;
}
