use serde_json::json;

use crate::fixture::{Desk, NOW};

#[tokio::test]
async fn small_chunks_become_one_and_nothing_is_lost() {
    let desk = Desk::with_stream().await;
    let jobs = desk.jobs();
    let written: Vec<String> = (0..64).map(|number| format!("event {number}")).collect();
    for (number, message) in (0..).zip(&written) {
        desk.put("s", &[(number, message)]).await;
    }
    jobs.settle().await;
    assert!(desk.rows("logs.chunk").await <= 2, "{}", desk.rows("logs.chunk").await);
    assert_eq!(desk.filtered(json!({ "logGroupName": "g" })).await, written);
    jobs.drain().await;
}

#[tokio::test]
async fn expired_events_are_hidden_at_once_and_deleted_within_the_hour() {
    let desk = Desk::with_stream().await;
    let jobs = desk.jobs();
    desk.put("s", &[(0, "old"), (1, "old")]).await;
    desk.put("s", &[(7_000_000, "new")]).await;
    let stored = async || desk.ok("DescribeLogGroups", json!({})).await["logGroups"][0]["storedBytes"].clone();
    assert_eq!(stored().await, json!(3 * (3 + 26)));
    desk.ok("PutRetentionPolicy", json!({ "logGroupName": "g", "retentionInDays": 1 })).await;
    desk.pass(&jobs, 86_400 + 60).await;
    assert_eq!(desk.filtered(json!({ "logGroupName": "g" })).await, ["new"]);
    let read = json!({ "logGroupName": "g", "logStreamName": "s", "startFromHead": true });
    assert_eq!(desk.pages(read, true).await, ["new"]);
    desk.pass(&jobs, 3_600).await;
    assert_eq!(desk.rows("logs.chunk").await, 1);
    assert_eq!(stored().await, json!(3 + 26));
    let streams = desk.ok("DescribeLogStreams", json!({ "logGroupName": "g" })).await;
    assert_eq!(streams["logStreams"][0]["firstEventTimestamp"], NOW + 7_000_000);
    jobs.drain().await;
}

#[tokio::test]
async fn what_is_deleted_leaves_nothing_behind_and_its_name_is_free_at_once() {
    let desk = Desk::with_stream().await;
    desk.put("s", &[(0, "before")]).await;
    desk.append("t", &[(NOW, "other".into())]).await.unwrap();
    desk.ok("DeleteLogStream", json!({ "logGroupName": "g", "logStreamName": "s" })).await;
    desk.ok("CreateLogStream", json!({ "logGroupName": "g", "logStreamName": "s" })).await;
    desk.put("s", &[(1, "after")]).await;
    assert_eq!(desk.filtered(json!({ "logGroupName": "g" })).await, ["other", "after"]);
    desk.ok("DeleteLogGroup", json!({ "logGroupName": "g" })).await;
    desk.ok("CreateLogGroup", json!({ "logGroupName": "g" })).await;
    assert_eq!(desk.filtered(json!({ "logGroupName": "g" })).await, [""; 0]);
    let jobs = desk.jobs();
    desk.pass(&jobs, 1).await;
    for table in ["logs.chunk", "logs.stream", "logs.filters", "logs.filter_minutes", "logs.loose", "logs.doomed"] {
        assert_eq!(desk.rows(table).await, 0, "{table}");
    }
    jobs.drain().await;
}
