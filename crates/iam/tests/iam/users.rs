//! Users.

use keeptrail_operation::IdentityError;
use keeptrail_testkit::ACCOUNT;
use serde_json::json;

use crate::realm::{ALLOW_ALL, Realm, allow, document, policy_arn};

#[tokio::test]
async fn a_user_is_shown_as_it_was_made() {
    let realm = Realm::new().await;
    let tags = json!([{"Key": "Team", "Value": "platform"}]);
    let made = realm.ok("CreateUser", json!({"UserName": "bob", "Path": "/ops/", "Tags": tags})).await;
    assert_eq!(made["User"]["Arn"], format!("arn:aws:iam::{ACCOUNT}:user/ops/bob"));
    assert!(made["User"]["UserId"].as_str().unwrap().starts_with("AIDA"));
    assert_eq!(realm.ok("GetUser", json!({"UserName": "bob"})).await, made);
    assert_eq!(realm.ok("ListUserTags", json!({"UserName": "bob"})).await["Tags"], tags);
    assert_eq!(realm.ok("ListGroupsForUser", json!({"UserName": "bob"})).await["Groups"], json!([]));
    assert_eq!(realm.ok("ListAccountAliases", json!({})).await["AccountAliases"], json!([]));
}

#[tokio::test]
async fn a_user_who_does_not_exist_is_told_in_awss_words() {
    let realm = Realm::new().await;
    let answer = realm.call("GetUser", json!({"UserName": "nobody"})).await;
    assert_eq!(
        (answer.status, answer.code(), answer.message()),
        (404, "NoSuchEntityException", "The user with name nobody cannot be found.")
    );
}

#[tokio::test]
async fn a_user_with_anything_left_is_not_deleted() {
    let realm = Realm::new().await;
    let key = realm.user("bob", ALLOW_ALL).await;
    let name = json!({"UserName": "bob"});
    realm.ok("CreatePolicy", json!({"PolicyName": "all", "PolicyDocument": ALLOW_ALL})).await;
    realm.ok("AttachUserPolicy", json!({"UserName": "bob", "PolicyArn": policy_arn("all")})).await;
    let conflict =
        |what: &str| ("DeleteConflictException".to_owned(), format!("Cannot delete entity, must {what} first."));
    assert_eq!(realm.refused("DeleteUser", name.clone()).await, conflict("delete access keys"));
    realm.ok("DeleteAccessKey", json!({"UserName": "bob", "AccessKeyId": key.id})).await;
    assert_eq!(realm.refused("DeleteUser", name.clone()).await, conflict("detach all policies"));
    realm.ok("DetachUserPolicy", json!({"UserName": "bob", "PolicyArn": policy_arn("all")})).await;
    assert_eq!(realm.refused("DeleteUser", name.clone()).await, conflict("delete policies"));
    realm.ok("DeleteUserPolicy", json!({"UserName": "bob", "PolicyName": "p"})).await;
    realm.ok("DeleteUser", name.clone()).await;
    assert_eq!(realm.refused("DeleteUser", name).await.0, "NoSuchEntityException");
}

#[tokio::test]
async fn a_renamed_user_keeps_its_keys_its_rights_and_its_id() {
    let realm = Realm::new().await;
    let key = realm.user("bob", &allow("iam:GetUser")).await;
    let before = realm.ok("GetUser", json!({"UserName": "bob"})).await;
    realm.ok("UpdateUser", json!({"UserName": "bob", "NewUserName": "robert", "NewPath": "/ops/"})).await;
    assert_eq!(realm.refused("GetUser", json!({"UserName": "bob"})).await.0, "NoSuchEntityException");
    let after = realm.call_with(&key, "GetUser", json!({})).await;
    assert_eq!(after.body["User"]["UserId"], before["User"]["UserId"]);
    assert_eq!(after.body["User"]["Arn"], format!("arn:aws:iam::{ACCOUNT}:user/ops/robert"));
    assert_eq!(
        realm.ok("ListAccessKeys", json!({"UserName": "robert"})).await["AccessKeyMetadata"][0]["AccessKeyId"],
        key.id
    );
    // Only the spelling.
    realm.ok("UpdateUser", json!({"UserName": "robert", "NewUserName": "Robert"})).await;
    assert_eq!(realm.ok("GetUser", json!({"UserName": "robert"})).await["User"]["UserName"], "Robert");
}

#[tokio::test]
async fn a_user_is_not_renamed_over_another_or_without_the_right_on_both_names() {
    let realm = Realm::new().await;
    realm.user("bob", ALLOW_ALL).await;
    realm.ok("CreateUser", json!({"UserName": "eve"})).await;
    let (code, message) = realm.refused("UpdateUser", json!({"UserName": "eve", "NewUserName": "BOB"})).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("EntityAlreadyExistsException", "User with name BOB already exists.")
    );
    let own = document(
        &json!([{"Effect": "Allow", "Action": "iam:UpdateUser", "Resource": format!("arn:aws:iam::{ACCOUNT}:user/eve*")}]),
    );
    let mallory = realm.user("mallory", &own).await;
    realm.ok("CreateUser", json!({"UserName": "eve2"})).await;
    let elsewhere = realm.call_with(&mallory, "UpdateUser", json!({"UserName": "eve2", "NewUserName": "admin"})).await;
    assert_eq!(elsewhere.code(), "AccessDenied");
    let within = realm.call_with(&mallory, "UpdateUser", json!({"UserName": "eve2", "NewUserName": "eve3"})).await;
    assert_eq!(within.status, 200, "{}", within.body);
}

#[tokio::test]
async fn a_user_made_anew_under_a_name_is_another() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", ALLOW_ALL).await;
    let session = crate::realm::session(&realm.call_with(&bob, "GetSessionToken", json!({})).await);
    realm.find(&session).await.unwrap();
    realm.ok("DeleteAccessKey", json!({"UserName": "bob", "AccessKeyId": bob.id})).await;
    realm.ok("DeleteUserPolicy", json!({"UserName": "bob", "PolicyName": "p"})).await;
    realm.ok("DeleteUser", json!({"UserName": "bob"})).await;
    realm.ok("CreateUser", json!({"UserName": "bob"})).await;
    assert!(matches!(realm.find(&session).await, Err(IdentityError::Unknown)));
}

#[tokio::test]
async fn the_summary_counts_what_there_is() {
    let realm = Realm::new().await;
    realm.user("bob", ALLOW_ALL).await;
    realm.ok("CreatePolicy", json!({"PolicyName": "all", "PolicyDocument": ALLOW_ALL})).await;
    let map = realm.ok("GetAccountSummary", json!({})).await["SummaryMap"].clone();
    let counts =
        ["Users", "Roles", "Policies", "PolicyVersionsInUse", "Groups"].map(|name| map[name].as_u64().unwrap());
    assert_eq!(counts, [1, 0, 1, 1, 0]);
    assert_eq!((map["AccessKeysPerUserQuota"].as_u64(), map["PolicySizeQuota"].as_u64()), (Some(2), Some(6144)));
}
