use serde_json::{Value, json};

use crate::fixture::Desk;

#[tokio::test]
async fn a_group_is_shown_as_terraform_reads_it() {
    let desk = Desk::new().await;
    desk.ok("CreateLogGroup", json!({ "logGroupName": "CloudTrail/logs", "tags": { "Env": "prod" } })).await;
    desk.ok("PutRetentionPolicy", json!({ "logGroupName": "CloudTrail/logs", "retentionInDays": 30 })).await;
    let found = desk.ok("DescribeLogGroups", json!({ "logGroupNamePrefix": "CloudTrail/logs" })).await;
    insta::assert_json_snapshot!("group", found);
    let arn = &found["logGroups"][0]["logGroupArn"];
    for arn in [arn.as_str().unwrap().to_owned(), format!("{}:*", arn.as_str().unwrap())] {
        let tags = desk.ok("ListTagsForResource", json!({ "resourceArn": arn })).await;
        assert_eq!(tags, json!({ "tags": { "Env": "prod" } }));
    }
    desk.ok("TagResource", json!({ "resourceArn": arn, "tags": { "a": "1", "b": "2" } })).await;
    desk.ok("UntagResource", json!({ "resourceArn": arn, "tagKeys": ["Env"] })).await;
    desk.ok("TagLogGroup", json!({ "logGroupName": "CloudTrail/logs", "tags": { "c": "3" } })).await;
    desk.ok("UntagLogGroup", json!({ "logGroupName": "CloudTrail/logs", "tags": ["a"] })).await;
    let tags = desk.ok("ListTagsLogGroup", json!({ "logGroupName": "CloudTrail/logs" })).await;
    assert_eq!(tags, json!({ "tags": { "b": "2", "c": "3" } }));
    desk.ok("DeleteRetentionPolicy", json!({ "logGroupName": "CloudTrail/logs" })).await;
    let found = desk.ok("DescribeLogGroups", json!({ "logGroupIdentifiers": [arn] })).await;
    assert_eq!(found["logGroups"][0].get("retentionInDays"), None);
}

#[tokio::test]
async fn the_record_of_a_call_carries_the_services_api_version() {
    let desk = Desk::new().await;
    desk.ok("CreateLogGroup", json!({ "logGroupName": "g" })).await;
    let record = desk.rig.last_record().await;
    assert_eq!((&record["eventSource"], &record["apiVersion"]), (&json!("logs.amazonaws.com"), &json!("20140328")));
    assert_eq!(record["requestParameters"], json!({ "logGroupName": "g" }));
}

#[tokio::test]
async fn groups_are_listed_by_prefix_and_part_in_pages() {
    let desk = Desk::new().await;
    for name in ["app/a", "app/b", "app/c", "trail", "app"] {
        desk.ok("CreateLogGroup", json!({ "logGroupName": name })).await;
    }
    let names = async |mut input: Value| {
        let mut names = Vec::new();
        loop {
            let page = desk.ok("DescribeLogGroups", input.clone()).await;
            names.extend(
                page["logGroups"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|group| group["logGroupName"].as_str().unwrap().to_owned()),
            );
            match page.get("nextToken") {
                Some(token) => input["nextToken"] = token.clone(),
                None => return names,
            }
        }
    };
    for limit in 1..6 {
        assert_eq!(names(json!({ "limit": limit })).await, ["app", "app/a", "app/b", "app/c", "trail"], "{limit}");
        assert_eq!(names(json!({ "limit": limit, "logGroupNamePrefix": "app/" })).await, ["app/a", "app/b", "app/c"]);
    }
    assert_eq!(names(json!({ "logGroupNamePattern": "ai" })).await, ["trail"]);
    let both = json!({ "logGroupNamePattern": "a", "logGroupNamePrefix": "a" });
    let message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
    desk.refused("DescribeLogGroups", both, "InvalidParameterException", message).await;
    let token = json!({ "nextToken": "bogus" });
    desk.refused("DescribeLogGroups", token, "InvalidParameterException", "The specified nextToken is invalid.").await;
}

