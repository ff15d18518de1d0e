//! Trails and their buckets.

use bytes::Bytes;
use serde_json::json;

use super::support::World;
use crate::{Delivery, DeliveryProblem};

const ACCOUNT: &str = "123456789012";
const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main";
const SERVICE: &str = "cloudtrail.amazonaws.com";

/// The policy of the CloudTrail user guide.
fn policy(prefix: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Sid": "AWSCloudTrailAclCheck", "Effect": "Allow", "Principal": { "Service": SERVICE }, "Action": "s3:GetBucketAcl",
          "Resource": "arn:aws:s3:::b1b", "Condition": { "StringEquals": { "aws:SourceArn": TRAIL } } },
        { "Sid": "AWSCloudTrailWrite", "Effect": "Allow", "Principal": { "Service": SERVICE }, "Action": "s3:PutObject",
          "Resource": format!("arn:aws:s3:::b1b/{prefix}AWSLogs/{ACCOUNT}/*"),
          "Condition": { "StringEquals": { "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": TRAIL } } },
    ]})
    .to_string()
}

async fn check(world: &World, bucket: &str, prefix: &str, trail: &str) -> Result<(), DeliveryProblem> {
    let tx = world.rig.ledger.begin();
    let folder = format!("{prefix}AWSLogs/{ACCOUNT}/CloudTrail/");
    world.buckets.check_delivery(&tx, ACCOUNT, bucket, &folder, trail, SERVICE).await
}

fn file(key: &'static str) -> Delivery<'static> {
    Delivery {
        bucket: "b1b",
        key,
        body: Bytes::from_static(b"log"),
        content_type: "application/json",
        content_encoding: Some("gzip"),
        metadata: &[("signature", "abc")],
        service: SERVICE,
        source_arn: TRAIL,
        source_account: ACCOUNT,
    }
}

const KEY: &str = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/01/x.json.gz";

#[tokio::test]
async fn a_trail_may_deliver_where_the_policy_says_so() {
    let world = World::with_bucket().await;
    let lacks = |result: Result<(), DeliveryProblem>| match result {
        Err(DeliveryProblem::Policy { action, .. }) => action,
        other => panic!("{other:?}"),
    };
    assert!(matches!(check(&world, "gone", "", TRAIL).await, Err(DeliveryProblem::NoBucket(_))));
    assert_eq!(lacks(check(&world, "b1b", "", TRAIL).await), "s3:GetBucketAcl");
    world.send("PUT", "/b1b?policy", &[], &policy("")).await;
    check(&world, "b1b", "", TRAIL).await.unwrap();
    assert_eq!(lacks(check(&world, "b1b", "logs/", TRAIL).await), "s3:PutObject");
    assert_eq!(lacks(check(&world, "b1b", "", &TRAIL.replace("main", "other")).await), "s3:GetBucketAcl");
    world.send("PUT", "/b1b?policy", &[], &policy("logs/")).await;
    check(&world, "b1b", "logs/", TRAIL).await.unwrap();
}

#[tokio::test]
async fn a_delivered_file_is_there_once_with_its_metadata() {
    let world = World::with_bucket().await;
    assert!(matches!(world.buckets.deliver(&file(KEY)).await, Err(DeliveryProblem::Policy { .. })));
    assert!(world.files().is_empty());
    world.send("PUT", "/b1b?policy", &[], &policy("")).await;
    for _ in 0..2 {
        world.buckets.deliver(&file(KEY)).await.unwrap();
        assert_eq!(world.files().len(), 1);
    }
    let read = world.send("GET", &format!("/b1b/{KEY}"), &[], "").await;
    assert_eq!((read.text().as_str(), read.header("content-type")), ("log", Some("application/json")));
    assert_eq!((read.header("content-encoding"), read.header("x-amz-meta-signature")), (Some("gzip"), Some("abc")));
    let elsewhere = file("AWSLogs/999999999999/x");
    assert!(matches!(world.buckets.deliver(&elsewhere).await, Err(DeliveryProblem::Policy { .. })));
    world.send("DELETE", "/b1b?policy", &[], "").await;
    assert!(matches!(world.buckets.deliver(&file(KEY)).await, Err(DeliveryProblem::Policy { .. })), "asked each time");
}
