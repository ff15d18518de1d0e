//! Trails as a caller sees them, and what they deliver.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{
    collections::BTreeMap,
    io::Read,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use keeptrail_jobs::Running;
use keeptrail_operation::Service;
use keeptrail_store::Tx;
use keeptrail_testkit::{Answer, Rig, user};
use keeptrail_trail::{
    BucketProblem, LogProblem, LogSink, ObjectSink, TrailEvent, Trails,
    history::HistoryReader,
    jobs::{LogDelivery, LogFiles},
    service,
};
use serde_json::{Value, json};

const INTERVAL: Duration = Duration::from_secs(300);

/// A bucket and a log group in memory.
#[derive(Default)]
struct Sinks {
    files: Mutex<BTreeMap<String, Bytes>>,
    broken: Mutex<bool>,
    events: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl ObjectSink for Sinks {
    async fn check(&self, _: &Tx, _: &str, bucket: &str, _: &str, _: &str) -> Result<(), BucketProblem> {
        match bucket {
            "logs" => Ok(()),
            "closed" => Err(BucketProblem::Policy),
            _ => Err(BucketProblem::NoBucket),
        }
    }

    async fn put(
        &self,
        _: &str,
        _: &str,
        key: &str,
        _: &str,
        body: Bytes,
        _: BTreeMap<String, String>,
    ) -> Result<(), BucketProblem> {
        if *self.broken.lock().unwrap() {
            return Err(BucketProblem::Unavailable("the disk is full".into()));
        }
        self.files.lock().unwrap().insert(key.to_owned(), body);
        Ok(())
    }
}

#[async_trait::async_trait]
impl LogSink for Sinks {
    async fn check(&self, _: &Tx, _: &str, _: &str) -> Result<(), LogProblem> {
        Ok(())
    }

    async fn append(&self, _: &Tx, _: &str, stream: &str, events: &[TrailEvent<'_>]) -> Result<(), LogProblem> {
        assert_eq!(stream, "123456789012_CloudTrail_us-east-1");
        self.events.lock().unwrap().extend(events.iter().map(|event| event.message.to_owned()));
        Ok(())
    }
}

struct Stage {
    rig: Rig,
    service: Service,
    sinks: Arc<Sinks>,
    trails: Arc<Trails>,
}

impl Stage {
    async fn new() -> Self {
        let sinks = Arc::new(Sinks::default());
        let trails = Trails::new(Arc::clone(&sinks) as _, Arc::clone(&sinks) as _);
        Self { rig: Rig::new().await, service: service(&trails), sinks, trails }
    }

    async fn call(&self, operation: &str, input: Value) -> Answer {
        self.rig.call(&self.service, operation, &input).await
    }

    async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    fn jobs(&self) -> Running {
        let mut driver = self.rig.driver();
        driver.reader(LogDelivery::new(Arc::clone(&self.trails)));
        driver.reader(HistoryReader);
        driver.task(LogFiles::new(Arc::clone(&self.trails), self.rig.ledger.clone(), INTERVAL));
        driver.start()
    }

