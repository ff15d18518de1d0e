//! Topics that are told of log files.

use serde_json::{Value, json};

use super::fixture::{INTERVAL, Stage, TOPIC};

#[tokio::test]
async fn each_file_is_told_to_the_topic_as_cloudtrail_tells_it() {
    let stage = Stage::new().await;
    let created =
        stage.ok("CreateTrail", json!({"Name": "ethos", "S3BucketName": "logs", "SnsTopicName": "files"})).await;
    assert_eq!((created["SnsTopicName"].clone(), created["SnsTopicARN"].clone()), (json!("files"), json!(TOPIC)));
    stage.ok("StartLogging", json!({"Name": "ethos"})).await;
    let jobs = stage.jobs();
    jobs.settle().await;
    let status = stage.status().await;
    assert_eq!(status["LatestNotificationAttemptTime"], "");
    stage.advance(&jobs, INTERVAL).await;
    let (_, key) = stage.keys().remove(0);
    let told = stage.told().await;
    assert_eq!(told, [format!(r#"{{"s3Bucket":"logs","s3ObjectKey":["{key}"]}}"#)]);
    let status = stage.status().await;
    assert_eq!(status["LatestNotificationAttemptTime"], "2026-03-01T12:05:00Z");
    assert_eq!(status["LatestNotificationAttemptSucceeded"], "2026-03-01T12:05:00Z");
    assert_eq!(status["LatestNotificationTime"], 1_772_366_700);

    *stage.sinks.topic_closed.lock().unwrap() = true;
    stage.advance(&jobs, INTERVAL).await;
    let status = stage.status().await;
    assert_eq!(status["LatestNotificationError"], "AuthorizationError");
    assert_eq!(status["LatestNotificationAttemptTime"], "2026-03-01T12:10:00Z");
    assert_eq!(status["LatestNotificationAttemptSucceeded"], "2026-03-01T12:05:00Z");
    assert_eq!(status["LatestDeliveryAttemptSucceeded"], "2026-03-01T12:10:00Z");
    jobs.drain().await;
}

#[tokio::test]
async fn a_topic_must_be_there_let_cloudtrail_in_and_have_a_name() {
    let stage = Stage::new().await;
    let create = |topic: &str| json!({"Name": "ethos", "S3BucketName": "logs", "SnsTopicName": topic});
    for topic in ["missing", "arn:aws:sns:us-east-1:123456789012:missing"] {
        let refused = stage.call("CreateTrail", create(topic)).await;
        assert_eq!(refused.code(), "InsufficientSnsTopicPolicyException");
        assert_eq!(refused.message(), "SNS Topic does not exist or the topic policy is incorrect!");
    }
    for topic in ["a topic", "arn:aws:sqs:us-east-1:123456789012:files"] {
        assert_eq!(stage.call("CreateTrail", create(topic)).await.code(), "InvalidSnsTopicNameException");
    }
    *stage.sinks.topic_closed.lock().unwrap() = true;
    assert_eq!(stage.call("CreateTrail", create("files")).await.code(), "InsufficientSnsTopicPolicyException");
    *stage.sinks.topic_closed.lock().unwrap() = false;
    stage.ok("CreateTrail", create(TOPIC)).await;
    let trail = &stage.ok("DescribeTrails", json!({})).await["trailList"][0];
    assert_eq!(trail["SnsTopicName"], TOPIC);
    let updated = stage.ok("UpdateTrail", json!({"Name": "ethos", "SnsTopicName": ""})).await;
    assert_eq!(updated.get("SnsTopicARN"), None::<&Value>);
}
