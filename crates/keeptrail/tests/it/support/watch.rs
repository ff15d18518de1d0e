//! All that can watch a trail: log files, a log group, a metric filter with its alarm, a rule, and a topic for both.

use serde_json::{Value, json};

use super::{caller::Caller, server::ACCOUNT, sink::Sink};

pub(crate) const BUCKET: &str = "trail-files";
pub(crate) const GROUP: &str = "trail-events";
pub(crate) const NAMESPACE: &str = "Watched";
pub(crate) const METRIC: &str = "Reads";

/// Where the trail writes, and who watches it.
pub(crate) async fn trail(root: &Caller) {
    assert_eq!(
        root.send(super::caller::Request::new("s3", http::Method::PUT, &format!("/{BUCKET}"))).await.status,
        200
    );
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{BUCKET}")},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{BUCKET}/AWSLogs/{ACCOUNT}/*")},
    ]});
    let put =
        super::caller::Request::new("s3", http::Method::PUT, &format!("/{BUCKET}?policy")).body(policy.to_string());
    assert!(root.send(put).await.status < 300);
    root.call("logs", "CreateLogGroup", json!({"logGroupName": GROUP})).await.good();
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}]});
    let role = root
        .call("iam", "CreateRole", json!({"RoleName": "delivery", "AssumeRolePolicyDocument": trust.to_string()}))
        .await;
    let allow =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]});
    root.call(
        "iam",
        "PutRolePolicy",
        json!({"RoleName": "delivery", "PolicyName": "logs", "PolicyDocument": allow.to_string()}),
    )
    .await;
    let group = format!("arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{GROUP}:*");
    let trail = json!({"Name": "trail", "S3BucketName": BUCKET, "CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role.element("Arn")});
    root.call("cloudtrail", "CreateTrail", trail).await.good();
    root.call("cloudtrail", "StartLogging", json!({"Name": "trail"})).await.good();
}

/// Counts the records that `pattern` matches.
pub(crate) async fn filter(root: &Caller, pattern: &str) {
    let change = json!({"metricName": METRIC, "metricNamespace": NAMESPACE, "metricValue": "1"});
    let filter = json!({"logGroupName": GROUP, "filterName": "reads", "filterPattern": pattern, "metricTransformations": [change]});
    root.call("logs", "PutMetricFilter", filter).await.good();
}

/// A topic with a confirmed webhook, for the alarm of [`filter`] and for a rule over all that happens to secrets.
pub(crate) async fn notices(root: &Caller, webhook: &Sink) -> String {
    let topic = root.call("sns", "CreateTopic", json!({"Name": "notices"})).await.element("TopicArn");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com", "cloudwatch.amazonaws.com"]}, "Action": "sns:Publish", "Resource": topic}]});
    let attribute = json!({"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": policy.to_string()});
    assert_eq!(root.call("sns", "SetTopicAttributes", attribute).await.status, 200);
    let endpoint = format!("http://{}/hook", webhook.address);
    assert_eq!(
        root.call("sns", "Subscribe", json!({"TopicArn": topic, "Protocol": "http", "Endpoint": endpoint}))
            .await
            .status,
        200
    );
    confirm(root, &topic, &webhook.token().await).await;
    let alarm: Value = json!({
        "AlarmName": "reads", "MetricName": METRIC, "Namespace": NAMESPACE, "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [topic],
    });
    root.call("cloudwatch", "PutMetricAlarm", alarm).await.good();
    let rule = json!({"Name": "secrets", "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        "EventPattern": json!({"source": ["aws.secretsmanager"]}).to_string()});
    root.call("events", "PutRule", rule).await.good();
    let targets = json!({"Rule": "secrets", "Targets": [{"Id": "topic", "Arn": topic}]});
    root.call("events", "PutTargets", targets).await.good();
    topic
}

pub(crate) async fn confirm(root: &Caller, topic: &str, token: &str) {
    let answer = root.call("sns", "ConfirmSubscription", json!({"TopicArn": topic, "Token": token})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}
