//! The services as they are wired, on a simulated clock.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use keeptrail_clock::Random;
use keeptrail_envelope::{Keyring, RootKey};
use keeptrail_jobs::Running;
use keeptrail_testkit::{ACCOUNT, Answer, Rig, root};
use serde_json::{Value, json};

use super::{Settings, Wired, wire};

const INTERVAL: Duration = Duration::from_secs(300);
const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:123456789012:trail/ethos";
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:files";

struct Server {
    rig: Rig,
    wired: Wired,
    jobs: Running,
    _data: tempfile::TempDir,
}

impl Server {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let rig = Rig::new().await;
        let root = RootKey::from_bytes(&[7; 32]).unwrap();
        let (keyring, _) = Keyring::generate(&Random::seeded(1), &root).unwrap();
        let settings = Settings {
            public_url: "http://127.0.0.1:7420".to_owned(),
            data: data.path().to_owned(),
            trail_interval: INTERVAL,
            smtp: None,
            notify_allow: Vec::new(),
        };
        let mut driver = rig.driver();
        let (clock, random) = (rig.clock(), rig.random.clone());
        let wired = wire(settings, &rig.ledger, &Arc::new(keyring), &clock, &random, &mut driver).await.unwrap();
        Self { rig, wired, jobs: driver.start(), _data: data }
    }

    async fn call(&self, operation: &str, input: Value) -> Answer {
        let service = self.wired.services.iter().find(|service| service.operation(operation).is_some()).unwrap();
        self.rig.call(service, operation, &input).await
    }

    async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    /// An S3 request; the answer's body.
    async fn s3(&self, method: &str, uri: &str, body: String) -> String {
        let request = Request::builder().method(method).uri(uri).header("host", "127.0.0.1:7420");
        let request = request.header("content-length", body.len());
        let body = Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed_unsync();
        let (call, attempt) = self.rig.begin(root());
        let objects = self.wired.objects.as_ref().unwrap();
        let answer = objects.serve(request.body(body).unwrap(), self.rig.dispatcher(), call, attempt).await;
        assert!(answer.status().is_success(), "{method} {uri}: {}", answer.status());
        let body = answer.into_body().collect().await.map_err(drop).unwrap().to_bytes();
        String::from_utf8_lossy(&body).into_owned()
    }

    async fn advance(&self) {
        self.jobs.settle().await;
        self.rig.advance(&self.jobs, INTERVAL).await;
    }

    /// A bucket, a log group with its role, and a trail that delivers to them.
    async fn logging_trail(&self) {
        self.s3("PUT", "/trail-logs", String::new()).await;
        self.s3("PUT", "/trail-logs?policy", bucket_policy().to_string()).await;
        self.ok("CreateLogGroup", json!({"logGroupName": "trail"})).await;
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ]});
        self.ok("CreateRole", json!({"RoleName": "trail", "AssumeRolePolicyDocument": trust.to_string()})).await;
        self.let_role_write().await;
        let input = json!({
            "Name": "ethos",
            "S3BucketName": "trail-logs",
            "CloudWatchLogsLogGroupArn": format!("arn:aws:logs:us-east-1:{ACCOUNT}:log-group:trail:*"),
            "CloudWatchLogsRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/trail"),
        });
        self.ok("CreateTrail", input).await;
        self.ok("StartLogging", json!({"Name": "ethos"})).await;
    }

    async fn let_role_write(&self) {
        let rights = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"},
        ]});
        let input = json!({"RoleName": "trail", "PolicyName": "write", "PolicyDocument": rights.to_string()});
        self.ok("PutRolePolicy", input).await;
    }

    async fn status(&self) -> Value {
        self.ok("GetTrailStatus", json!({"Name": "ethos"})).await
    }

    /// Whether the log group has an event with this text, among those of the last call.
    async fn logged(&self, text: &str) -> bool {
        self.jobs.settle().await;
        let found = self.ok("FilterLogEvents", json!({"logGroupName": "trail"})).await;
        let events = found["events"].as_array().unwrap();
        events.iter().any(|event| event["message"].as_str().unwrap().contains(text))
    }
}

fn bucket_policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {
            "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl",
            "Resource": "arn:aws:s3:::trail-logs",
        },
        {
            "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::trail-logs/AWSLogs/{ACCOUNT}/*"),
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": TRAIL}},
        },
    ]})
}

#[tokio::test]
async fn a_role_without_its_policy_and_a_group_that_is_deleted_stop_the_delivery_to_logs_until_they_are_back() {
    let server = Server::new().await;
    server.logging_trail().await;
    assert!(server.logged("StartLogging").await);

    server.ok("DeleteRolePolicy", json!({"RoleName": "trail", "PolicyName": "write"})).await;
    server.jobs.settle().await;
    server.ok("ListTrails", json!({})).await;
    assert!(!server.logged("ListTrails").await);
    let denied = "Access denied. Verify in IAM that the role has adequate permissions.";
    assert_eq!(server.status().await["LatestCloudWatchLogsDeliveryError"], denied);
    server.let_role_write().await;
    server.ok("ListTrails", json!({})).await;
    assert!(server.logged("ListTrails").await);

    server.ok("DeleteLogGroup", json!({"logGroupName": "trail"})).await;
    server.jobs.settle().await;
    let gone = "The specified log group does not exist.";
    assert_eq!(server.status().await["LatestCloudWatchLogsDeliveryError"], gone);
    server.ok("CreateLogGroup", json!({"logGroupName": "trail"})).await;
    server.ok("DescribeTrails", json!({})).await;
    assert!(server.logged("DescribeTrails").await);
    assert_eq!(server.status().await.get("LatestCloudWatchLogsDeliveryError"), None);
    server.jobs.drain().await;
}

