//! What callers may do, and how soon a change of it counts.

use keeptrail_testkit::ACCOUNT;
use serde_json::json;

use crate::realm::{ALLOW_ALL, Key, Realm, allow, document, policy_arn};

async fn may_list(realm: &Realm, key: &Key) -> bool {
    match realm.call_with(key, "ListUsers", json!({})).await {
        answer if answer.status == 200 => true,
        answer => {
            assert_eq!(answer.code(), "AccessDenied", "{}", answer.body);
            false
        }
    }
}

#[tokio::test]
async fn a_detached_policy_is_seen_by_the_very_next_call() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", &allow("iam:GetUser")).await;
    realm.ok("CreatePolicy", json!({"PolicyName": "lists", "PolicyDocument": allow("iam:ListUsers")})).await;
    let attached = json!({"UserName": "bob", "PolicyArn": policy_arn("lists")});
    assert!(!may_list(&realm, &bob).await);
    realm.ok("AttachUserPolicy", attached.clone()).await;
    assert!(may_list(&realm, &bob).await);
    realm.ok("DetachUserPolicy", attached).await;
    assert!(!may_list(&realm, &bob).await);
}

#[tokio::test]
async fn a_right_revoked_while_a_call_runs_is_gone_for_that_call() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", &allow("iam:ListUsers")).await;
    let begun = realm.begin(&bob).await.unwrap();
    realm.ok("DeleteUserPolicy", json!({"UserName": "bob", "PolicyName": "p"})).await;
    let answer = realm.finish(begun, &bob, "ListUsers", json!({})).await;
    assert_eq!(answer.code(), "AccessDenied", "{}", answer.body);
}

#[tokio::test]
async fn a_key_deactivated_while_a_call_runs_does_not_finish_it() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", ALLOW_ALL).await;
    let begun = realm.begin(&bob).await.unwrap();
    realm.ok("UpdateAccessKey", json!({"UserName": "bob", "AccessKeyId": bob.id, "Status": "Inactive"})).await;
    let answer = realm.finish(begun, &bob, "CreateUser", json!({"UserName": "late"})).await;
    assert!(answer.status >= 400, "{}", answer.body);
    assert_eq!(realm.refused("GetUser", json!({"UserName": "late"})).await.0, "NoSuchEntityException");
}

#[tokio::test]
async fn a_new_default_version_counts_at_once() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", &allow("iam:GetUser")).await;
    realm.ok("CreatePolicy", json!({"PolicyName": "p", "PolicyDocument": allow("iam:ListUsers")})).await;
    realm.ok("AttachUserPolicy", json!({"UserName": "bob", "PolicyArn": policy_arn("p")})).await;
    assert!(may_list(&realm, &bob).await);
    let version = json!({"PolicyArn": policy_arn("p"), "PolicyDocument": allow("iam:GetRole"), "SetAsDefault": true});
    realm.ok("CreatePolicyVersion", version).await;
    assert!(!may_list(&realm, &bob).await);
    realm.ok("SetDefaultPolicyVersion", json!({"PolicyArn": policy_arn("p"), "VersionId": "v1"})).await;
    assert!(may_list(&realm, &bob).await);
}

#[tokio::test]
async fn a_boundary_limits_and_grants_nothing() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", ALLOW_ALL).await;
    realm.ok("CreatePolicy", json!({"PolicyName": "limit", "PolicyDocument": allow("iam:List*")})).await;
    let boundary = json!({"UserName": "bob", "PermissionsBoundary": policy_arn("limit")});
    realm.ok("PutUserPermissionsBoundary", boundary.clone()).await;
    assert!(may_list(&realm, &bob).await);
    let answer = realm.call_with(&bob, "GetUser", json!({})).await;
    assert_eq!(
        answer.message(),
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/bob is not authorized to perform: iam:GetUser on resource: arn:aws:iam::{ACCOUNT}:user/bob because no permissions boundary allows the iam:GetUser action"
        )
    );
    realm.ok("DeleteUserPolicy", json!({"UserName": "bob", "PolicyName": "p"})).await;
    assert!(!may_list(&realm, &bob).await, "a boundary alone allows nothing");
    realm.ok("DeleteUserPermissionsBoundary", json!({"UserName": "bob"})).await;
    let eve = json!({"UserName": "eve", "PermissionsBoundary": policy_arn("none")});
    assert_eq!(realm.refused("CreateUser", eve).await.0, "NoSuchEntityException");
}

#[tokio::test]
async fn a_deny_wins_over_every_allow() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", ALLOW_ALL).await;
    let deny = document(&json!([{"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"}]));
    realm.ok("PutUserPolicy", json!({"UserName": "bob", "PolicyName": "deny", "PolicyDocument": deny})).await;
    let answer = realm.call_with(&bob, "ListUsers", json!({})).await;
    assert!(answer.message().ends_with("with an explicit deny in an identity-based policy"), "{}", answer.message());
}

#[tokio::test]
async fn a_denied_call_does_not_tell_whether_a_user_exists() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", &allow("iam:ListUsers")).await;
    realm.ok("CreateUser", json!({"UserName": "eve"})).await;
    let texts = ["eve", "nobody"].map(|name| (name, json!({"UserName": name})));
    for (name, input) in texts {
        let answer = realm.call_with(&bob, "GetUser", input).await;
        assert_eq!(answer.code(), "AccessDenied");
        assert!(answer.message().contains(&format!("on resource: arn:aws:iam::{ACCOUNT}:user/{name} because")));
    }
}
