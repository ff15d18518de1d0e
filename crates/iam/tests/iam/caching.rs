//! What is kept in memory of a caller is never older than the rows behind it.

use std::sync::Arc;

use keeptrail_iam::ensure_root;
use keeptrail_operation::Identities;
use keeptrail_testkit::account;
use serde_json::json;

use crate::realm::{ALLOW_ALL, Key, Realm};

#[tokio::test]
async fn the_owner_of_a_key_is_made_once_and_anew_as_soon_as_any_row_behind_it_changes() {
    let realm = Realm::new().await;
    realm.ok("CreateUser", json!({"UserName": "bob"})).await;
    let made = realm.ok("CreateAccessKey", json!({"UserName": "bob"})).await;
    let key = Key { id: made["AccessKey"]["AccessKeyId"].as_str().unwrap().to_owned(), token: None };
    let policy = realm.ok("CreatePolicy", json!({"PolicyName": "p", "PolicyDocument": ALLOW_ALL})).await;
    let arn = policy["Policy"]["Arn"].as_str().unwrap();
    let mut last = realm.find(&key).await.unwrap();
    assert!(Arc::ptr_eq(&last, &realm.find(&key).await.unwrap()));
    let deny = ALLOW_ALL.replace("Allow", "Deny");
    for (operation, input, policies, bounded) in [
        ("PutUserPolicy", json!({"UserName": "bob", "PolicyName": "i", "PolicyDocument": ALLOW_ALL}), 1, false),
        ("PutUserPolicy", json!({"UserName": "bob", "PolicyName": "i", "PolicyDocument": deny}), 1, false),
        ("AttachUserPolicy", json!({"UserName": "bob", "PolicyArn": arn}), 2, false),
        ("CreatePolicyVersion", json!({"PolicyArn": arn, "PolicyDocument": deny, "SetAsDefault": true}), 2, false),
        ("PutUserPermissionsBoundary", json!({"UserName": "bob", "PermissionsBoundary": arn}), 2, true),
        ("CreatePolicyVersion", json!({"PolicyArn": arn, "PolicyDocument": ALLOW_ALL, "SetAsDefault": true}), 2, true),
        ("DeleteUserPermissionsBoundary", json!({"UserName": "bob"}), 2, false),
        ("DeleteUserPolicy", json!({"UserName": "bob", "PolicyName": "i"}), 1, false),
        ("DetachUserPolicy", json!({"UserName": "bob", "PolicyArn": arn}), 0, false),
    ] {
        realm.ok(operation, input).await;
        let found = realm.find(&key).await.unwrap();
        assert!(!Arc::ptr_eq(&last, &found), "{operation}");
        assert_eq!((found.identity_policies.len(), found.boundary.is_some()), (policies, bounded), "{operation}");
        assert!(Arc::ptr_eq(&found, &realm.find(&key).await.unwrap()), "{operation}");
        last = found;
    }
}

#[tokio::test]
async fn a_changed_root_secret_is_the_one_that_signs_from_then_on() {
    let realm = Realm::new().await;
    for secret in ["one-secret", "another-secret"] {
        let tx = realm.rig.ledger.begin();
        ensure_root(&realm.iam, &tx, &realm.rig.random, &account(), "root-key", secret).await.unwrap();
        realm.rig.ledger.commit(tx).await.unwrap();
        for _ in 0..2 {
            let tx = realm.rig.ledger.begin();
            let found = realm.iam.find(&tx, "root-key", None).await.unwrap();
            assert_eq!(found.secret.as_slice(), secret.as_bytes());
        }
    }
}