#[tokio::test]
async fn errors_have_awss_words() {
    let desk = Desk::with_stream().await;
    let (missing, exists) = ("ResourceNotFoundException", "ResourceAlreadyExistsException");
    let group = json!({ "logGroupName": "g" });
    desk.refused("CreateLogGroup", group, exists, "The specified log group already exists").await;
    let stream = json!({ "logGroupName": "g", "logStreamName": "s" });
    desk.refused("CreateLogStream", stream, exists, "The specified log stream already exists").await;
    let none = json!({ "logGroupName": "none" });
    desk.refused("DeleteLogGroup", none.clone(), missing, "The specified log group does not exist.").await;
    desk.refused("DescribeLogStreams", none, missing, "The specified log group does not exist.").await;
    let stream = json!({ "logGroupName": "g", "logStreamName": "none" });
    desk.refused("GetLogEvents", stream.clone(), missing, "The specified log stream does not exist.").await;
    desk.refused("DeleteLogStream", stream, missing, "The specified log stream does not exist.").await;
    let name = json!({ "logGroupName": "a b" });
    let message = r"1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+";
    desk.refused("CreateLogGroup", name, "InvalidParameterException", message).await;
    let refused = desk.call("PutRetentionPolicy", json!({ "logGroupName": "g", "retentionInDays": 2 })).await;
    assert_eq!(refused.code(), "InvalidParameterException");
    for (member, value) in [
        ("kmsKeyId", json!("k")),
        ("logGroupClass", json!("INFREQUENT_ACCESS")),
        ("deletionProtectionEnabled", json!(true)),
    ] {
        let answer = desk.call("CreateLogGroup", json!({ "logGroupName": "new", member: value })).await;
        assert_eq!(answer.code(), "UnsupportedOperationException", "{member}");
    }
}

#[tokio::test]
async fn streams_are_listed_by_name_and_by_their_last_event_with_true_times() {
    let desk = Desk::with_stream().await;
    for (stream, at) in [("b", 3000), ("a", 1000), ("c", 2000)] {
        desk.ok("CreateLogStream", json!({ "logGroupName": "g", "logStreamName": stream })).await;
        desk.put(stream, &[(at - 500, "first"), (at, "last")]).await;
    }
    let names = async |mut input: Value| {
        input["logGroupName"] = json!("g");
        let mut names = Vec::new();
        loop {
            let page = desk.ok("DescribeLogStreams", input.clone()).await;
            names.extend(
                page["logStreams"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|stream| stream["logStreamName"].as_str().unwrap().to_owned()),
            );
            match page.get("nextToken") {
                Some(token) => input["nextToken"] = token.clone(),
                None => return names.join(""),
            }
        }
    };
    assert_eq!(names(json!({ "limit": 1 })).await, "abcs");
    assert_eq!(names(json!({ "limit": 2, "descending": true })).await, "scba");
    assert_eq!(names(json!({ "limit": 3, "orderBy": "LastEventTime", "descending": true })).await, "bcas");
    assert_eq!(names(json!({ "limit": 1, "orderBy": "LastEventTime" })).await, "sacb");
    assert_eq!(names(json!({ "logStreamNamePrefix": "c" })).await, "c");
    let found = desk.ok("DescribeLogStreams", json!({ "logGroupIdentifier": "arn:aws:logs:us-east-1:123456789012:log-group:g:*", "logStreamNamePrefix": "b" })).await;
    insta::assert_json_snapshot!("stream", found);
    let both = json!({ "logGroupName": "g", "orderBy": "LastEventTime", "logStreamNamePrefix": "b" });
    let message = "Cannot order by LastEventTime with a logStreamNamePrefix.";
    desk.refused("DescribeLogStreams", both, "InvalidParameterException", message).await;
}
