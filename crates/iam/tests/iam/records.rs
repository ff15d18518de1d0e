//! What the trail shows of identities.

use bytes::Bytes;
use keeptrail_testkit::root;
use keeptrail_wire::Protocol;
use serde_json::{Value, json};

use crate::realm::{ALLOW_ALL, Realm, allow, assuming, trust};

/// A record without what differs from run to run.
fn steady(mut record: Value) -> Value {
    for name in ["eventID", "requestID"] {
        record[name] = json!(format!("[{name}]"));
    }
    record
}

async fn with_reader() -> (Realm, crate::realm::Key) {
    let realm = Realm::new().await;
    realm.role("Reader", &trust(json!({})), ALLOW_ALL).await;
    realm.role("Second", &trust(json!({})), ALLOW_ALL).await;
    let bob = realm.user("bob", &allow("sts:*")).await;
    (realm, bob)
}

#[tokio::test]
async fn a_user_assumes_a_role() {
    let (realm, bob) = with_reader().await;
    let asked = json!({"DurationSeconds": 900, "ExternalId": "agreed", "SourceIdentity": "bob",
        "Tags": [{"Key": "Team", "Value": "blue"}], "TransitiveTagKeys": ["Team"]});
    realm.assume(&bob, assuming("Reader", asked)).await;
    insta::assert_json_snapshot!(steady(realm.rig.last_record().await));
}

#[tokio::test]
async fn a_role_assumes_a_role() {
    let (realm, bob) = with_reader().await;
    let tagged =
        json!({"Tags": [{"Key": "Team", "Value": "blue"}], "TransitiveTagKeys": ["Team"], "SourceIdentity": "bob"});
    let first = realm.assume(&bob, assuming("Reader", tagged)).await;
    realm.assume(&first, assuming("Second", json!({}))).await;
    insta::assert_json_snapshot!(steady(realm.rig.last_record().await));
}

#[tokio::test]
async fn a_role_is_not_assumed() {
    let (realm, bob) = with_reader().await;
    realm.call_with(&bob, "AssumeRole", assuming("None", json!({}))).await;
    insta::assert_json_snapshot!(steady(realm.rig.last_record().await));
}

#[tokio::test]
async fn a_users_session_is_made() {
    let (realm, bob) = with_reader().await;
    realm.call_with(&bob, "GetSessionToken", json!({"DurationSeconds": 900})).await;
    insta::assert_json_snapshot!(steady(realm.rig.last_record().await));
}

#[tokio::test]
async fn a_key_and_a_user_are_made() {
    let realm = Realm::new().await;
    realm.ok("CreateUser", json!({"UserName": "bob", "Tags": [{"Key": "Team", "Value": "blue"}]})).await;
    insta::assert_json_snapshot!("create_user", steady(realm.rig.last_record().await));
    realm.ok("CreateAccessKey", json!({"UserName": "bob"})).await;
    insta::assert_json_snapshot!("create_access_key", steady(realm.rig.last_record().await));
}

#[tokio::test]
async fn records_name_the_exception_and_the_wire_its_short_code() {
    let realm = Realm::new().await;
    let body = Bytes::from_static(b"Action=GetUser&Version=2010-05-08&UserName=nobody");
    let answer = realm.rig.raw(root(), realm.service("GetUser"), "GetUser", Protocol::Query, body).await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert_eq!(answer.status, 404);
    assert!(text.contains("<Code>NoSuchEntity</Code>"), "{text}");
    let record = realm.rig.last_record().await;
    assert_eq!(record["errorCode"], "NoSuchEntityException");
    assert_eq!(record["requestParameters"], json!({"userName": "nobody"}));
}

#[tokio::test]
async fn iam_is_recorded_in_us_east_1_and_sts_where_it_was_called() {
    let realm = Realm::new().await;
    for (operation, region) in [("ListUsers", "us-east-1"), ("GetCallerIdentity", "eu-central-1")] {
        let (mut call, attempt) = realm.rig.begin(root());
        call.region = "eu-central-1".parse().unwrap();
        let bound = realm.service(operation).operation(operation).unwrap();
        bound.call(realm.rig.dispatcher(), &call, attempt, Protocol::AwsJson11, Bytes::from_static(b"{}")).await;
        assert_eq!(realm.rig.last_record().await["awsRegion"], region, "{operation}");
    }
}

#[tokio::test]
async fn no_credential_is_on_any_record() {
    let (realm, bob) = with_reader().await;
    let made = realm.ok("CreateAccessKey", json!({"UserName": "bob"})).await;
    let assumed = realm.call_with(&bob, "AssumeRole", assuming("Reader", json!({}))).await;
    let session = crate::realm::session(&assumed);
    let chained = realm.call_with(&session, "AssumeRole", assuming("Second", json!({}))).await;
    let token = realm.call_with(&bob, "GetSessionToken", json!({})).await;
    let secrets = [
        &made["AccessKey"]["SecretAccessKey"],
        &assumed.body["Credentials"]["SecretAccessKey"],
        &assumed.body["Credentials"]["SessionToken"],
        &chained.body["Credentials"]["SecretAccessKey"],
        &chained.body["Credentials"]["SessionToken"],
        &token.body["Credentials"]["SecretAccessKey"],
        &token.body["Credentials"]["SessionToken"],
    ];
    let records = serde_json::to_string(&realm.rig.records().await).unwrap();
    for secret in secrets {
        let secret = secret.as_str().unwrap();
        assert!(secret.len() >= 40 && !records.contains(secret));
        // Nor a part of it that would let somebody in.
        assert!(!records.contains(secret.get(secret.len() - 20..).unwrap()));
    }
    // What tells one session from another is there.
    assert!(records.contains(&session.id));
}
