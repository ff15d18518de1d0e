//! Access keys.

use std::time::Duration;

use keeptrail_iam::{KeyUses, ensure_root};
use keeptrail_operation::IdentityError;
use keeptrail_testkit::{ACCOUNT, account};
use serde_json::json;

use crate::realm::{ALLOW_ALL, Key, Realm, allow};

#[tokio::test]
async fn a_new_keys_secret_is_shown_once_and_is_in_no_record() {
    let realm = Realm::new().await;
    realm.ok("CreateUser", json!({"UserName": "bob"})).await;
    let made = realm.ok("CreateAccessKey", json!({"UserName": "bob"})).await;
    let secret = made["AccessKey"]["SecretAccessKey"].as_str().unwrap();
    assert_eq!(secret.len(), 40);
    let record = realm.rig.last_record().await;
    assert_eq!(record["responseElements"]["accessKey"]["accessKeyId"], made["AccessKey"]["AccessKeyId"]);
    assert!(!serde_json::to_string(&realm.rig.records().await).unwrap().contains(secret));
    assert!(!realm.ok("ListAccessKeys", json!({"UserName": "bob"})).await.to_string().contains(secret));
}

#[tokio::test]
async fn a_deactivated_or_deleted_key_is_nobodys_at_once() {
    let realm = Realm::new().await;
    let key = realm.user("bob", ALLOW_ALL).await;
    assert_eq!(realm.find(&key).await.unwrap().user_identity.user_name.as_deref(), Some("bob"));
    let set = |status: &str| json!({"UserName": "bob", "AccessKeyId": key.id, "Status": status});
    realm.ok("UpdateAccessKey", set("Inactive")).await;
    assert!(matches!(realm.find(&key).await, Err(IdentityError::Unknown)));
    let listed = realm.ok("ListAccessKeys", json!({"UserName": "bob"})).await;
    assert_eq!(listed["AccessKeyMetadata"][0]["Status"], "Inactive");
    realm.ok("UpdateAccessKey", set("Active")).await;
    realm.find(&key).await.unwrap();
    realm.ok("DeleteAccessKey", json!({"UserName": "bob", "AccessKeyId": key.id})).await;
    assert!(matches!(realm.find(&key).await, Err(IdentityError::Unknown)));
}

#[tokio::test]
async fn a_user_has_two_keys_at_most() {
    let realm = Realm::new().await;
    let first = realm.user("bob", ALLOW_ALL).await;
    realm.ok("CreateAccessKey", json!({"UserName": "bob"})).await;
    let refused = realm.refused("CreateAccessKey", json!({"UserName": "bob"})).await;
    assert_eq!(refused, ("LimitExceededException".into(), "Cannot exceed quota for AccessKeysPerUser: 2".into()));
    realm.ok("DeleteAccessKey", json!({"UserName": "bob", "AccessKeyId": first.id})).await;
    realm.ok("CreateAccessKey", json!({"UserName": "bob"})).await;
}

#[tokio::test]
async fn a_key_belongs_to_its_user_only() {
    let realm = Realm::new().await;
    let key = realm.user("bob", ALLOW_ALL).await;
    realm.ok("CreateUser", json!({"UserName": "eve"})).await;
    for operation in ["UpdateAccessKey", "DeleteAccessKey"] {
        let mut input = json!({"UserName": "eve", "AccessKeyId": key.id});
        if operation == "UpdateAccessKey" {
            input["Status"] = json!("Inactive");
        }
        let (code, message) = realm.refused(operation, input).await;
        assert_eq!(code, "NoSuchEntityException");
        assert_eq!(message, format!("The Access Key with id {} cannot be found.", key.id));
    }
    realm.find(&key).await.unwrap();
}

#[tokio::test]
async fn without_a_name_a_user_means_itself_and_root_must_say_whom() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", &allow("iam:*AccessKey*")).await;
    let made = realm.call_with(&bob, "CreateAccessKey", json!({})).await;
    assert_eq!(made.body["AccessKey"]["UserName"], "bob");
    assert_eq!(realm.refused("CreateAccessKey", json!({})).await.0, "ValidationException");
}

#[tokio::test]
async fn the_last_use_of_a_key_follows_from_the_journal() {
    let realm = Realm::new().await;
    let mut driver = realm.rig.driver();
    driver.reader(KeyUses);
    let jobs = driver.start();
    let bob = realm.user("bob", &allow("iam:GetUser")).await;
    let asked = json!({"AccessKeyId": bob.id});
    jobs.settle().await;
    let never = realm.ok("GetAccessKeyLastUsed", asked.clone()).await;
    assert_eq!(never, json!({"UserName": "bob", "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}));
    realm.rig.time.advance(Duration::from_secs(90));
    realm.call_with(&bob, "GetUser", json!({})).await;
    jobs.settle().await;
    let used = realm.ok("GetAccessKeyLastUsed", asked.clone()).await;
    assert_eq!(used["AccessKeyLastUsed"]["ServiceName"], "iam");
    assert_eq!(used["AccessKeyLastUsed"]["Region"], "us-east-1");
    assert_eq!(used["AccessKeyLastUsed"]["LastUsedDate"], json!(1_772_366_460), "the minute, not the second");
    // A denied call was signed, too.
    realm.rig.time.advance(Duration::from_secs(600));
    assert_eq!(realm.call_with(&bob, "GetCallerIdentity", json!({})).await.status, 200);
    assert_eq!(realm.call_with(&bob, "ListUsers", json!({})).await.code(), "AccessDenied");
    jobs.settle().await;
    let used = realm.ok("GetAccessKeyLastUsed", asked.clone()).await;
    assert_eq!(used["AccessKeyLastUsed"]["LastUsedDate"], json!(1_772_367_060));
    // A key that has gone leaves nothing behind.
    realm.ok("DeleteAccessKey", json!({"UserName": "bob", "AccessKeyId": bob.id})).await;
    jobs.settle().await;
    assert_eq!(realm.refused("GetAccessKeyLastUsed", asked).await.0, "NoSuchEntityException");
    jobs.drain().await;
}

#[tokio::test]
async fn the_owner_of_a_key_is_told_to_those_with_the_right_only() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", ALLOW_ALL).await;
    let eve = realm.user("eve", &allow("iam:GetUser")).await;
    let answer = realm.call_with(&eve, "GetAccessKeyLastUsed", json!({"AccessKeyId": bob.id})).await;
    assert_eq!(answer.code(), "AccessDenied");
    let unknown = realm.call_with(&eve, "GetAccessKeyLastUsed", json!({"AccessKeyId": "AKIANOBODY"})).await;
    assert_eq!(unknown.code(), "AccessDenied");
}

#[tokio::test]
async fn a_changed_root_key_replaces_the_old_one() {
    let realm = Realm::new().await;
    for id in ["first", "second"] {
        let tx = realm.rig.ledger.begin();
        ensure_root(&realm.iam, &tx, &realm.rig.random, &account(), id, "a-secret").await.unwrap();
        realm.rig.ledger.commit(tx).await.unwrap();
    }
    let key = |id: &str| Key { id: id.to_owned(), token: None };
    assert!(matches!(realm.find(&key("first")).await, Err(IdentityError::Unknown)));
    let root = realm.find(&key("second")).await.unwrap();
    assert_eq!(root.user_identity.kind.as_deref(), Some("Root"));
    assert_eq!(root.user_identity.arn.as_deref(), Some(format!("arn:aws:iam::{ACCOUNT}:root").as_str()));
    let summary = realm.ok("GetAccountSummary", json!({})).await;
    assert_eq!(summary["SummaryMap"]["AccountAccessKeysPresent"], 1);
}
