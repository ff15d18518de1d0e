//! Trails, selectors and what is refused.

use std::time::Duration;

use keeptrail_testkit::root;
use keeptrail_wire::Protocol;
use serde_json::{Value, json};

use super::fixture::{DATA_STORE, INTERVAL, Stage};

#[tokio::test]
async fn a_trail_takes_what_happens_between_start_and_stop_both_calls_included() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    let jobs = stage.jobs();
    stage.ok("DescribeTrails", json!({})).await;
    stage.ok("StopLogging", json!({"Name": "ethos"})).await;
    stage.rig.time.advance(Duration::from_secs(5));
    stage.ok("ListTrails", json!({})).await;
    jobs.settle().await;
    assert_eq!(stage.delivered().await, ["CreateTrail", "StartLogging", "DescribeTrails", "StopLogging"]);
    stage.advance(&jobs, INTERVAL).await;
    assert_eq!(stage.written(), ["CreateTrail", "StartLogging", "DescribeTrails", "StopLogging"]);
    jobs.drain().await;
}

#[tokio::test]
async fn a_reader_that_comes_late_still_takes_what_was_recorded_in_an_earlier_time_of_logging() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    stage.rig.time.advance(Duration::from_secs(5));
    stage.ok("StopLogging", json!({"Name": "ethos"})).await;
    stage.rig.time.advance(Duration::from_secs(5));
    stage.ok("ListTrails", json!({})).await;
    stage.rig.time.advance(Duration::from_secs(5));
    stage.ok("StartLogging", json!({"Name": "ethos"})).await;
    let status = stage.status().await;
    assert_eq!(status["TimeLoggingStarted"], "2026-03-01T12:00:15Z");
    assert_eq!(status["TimeLoggingStopped"], "2026-03-01T12:00:05Z");
    let jobs = stage.jobs();
    jobs.settle().await;
    assert_eq!(
        stage.delivered().await,
        ["CreateTrail", "StartLogging", "StopLogging", "StartLogging", "GetTrailStatus"]
    );
    jobs.drain().await;
}

#[tokio::test]
async fn the_documents_selectors_are_accepted_and_take_only_reads_of_secrets() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    let selectors = json!([{"Name": "SecretsManagerReads", "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::SecretsManager::Secret"]},
        {"Field": "readOnly", "Equals": ["true"]},
    ]}]);
    stage.ok("PutEventSelectors", json!({"TrailName": "ethos", "AdvancedEventSelectors": selectors})).await;
    let shown = stage
        .ok("GetEventSelectors", json!({"TrailName": "arn:aws:cloudtrail:us-east-1:123456789012:trail/ethos"}))
        .await;
    assert_eq!(shown["AdvancedEventSelectors"], selectors);
    let jobs = stage.jobs();
    jobs.settle().await;
    assert_eq!(stage.delivered().await, Vec::<String>::new());
    let bad = stage
        .call("PutEventSelectors", json!({"TrailName": "ethos", "EventSelectors": [{"ReadWriteType": "read-only"}]}))
        .await;
    assert_eq!(bad.code(), "InvalidEventSelectorsException");
    jobs.drain().await;
}

#[tokio::test]
async fn a_bucket_or_an_option_that_cannot_be_is_refused() {
    let stage = Stage::new().await;
    let create = |bucket: &str, more: Value| {
        let mut input = json!({"Name": "ethos", "S3BucketName": bucket});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let closed = stage.call("CreateTrail", create("closed", json!({}))).await;
    assert_eq!(closed.code(), "InsufficientS3BucketPolicyException");
    assert_eq!(closed.message(), "Incorrect S3 bucket policy is detected for bucket: closed");
    assert_eq!(stage.call("CreateTrail", create("none", json!({}))).await.message(), "S3 bucket none does not exist!");
    for (more, what) in [
        (json!({"EnableLogFileValidation": true}), "digest files (EnableLogFileValidation)"),
        (json!({"KmsKeyId": "k"}), "encryption of log files (KmsKeyId)"),
        (json!({"IsOrganizationTrail": true}), "organization trails (IsOrganizationTrail)"),
    ] {
        let refused = stage.call("CreateTrail", create("logs", more)).await;
        assert_eq!(refused.code(), "UnsupportedOperationException");
        assert_eq!(refused.message(), format!("keeptrail does not carry out {what}."));
    }
    let input = create("logs", json!({"EnableLogFileValidation": true})).to_string().into();
    let answer = stage.rig.raw(root(), &stage.service, "CreateTrail", Protocol::AwsJson11, input).await;
    let query_code = answer.headers.iter().find(|(name, _)| *name == "x-amzn-query-error");
    assert_eq!(query_code, None, "the aws command line would show that code");
    let unknown = stage.call("GetTrailStatus", json!({"Name": "none"})).await;
    assert_eq!(unknown.code(), "TrailNotFoundException");
    assert_eq!(unknown.message(), "Unknown trail: none for the user: 123456789012");
}

#[tokio::test]
async fn the_tagging_operations_are_those_of_event_data_stores_too() {
    let stage = Stage::new().await;
    let tags = json!([{"Key": "team", "Value": "ethos"}, {"Key": "keep"}]);
    stage.ok("AddTags", json!({"ResourceId": DATA_STORE, "TagsList": tags})).await;
    stage.ok("AddTags", json!({"ResourceId": DATA_STORE, "TagsList": [{"Key": "team", "Value": "other"}]})).await;
    stage.ok("RemoveTags", json!({"ResourceId": DATA_STORE, "TagsList": [{"Key": "keep"}]})).await;

    let listed = stage.ok("ListTags", json!({"ResourceIdList": [DATA_STORE]})).await;
    let expected = json!([{"ResourceId": DATA_STORE, "TagsList": [{"Key": "team", "Value": "other"}]}]);
    assert_eq!(listed["ResourceTagList"], expected);
    let unknown = DATA_STORE.replace("ee54", "0000");
    assert_eq!(stage.call("ListTags", json!({"ResourceIdList": [unknown]})).await.message(), "there is no such store");
}
