//! Sessions of roles: who may have one, what it may do, how long.

use std::time::Duration;

use keeptrail_operation::IdentityError;
use keeptrail_testkit::ACCOUNT;
use serde_json::{Value, json};

use crate::realm::{ALLOW_ALL, Key, Realm, allow, assuming, document, policy_arn, role_arn, trust};

/// A user who may assume the role `Reader`, which trusts the account under `condition` and may list users.
async fn with_reader(condition: Value) -> (Realm, Key) {
    let realm = Realm::new().await;
    realm.role("Reader", &trust(condition), &allow("iam:ListUsers")).await;
    let bob = realm.user("bob", &allow("sts:*")).await;
    (realm, bob)
}

#[tokio::test]
async fn a_session_is_the_roles_and_shows_where_it_comes_from() {
    let (realm, bob) = with_reader(json!({})).await;
    let answer = realm.call_with(&bob, "AssumeRole", assuming("Reader", json!({}))).await;
    assert!(answer.body["Credentials"]["AccessKeyId"].as_str().unwrap().starts_with("ASIA"));
    assert_eq!(answer.body["Credentials"]["Expiration"], json!(1_772_366_400 + 3600));
    let session = crate::realm::session(&answer);
    let identity = serde_json::to_value(&realm.find(&session).await.unwrap().user_identity).unwrap();
    assert_eq!(identity["type"], "AssumedRole");
    assert_eq!(identity["arn"], format!("arn:aws:sts::{ACCOUNT}:assumed-role/Reader/i-1"));
    assert_eq!(identity["sessionContext"]["sessionIssuer"]["arn"], role_arn("Reader"));
    let caller = realm.call_with(&session, "GetCallerIdentity", json!({})).await;
    assert_eq!(caller.body["Arn"], identity["arn"]);
    assert_eq!(caller.body["UserId"], identity["principalId"]);
    assert_eq!(realm.call_with(&session, "ListUsers", json!({})).await.status, 200);
    assert_eq!(realm.call_with(&session, "ListRoles", json!({})).await.code(), "AccessDenied");
}

#[tokio::test]
async fn a_token_belongs_to_its_key_and_to_nothing_else() {
    let (realm, bob) = with_reader(json!({})).await;
    let session = realm.assume(&bob, assuming("Reader", json!({}))).await;
    let other = realm.assume(&bob, assuming("Reader", json!({}))).await;
    let mut cut = session.token.clone().unwrap();
    cut.pop();
    let wrong = [
        Key { id: other.id.clone(), token: session.token.clone() },
        Key { id: bob.id.clone(), token: session.token.clone() },
        Key { id: session.id.clone(), token: Some("nonsense".into()) },
        Key { id: session.id.clone(), token: Some(cut) },
        Key { id: session.id.clone(), token: Some("A".repeat(100_000)) },
        Key { id: session.id.clone(), token: None },
    ];
    for key in wrong {
        assert!(matches!(realm.find(&key).await, Err(IdentityError::Unknown)), "{key:?}");
    }
}

#[tokio::test]
async fn a_session_ends_on_time_and_not_before() {
    let (realm, bob) = with_reader(json!({})).await;
    let session = realm.assume(&bob, assuming("Reader", json!({"DurationSeconds": 900}))).await;
    realm.rig.time.advance(Duration::from_secs(899));
    realm.find(&session).await.unwrap();
    realm.rig.time.advance(Duration::from_secs(1));
    assert!(matches!(realm.find(&session).await, Err(IdentityError::Expired)));
}

#[tokio::test]
async fn a_session_lasts_as_long_as_its_role_allows() {
    let (realm, bob) = with_reader(json!({})).await;
    let ask = async |seconds: u32| {
        let answer = realm.call_with(&bob, "AssumeRole", assuming("Reader", json!({"DurationSeconds": seconds}))).await;
        (answer.status, answer.message().to_owned())
    };
    let longest = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    assert_eq!(ask(3601).await, (400, longest.to_owned()));
    realm.ok("UpdateRole", json!({"RoleName": "Reader", "MaxSessionDuration": 7200})).await;
    assert_eq!(ask(7200).await.0, 200);
    assert_eq!(ask(7201).await.1, longest);
    let least = "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900";
    assert_eq!(ask(899).await.1, least);
}

