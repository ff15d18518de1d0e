//! What requests leave on the record.

use serde_json::json;

use super::support::World;

#[tokio::test]
async fn a_call_on_a_bucket_is_a_management_event_and_one_on_an_object_a_data_event() {
    let world = World::with_bucket().await;
    let record = world.rig.last_record().await;
    insta::assert_json_snapshot!("create_bucket", record, { ".requestID" => "[id]", ".eventID" => "[id]" });
    world
        .send(
            "PUT",
            "/b1b/AWSLogs/k",
            &[("x-amz-acl", "bucket-owner-full-control"), ("x-amz-meta-m", "canary-meta")],
            "canary-body",
        )
        .await;
    let record = world.rig.last_record().await;
    insta::assert_json_snapshot!("put_object", record, { ".requestID" => "[id]", ".eventID" => "[id]" });
    let all = serde_json::to_string(&world.rig.records().await).unwrap();
    assert!(!all.contains("canary"));
}

#[tokio::test]
async fn every_request_leaves_exactly_one_record_whatever_becomes_of_it() {
    let world = World::with_bucket().await;
    for (method, uri, headers, body, name, code) in [
        ("GET", "/b1b/missing", vec![], "", "GetObject", Some("NoSuchKey")),
        ("GET", "/nosuch/key", vec![], "", "GetObject", Some("NoSuchBucket")),
        ("PUT", "/b1b?policy", vec![], "{", "PutBucketPolicy", Some("MalformedPolicy")),
        ("PUT", "/b1b?versioning", vec![], "<x/>", "PutBucketVersioning", Some("MalformedXML")),
        ("POST", "/b1b?delete", vec![], "not xml", "PostBucket", Some("MalformedXML")),
        ("GET", "/B?acl", vec![], "", "GetBucketAcl", Some("InvalidBucketName")),
        ("GET", "/b1b?notification", vec![], "", "GetBucketNotification", Some("NotImplemented")),
        ("PATCH", "/b1b", vec![], "", "Unknown", Some("NotImplemented")),
        (
            "POST",
            "/b1b",
            vec![("content-type", "multipart/form-data; boundary=x")],
            "--x--",
            "PostBucket",
            Some("NotImplemented"),
        ),
        ("GET", "/b1b", vec![], "", "ListObjects", None),
    ] {
        let before = world.rig.records().await.len();
        let reply = world.send(method, uri, &headers, body).await;
        let records = world.rig.records().await;
        assert_eq!(records.len(), before + 1, "{method} {uri}");
        let record = records.last().unwrap();
        assert_eq!(record["eventName"], name, "{method} {uri} {}", reply.text());
        assert_eq!(record["errorCode"].as_str(), code, "{method} {uri} {}", reply.text());
        assert_eq!(reply.element("Code").as_deref(), code, "{method} {uri}");
        assert_eq!(reply.header("x-amz-request-id"), record["requestID"].as_str(), "{method} {uri}");
    }
}

#[tokio::test]
async fn a_list_says_what_was_listed() {
    let world = World::with_bucket().await;
    world.send("GET", "/b1b?list-type=2&prefix=AWSLogs/&max-keys=5", &[], "").await;
    let record = world.rig.last_record().await;
    assert_eq!(record["requestParameters"], json!({"bucketName": "b1b", "prefix": "AWSLogs/", "max-keys": 5}));
    assert_eq!((record["readOnly"].as_bool(), record["managementEvent"].as_bool()), (Some(true), Some(false)));
}