    async fn logging_trail(&self) {
        let group = "arn:aws:logs:us-east-1:123456789012:log-group:trail:*";
        let role = "arn:aws:iam::123456789012:role/r";
        self.ok("CreateTrail", json!({"Name": "ethos", "S3BucketName": "logs", "CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role})).await;
        self.ok("StartLogging", json!({"Name": "ethos"})).await;
    }

    fn delivered(&self) -> Vec<String> {
        let name =
            |event: &String| serde_json::from_str::<Value>(event).unwrap()["eventName"].as_str().unwrap().to_owned();
        self.sinks.events.lock().unwrap().iter().map(name).collect()
    }

    fn written(&self) -> Vec<String> {
        let mut names = Vec::new();
        for body in self.sinks.files.lock().unwrap().values() {
            let mut text = String::new();
            flate2::read::GzDecoder::new(body.as_ref()).read_to_string(&mut text).unwrap();
            let file: Value = serde_json::from_str(&text).unwrap();
            names.extend(
                file["Records"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|record| record["eventName"].as_str().unwrap().to_owned()),
            );
        }
        names
    }
}

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
    assert_eq!(stage.delivered(), ["CreateTrail", "StartLogging", "DescribeTrails", "StopLogging"]);
    stage.rig.advance(&jobs, INTERVAL).await;
    assert_eq!(stage.written(), ["CreateTrail", "StartLogging", "DescribeTrails", "StopLogging"]);
    jobs.drain().await;
}

#[tokio::test]
async fn log_files_come_at_the_interval_once_and_a_broken_bucket_only_delays_them() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    let jobs = stage.jobs();
    jobs.settle().await;
    *stage.sinks.broken.lock().unwrap() = true;
    stage.ok("GetTrail", json!({"Name": "ethos"})).await;
    stage.rig.advance(&jobs, INTERVAL).await;
    let status = stage.ok("GetTrailStatus", json!({"Name": "ethos"})).await;
    assert_eq!(status["LatestDeliveryError"], "the bucket cannot be written: the disk is full");
    *stage.sinks.broken.lock().unwrap() = false;
    stage.rig.advance(&jobs, INTERVAL).await;
    stage.rig.advance(&jobs, INTERVAL).await;
    let written = stage.written();
    assert_eq!(written.iter().filter(|name| *name == "GetTrail").count(), 1, "{written:?}");
    let key = stage.sinks.files.lock().unwrap().keys().next().unwrap().clone();
    assert!(
        key.starts_with(
            "AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/01/123456789012_CloudTrail_us-east-1_20260301T"
        ),
        "{key}"
    );
    let status = stage.ok("GetTrailStatus", json!({"Name": "ethos"})).await;
    assert_eq!(status.get("LatestDeliveryError"), None);
    assert_eq!(status["IsLogging"], true);
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
    assert_eq!(stage.delivered(), Vec::<String>::new());
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
    for more in [
        json!({"EnableLogFileValidation": true}),
        json!({"KmsKeyId": "k"}),
        json!({"SnsTopicName": "t"}),
        json!({"IsOrganizationTrail": true}),
    ] {
        assert_eq!(stage.call("CreateTrail", create("logs", more)).await.code(), "UnsupportedOperationException");
    }
    let unknown = stage.call("GetTrailStatus", json!({"Name": "none"})).await;
    assert_eq!(unknown.code(), "TrailNotFoundException");
}

#[tokio::test]
async fn the_history_is_found_by_each_attribute_newest_first_in_pages() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    for _ in 0..7 {
        stage.ok("ListTrails", json!({})).await;
        stage.rig.time.advance(Duration::from_secs(1));
    }
    let denied = user("bob", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#);
    stage.rig.call_as(denied, &stage.service, "DescribeTrails", &json!({})).await;
    jobs.settle().await;
    let by = |key: &str, value: &str| json!({"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]});
    for (key, value, count) in [
        ("EventName", "ListTrails", 7),
        ("Username", "root", 7),
        ("Username", "bob", 1),
        ("EventSource", "cloudtrail.amazonaws.com", 8),
        ("AccessKeyId", "root", 8),
        ("ReadOnly", "true", 8),
        ("EventName", "Nothing", 0),
    ] {
        let found = stage.rig.call(&stage.service, "LookupEvents", &by(key, value)).await;
        let events = found.body["Events"].as_array().unwrap();
        let own = events.iter().filter(|event| event["EventName"] != "LookupEvents").count();
        assert_eq!(own, count, "{key}={value}");
    }
    let mut token = Value::Null;
    let mut times = Vec::new();
    loop {
        let mut input = by("EventName", "ListTrails");
        input["MaxResults"] = json!(3);
        input["NextToken"] = token.clone();
        let page = stage.ok("LookupEvents", input).await;
        times.extend(page["Events"].as_array().unwrap().iter().map(|event| event["EventTime"].as_i64().unwrap()));
        match page.get("NextToken") {
            Some(next) => token = next.clone(),
            None => break,
        }
    }
    assert_eq!(times.len(), 7);
    assert!(times.windows(2).all(|pair| pair[0] > pair[1]), "{times:?}");
    let mut other = by("EventName", "DescribeTrails");
    other["NextToken"] = token;
    assert_eq!(stage.call("LookupEvents", other).await.code(), "InvalidNextTokenException");
    jobs.drain().await;
}