#[tokio::test]
async fn a_session_dies_with_its_role_and_a_role_made_anew_is_another() {
    let (realm, bob) = with_reader(json!({})).await;
    let session = realm.assume(&bob, assuming("Reader", json!({}))).await;
    realm.ok("DeleteRolePolicy", json!({"RoleName": "Reader", "PolicyName": "p"})).await;
    assert_eq!(realm.call_with(&session, "ListUsers", json!({})).await.code(), "AccessDenied", "rights are read anew");
    realm.ok("DeleteRole", json!({"RoleName": "Reader"})).await;
    assert!(matches!(realm.find(&session).await, Err(IdentityError::Unknown)));
    realm.role("Reader", &trust(json!({})), ALLOW_ALL).await;
    assert!(matches!(realm.find(&session).await, Err(IdentityError::Unknown)));
}

#[tokio::test]
async fn both_the_trust_policy_and_the_callers_own_must_allow() {
    let (realm, bob) = with_reader(json!({})).await;
    realm
        .ok("PutUserPolicy", json!({"UserName": "bob", "PolicyName": "p", "PolicyDocument": allow("iam:GetUser")}))
        .await;
    let answer = realm.call_with(&bob, "AssumeRole", assuming("Reader", json!({}))).await;
    assert_eq!(
        (answer.status, answer.code(), answer.message()),
        (403, "AccessDenied", format!("User: arn:aws:iam::{ACCOUNT}:user/bob is not authorized to perform: sts:AssumeRole on resource: {} because no identity-based policy allows the sts:AssumeRole action", role_arn("Reader")).as_str())
    );
    // A trust policy that names the user itself is enough.
    let named = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/bob")}, "Action": "sts:AssumeRole"},
    ]});
    realm.ok("UpdateAssumeRolePolicy", json!({"RoleName": "Reader", "PolicyDocument": named.to_string()})).await;
    realm.assume(&bob, assuming("Reader", json!({}))).await;
    // One that names somebody else is none, whatever the caller may.
    let other = named.to_string().replace("user/bob", "user/eve");
    realm.ok("UpdateAssumeRolePolicy", json!({"RoleName": "Reader", "PolicyDocument": other})).await;
    realm.ok("PutUserPolicy", json!({"UserName": "bob", "PolicyName": "p", "PolicyDocument": ALLOW_ALL})).await;
    assert_eq!(realm.call_with(&bob, "AssumeRole", assuming("Reader", json!({}))).await.code(), "AccessDenied");
}

#[tokio::test]
async fn root_assumes_no_role() {
    let (realm, _) = with_reader(json!({})).await;
    let (code, message) = realm.refused("AssumeRole", assuming("Reader", json!({}))).await;
    assert_eq!((code.as_str(), message.as_str()), ("AccessDenied", "Roles may not be assumed by root accounts."));
}

#[tokio::test]
async fn an_external_id_must_be_the_agreed_one() {
    let (realm, bob) = with_reader(json!({"StringEquals": {"sts:ExternalId": "agreed-17"}})).await;
    for more in [json!({}), json!({"ExternalId": "guessed"}), json!({"ExternalId": "AGREED-17"})] {
        let answer = realm.call_with(&bob, "AssumeRole", assuming("Reader", more)).await;
        assert_eq!(answer.code(), "AccessDenied");
    }
    realm.assume(&bob, assuming("Reader", json!({"ExternalId": "agreed-17"}))).await;
    let short = realm.call_with(&bob, "AssumeRole", assuming("Reader", json!({"ExternalId": "x"}))).await;
    assert_eq!(short.code(), "ValidationException");
}

#[tokio::test]
async fn a_trust_policy_can_ask_for_a_session_name_and_an_address() {
    let condition =
        json!({"StringLike": {"sts:RoleSessionName": "i-*"}, "IpAddress": {"aws:SourceIp": "198.51.100.0/24"}});
    let (realm, bob) = with_reader(condition).await;
    realm.assume(&bob, assuming("Reader", json!({}))).await;
    let other = realm.call_with(&bob, "AssumeRole", assuming("Reader", json!({"RoleSessionName": "laptop"}))).await;
    assert_eq!(other.code(), "AccessDenied");
    let elsewhere = trust(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})).to_string();
    realm.ok("UpdateAssumeRolePolicy", json!({"RoleName": "Reader", "PolicyDocument": elsewhere})).await;
    let answer = realm.call_with(&bob, "AssumeRole", assuming("Reader", json!({}))).await;
    assert_eq!(answer.code(), "AccessDenied");
}

#[tokio::test]
async fn a_missing_role_and_a_closed_one_look_the_same() {
    let (realm, bob) = with_reader(json!({"StringEquals": {"sts:ExternalId": "agreed"}})).await;
    for role in ["Reader", "None", "reader"] {
        let answer = realm.call_with(&bob, "AssumeRole", assuming(role, json!({}))).await;
        let begin = format!(
            "User: arn:aws:iam::{ACCOUNT}:user/bob is not authorized to perform: sts:AssumeRole on resource: {}",
            role_arn(role)
        );
        assert_eq!(answer.code(), "AccessDenied");
        assert!(answer.message().starts_with(&begin), "{}", answer.message());
    }
}

