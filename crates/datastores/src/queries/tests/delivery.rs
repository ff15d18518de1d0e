//! Results in a bucket, and their signature.

use std::io::Read;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{BUCKET, OTHER, STORE, World, place};
use crate::queries::{ACTIVE, Delivery, DeliveryStatus, model::Empty, sign::hash};

async fn delivered(world: &World, uri: &str) -> (String, Value) {
    let statement = format!("SELECT eventID AS \"id, or not\", errorCode FROM {STORE} ORDER BY eventID LIMIT 2");
    let jobs = world.jobs();
    let started = world.ok("StartQuery", json!({"QueryStatement": statement, "DeliveryS3Uri": uri})).await;
    let id = started["QueryId"].as_str().unwrap().to_owned();
    world.settle(&jobs).await;
    jobs.drain().await;
    let described = world.ok("DescribeQuery", json!({"QueryId": id})).await;
    assert_eq!((&described["QueryStatus"], &described["DeliveryS3Uri"]), (&json!("FINISHED"), &json!(uri)));
    (id, described["DeliveryStatus"].clone())
}

#[tokio::test]
async fn results_lie_where_aws_puts_them_and_are_signed_by_the_listed_key() {
    let world = World::new().await;
    assert_eq!(world.ok("ListPublicKeys", json!({})).await, json!({"PublicKeyList": []}));
    let (id, status) = delivered(&world, "s3://results/evidence/").await;
    assert_eq!(status, "SUCCESS");

    let files = world.bucket.files.lock().unwrap().clone();
    let folder = format!("evidence/AWSLogs/123456789012/CloudTrail-Lake/Query/2026/03/01/{id}");
    let (packed, sign_file) =
        (&files[&format!("{folder}/result_1.csv.gz")], &files[&format!("{folder}/result_sign.json")]);
    assert_eq!(files.len(), 2);
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    insta::assert_snapshot!(text);
    let sign_file: Value = serde_json::from_slice(sign_file).unwrap();
    insta::assert_json_snapshot!(sign_file, {
        ".hashSignature" => "[signature]", ".publicKeyFingerprint" => "[fingerprint]", ".files[0].fileHashValue" => "[hash]",
    });
    assert_eq!(sign_file["files"][0]["fileHashValue"], hash(packed));

    let complete = 1_772_366_400;
    let keys = world.ok("ListPublicKeys", json!({"StartTime": complete, "EndTime": complete + 20 * 86_400})).await;
    let key = &keys["PublicKeyList"][0];
    assert_eq!(key["Fingerprint"], sign_file["publicKeyFingerprint"]);
    let public = STANDARD.decode(key["Value"].as_str().unwrap()).unwrap();
    let signature = hex::decode(sign_file["hashSignature"].as_str().unwrap()).unwrap();
    let signed = sign_file["files"][0]["fileHashValue"].as_str().unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).verify(signed.as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn one_key_signs_for_a_year() {
    let world = World::new().await;
    delivered(&world, "s3://results").await;
    delivered(&world, "s3://results").await;
    let keys = async |input: Value| world.ok("ListPublicKeys", input).await["PublicKeyList"].as_array().unwrap().len();
    let noon = 1_772_366_400;
    assert_eq!(keys(json!({})).await, 1);
    assert_eq!(keys(json!({"StartTime": noon - 2, "EndTime": noon - 1})).await, 0);
    world.rig.time.advance(std::time::Duration::from_secs(366 * 86_400));
    assert_eq!(keys(json!({})).await, 0);
    delivered(&world, "s3://results").await;
    assert_eq!(keys(json!({})).await, 1);
    assert_eq!(keys(json!({"StartTime": noon})).await, 2);
    let backwards = world.call("ListPublicKeys", json!({"StartTime": noon, "EndTime": noon - 1})).await;
    assert_eq!(backwards.code(), "InvalidTimeRangeException");
}

#[tokio::test]
async fn a_bucket_that_does_not_take_results_is_told_at_once_or_as_the_deliverys_status() {
    let world = World::new().await;
    for (uri, code) in [
        ("s3://nowhere", "S3BucketDoesNotExistException"),
        ("s3://closed/x", "InsufficientS3BucketPolicyException"),
        ("s3://X", "InvalidS3BucketNameException"),
        ("s3://results/a//b", "InvalidS3PrefixException"),
        ("results", "InvalidParameterException"),
    ] {
        let input = json!({"QueryStatement": format!("SELECT 1 FROM {STORE}"), "DeliveryS3Uri": uri});
        assert_eq!(world.call("StartQuery", input).await.code(), code, "{uri}");
    }
    *world.bucket.closed_to.lock().unwrap() = Some(".csv.gz");
    assert_eq!(delivered(&world, "s3://results").await.1, "ACCESS_DENIED");
    *world.bucket.closed_to.lock().unwrap() = Some("sign.json");
    assert_eq!(delivered(&world, "s3://results").await.1, "ACCESS_DENIED_SIGNING_FILE");
}

#[tokio::test]
async fn a_bucket_that_goes_meanwhile_and_a_query_without_an_answer_get_nothing() {
    let world = World::new().await;
    let input = |statement: String| json!({"QueryStatement": statement, "DeliveryS3Uri": format!("s3://{BUCKET}")});
    let mut ids = Vec::new();
    for statement in [
        format!("SELECT eventID FROM {STORE}"),
        format!("SELECT cast(eventName AS bigint) FROM {STORE}"),
        format!("SELECT eventID FROM {OTHER}"),
    ] {
        let started = world.ok("StartQuery", input(statement)).await;
        ids.push(started["QueryId"].as_str().unwrap().to_owned());
    }
    world.ok("CancelQuery", json!({"QueryId": ids[2]})).await;
    *world.bucket.gone.lock().unwrap() = true;
    let jobs = world.jobs();
    world.settle(&jobs).await;
    jobs.drain().await;
    for (id, status) in ids.iter().zip(["RESOURCE_NOT_FOUND", "FAILED", "CANCELLED"]) {
        assert_eq!(world.ok("DescribeQuery", json!({"QueryId": id})).await["DeliveryStatus"], status);
    }
    assert!(world.bucket.files.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_delivery_that_was_interrupted_is_made_again_with_the_same_files() {
    let world = World::new().await;
    let (id, _) = delivered(&world, "s3://results").await;
    let before = world.bucket.files.lock().unwrap().clone();
    let place = place(&id);
    let pending = world.queries.change(&place, |query| {
        let to = query.delivery.as_ref().unwrap().to.clone();
        query.delivery = Some(Delivery { to, status: DeliveryStatus::Pending });
        true
    });
    pending.await.unwrap();
    let tx = world.rig.ledger.begin();
    ACTIVE.put(&tx, &place.parts(), &Empty {}).unwrap();
    world.rig.ledger.commit(tx).await.unwrap();

    let world = world.restarted().await;
    let jobs = world.jobs();
    world.settle(&jobs).await;
    jobs.drain().await;
    let described = world.ok("DescribeQuery", json!({"QueryId": id})).await;
    assert_eq!(described["DeliveryStatus"], "SUCCESS");
    assert_eq!(*world.bucket.files.lock().unwrap(), before);
}