#[tokio::test]
async fn a_bucket_policy_is_asked_at_each_file_and_a_topic_is_told_of_those_that_are_written() {
    let server = Server::new().await;
    server.logging_trail().await;
    server.ok("CreateTopic", json!({"Name": "files"})).await;
    let with_topic = json!({"Name": "ethos", "SnsTopicName": "files"});
    let refused = server.call("UpdateTrail", with_topic.clone()).await;
    assert_eq!(refused.code(), "InsufficientSnsTopicPolicyException", "a topic lets no service in by itself");
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "SNS:Publish",
        "Resource": TOPIC, "Condition": {"StringEquals": {"aws:SourceArn": TRAIL}},
    }]});
    let attribute = json!({"TopicArn": TOPIC, "AttributeName": "Policy", "AttributeValue": policy.to_string()});
    server.ok("SetTopicAttributes", attribute).await;
    server.ok("UpdateTrail", with_topic).await;

    server.advance().await;
    let status = server.status().await;
    assert_eq!(status["LatestDeliveryAttemptSucceeded"], "2026-03-01T12:05:00Z");
    assert_eq!(status["LatestNotificationAttemptSucceeded"], "2026-03-01T12:05:00Z");
    let listed = server.s3("GET", "/trail-logs?list-type=2", String::new()).await;
    assert!(listed.contains("<KeyCount>1</KeyCount>") && listed.contains("_20260301T1205Z_"), "{listed}");

    server.s3("DELETE", "/trail-logs?policy", String::new()).await;
    server.advance().await;
    let status = server.status().await;
    assert_eq!(status["LatestDeliveryError"], "AccessDenied");
    assert_eq!(status["LatestDeliveryAttemptSucceeded"], "2026-03-01T12:05:00Z");
    assert_eq!(status["LatestDeliveryAttemptTime"], "2026-03-01T12:10:00Z");
    server.s3("PUT", "/trail-logs?policy", bucket_policy().to_string()).await;
    server.advance().await;
    assert_eq!(server.status().await.get("LatestDeliveryError"), None);
    server.jobs.drain().await;
}

#[tokio::test]
async fn an_event_data_store_has_tags_by_the_operations_of_trails_and_outlives_its_deletion_for_a_week() {
    let server = Server::new().await;
    let created =
        json!({"Name": "lake", "TagsList": [{"Key": "team", "Value": "ethos"}], "TerminationProtectionEnabled": false});
    let made = server.ok("CreateEventDataStore", created).await;
    let arn = made["EventDataStoreArn"].clone();
    server.ok("AddTags", json!({"ResourceId": arn, "TagsList": [{"Key": "cost", "Value": "low"}]})).await;
    server.ok("RemoveTags", json!({"ResourceId": arn, "TagsList": [{"Key": "team"}]})).await;
    let listed = server.ok("ListTags", json!({"ResourceIdList": [arn]})).await;
    assert_eq!(listed["ResourceTagList"][0]["TagsList"], json!([{"Key": "cost", "Value": "low"}]));
    let many: Vec<_> = (0..50).map(|number| json!({"Key": format!("k{number}")})).collect();
    let refused = server.call("AddTags", json!({"ResourceId": arn, "TagsList": many})).await;
    assert_eq!(refused.code(), "TagsLimitExceededException");
    let elsewhere = arn.as_str().unwrap().replace(ACCOUNT, "210987654321");
    let refused = server.call("ListTags", json!({"ResourceIdList": [elsewhere]})).await;
    assert_eq!(refused.code(), "EventDataStoreNotFoundException");

    server.ok("DeleteEventDataStore", json!({"EventDataStore": arn})).await;
    let refused = server.call("AddTags", json!({"ResourceId": arn, "TagsList": [{"Key": "late"}]})).await;
    assert_eq!(refused.code(), "InactiveEventDataStoreException");
    for _ in 0..7 {
        let pending = server.ok("GetEventDataStore", json!({"EventDataStore": arn})).await;
        assert_eq!(pending["Status"], "PENDING_DELETION");
        server.rig.advance(&server.jobs, Duration::from_secs(24 * 3600)).await;
    }
    server.rig.advance(&server.jobs, Duration::from_secs(3600)).await;
    let gone = server.call("GetEventDataStore", json!({"EventDataStore": arn})).await;
    assert_eq!(gone.code(), "EventDataStoreNotFoundException");
    server.jobs.drain().await;
}