#[tokio::test]
async fn a_session_policy_narrows_and_never_widens() {
    let (realm, bob) = with_reader(json!({})).await;
    let narrow = realm.assume(&bob, assuming("Reader", json!({"Policy": allow("iam:GetUser")}))).await;
    let answer = realm.call_with(&narrow, "ListUsers", json!({})).await;
    assert!(
        answer.message().ends_with("because no session policy allows the iam:ListUsers action"),
        "{}",
        answer.message()
    );
    let wide = realm.assume(&bob, assuming("Reader", json!({"Policy": ALLOW_ALL}))).await;
    assert_eq!(realm.call_with(&wide, "ListUsers", json!({})).await.status, 200);
    assert_eq!(realm.call_with(&wide, "ListRoles", json!({})).await.code(), "AccessDenied");
}

#[tokio::test]
async fn a_managed_policy_can_limit_a_session_and_the_session_is_worth_nothing_without_it() {
    let (realm, bob) = with_reader(json!({})).await;
    realm.ok("CreatePolicy", json!({"PolicyName": "limit", "PolicyDocument": allow("iam:ListUsers")})).await;
    let arns = json!({"PolicyArns": [{"arn": policy_arn("limit")}]});
    let session = realm.assume(&bob, assuming("Reader", arns)).await;
    assert_eq!(realm.call_with(&session, "ListUsers", json!({})).await.status, 200);
    realm.ok("DeletePolicy", json!({"PolicyArn": policy_arn("limit")})).await;
    assert!(matches!(realm.find(&session).await, Err(IdentityError::Unknown)));
    let none = json!({"PolicyArns": [{"arn": policy_arn("limit")}]});
    assert_eq!(realm.call_with(&bob, "AssumeRole", assuming("Reader", none)).await.code(), "ValidationException");
    let many: Vec<_> = (0..11).map(|_| json!({"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"})).collect();
    let answer = realm.call_with(&bob, "AssumeRole", assuming("Reader", json!({"PolicyArns": many}))).await;
    assert_eq!(answer.code(), "ValidationException");
}

#[tokio::test]
async fn a_roles_boundary_limits_its_sessions() {
    let (realm, bob) = with_reader(json!({})).await;
    let session = realm.assume(&bob, assuming("Reader", json!({}))).await;
    realm.ok("CreatePolicy", json!({"PolicyName": "limit", "PolicyDocument": allow("iam:GetUser")})).await;
    realm
        .ok("PutRolePermissionsBoundary", json!({"RoleName": "Reader", "PermissionsBoundary": policy_arn("limit")}))
        .await;
    let answer = realm.call_with(&session, "ListUsers", json!({})).await;
    assert!(answer.message().ends_with("because no permissions boundary allows the iam:ListUsers action"));
    realm.ok("DeleteRolePermissionsBoundary", json!({"RoleName": "Reader"})).await;
    assert_eq!(realm.call_with(&session, "ListUsers", json!({})).await.status, 200);
}

#[tokio::test]
async fn what_is_malformed_or_not_carried_out_is_refused_with_its_reason() {
    let (realm, bob) = with_reader(json!({})).await;
    let ask = async |more: Value| {
        let answer = realm.call_with(&bob, "AssumeRole", assuming("Reader", more)).await;
        (answer.code().to_owned(), answer.message().to_owned())
    };
    let (code, message) = ask(json!({"RoleSessionName": "a b"})).await;
    assert_eq!(code, "ValidationException");
    assert_eq!(
        message,
        r"1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*"
    );
    assert!(ask(json!({"RoleSessionName": "x"})).await.1.ends_with("length greater than or equal to 2"));
    assert!(ask(json!({"RoleSessionName": "x".repeat(65)})).await.1.ends_with("length less than or equal to 64"));
    assert_eq!(ask(json!({"RoleArn": "Reader"})).await.0, "ValidationException");
    assert_eq!(ask(json!({"Policy": "{}"})).await.0, "MalformedPolicyDocumentException");
    assert_eq!(ask(json!({"Policy": document(&json!([])) + &" ".repeat(2048)})).await.0, "ValidationException");
    let (code, message) = ask(json!({"SerialNumber": "arn:aws:iam::1:mfa/x", "TokenCode": "123456"})).await;
    assert_eq!(code, "UnsupportedOperationException");
    assert_eq!(message, "keeptrail does not carry out multi-factor authentication (SerialNumber, TokenCode).");
}
