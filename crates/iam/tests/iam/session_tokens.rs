//! GetSessionToken.

use std::time::Duration;

use keeptrail_operation::IdentityError;
use keeptrail_testkit::ACCOUNT;
use serde_json::json;

use crate::realm::{ALLOW_ALL, Realm, allow, assuming, session, trust};

#[tokio::test]
async fn a_users_session_is_the_user_with_its_present_rights() {
    let realm = Realm::new().await;
    realm.role("Reader", &trust(json!({})), ALLOW_ALL).await;
    let bob = realm.user("bob", &allow("sts:*")).await;
    let token = session(&realm.call_with(&bob, "GetSessionToken", json!({})).await);
    let caller = realm.call_with(&token, "GetCallerIdentity", json!({})).await;
    assert_eq!(caller.body["Arn"], format!("arn:aws:iam::{ACCOUNT}:user/bob"));
    // A user's session assumes roles as the user does: this is no chain.
    realm.ok("UpdateRole", json!({"RoleName": "Reader", "MaxSessionDuration": 7200})).await;
    realm.assume(&token, assuming("Reader", json!({"DurationSeconds": 7200}))).await;
    realm.ok("DeleteUserPolicy", json!({"UserName": "bob", "PolicyName": "p"})).await;
    assert_eq!(realm.call_with(&token, "AssumeRole", assuming("Reader", json!({}))).await.code(), "AccessDenied");
}

#[tokio::test]
async fn iam_and_the_rest_of_sts_are_closed_to_it() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", ALLOW_ALL).await;
    let token = session(&realm.call_with(&bob, "GetSessionToken", json!({})).await);
    for (operation, input) in [("ListUsers", json!({})), ("CreateAccessKey", json!({})), ("GetUser", json!({}))] {
        let answer = realm.call_with(&token, operation, input).await;
        assert_eq!(
            (answer.status, answer.code(), answer.message()),
            (403, "InvalidClientTokenId", "The security token included in the request is invalid"),
            "{operation}"
        );
        let record = realm.rig.last_record().await;
        assert_eq!((&record["eventName"], &record["errorCode"]), (&json!(operation), &json!("InvalidClientTokenId")));
        assert_eq!(record["userIdentity"]["userName"], "bob");
    }
    let again = realm.call_with(&token, "GetSessionToken", json!({})).await;
    assert_eq!(
        (again.code(), again.message()),
        ("AccessDenied", "Cannot call GetSessionToken with session credentials")
    );
    let info = realm.call_with(&token, "GetAccessKeyInfo", json!({"AccessKeyId": bob.id})).await;
    assert_eq!(info.code(), "AccessDenied");
    // A role's session may call IAM, if the role may.
    realm.role("Admin", &trust(json!({})), ALLOW_ALL).await;
    let admin = realm.assume(&token, assuming("Admin", json!({}))).await;
    assert_eq!(realm.call_with(&admin, "ListUsers", json!({})).await.status, 200);
    assert_eq!(realm.call_with(&admin, "GetSessionToken", json!({})).await.code(), "AccessDenied");
}

#[tokio::test]
async fn it_lasts_from_a_quarter_of_an_hour_to_a_day_and_a_half_and_an_hour_for_root() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", ALLOW_ALL).await;
    let ends = async |seconds: Option<u32>| {
        let input = seconds.map_or_else(|| json!({}), |seconds| json!({"DurationSeconds": seconds}));
        let answer = realm.call_with(&bob, "GetSessionToken", input).await;
        answer.body["Credentials"]["Expiration"].as_u64().map(|end| end - 1_772_366_400)
    };
    assert_eq!(ends(None).await, Some(43_200));
    assert_eq!(ends(Some(900)).await, Some(900));
    assert_eq!(ends(Some(129_600)).await, Some(129_600));
    assert_eq!((ends(Some(899)).await, ends(Some(129_601)).await), (None, None));
    let root = realm.ok("GetSessionToken", json!({})).await;
    assert_eq!(root["Credentials"]["Expiration"], json!(1_772_366_400 + 3600));
    let root = session(&keeptrail_testkit::Answer { status: 200, body: root });
    assert_eq!(
        realm.call_with(&root, "GetCallerIdentity", json!({})).await.body["Arn"],
        format!("arn:aws:iam::{ACCOUNT}:root")
    );
    assert_eq!(realm.call_with(&root, "ListUsers", json!({})).await.code(), "InvalidClientTokenId");
    realm.rig.time.advance(Duration::from_secs(3600));
    assert!(matches!(realm.find(&root).await, Err(IdentityError::Expired)));
}

#[tokio::test]
async fn a_second_factor_is_refused_and_its_code_is_nowhere() {
    let realm = Realm::new().await;
    let bob = realm.user("bob", ALLOW_ALL).await;
    let input = json!({"SerialNumber": "arn:aws:iam::123456789012:mfa/bob", "TokenCode": "271828"});
    let answer = realm.call_with(&bob, "GetSessionToken", input).await;
    assert_eq!(answer.code(), "UnsupportedOperationException");
    assert!(!realm.rig.last_record().await.to_string().contains("271828"));
}
