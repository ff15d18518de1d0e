//! Session tags, source identities and roles assumed by roles.

use keeptrail_testkit::ACCOUNT;
use serde_json::{Value, json};

use crate::realm::{Key, Realm, allow, assuming, document, trust};

/// Two roles that may assume each other, and a user who may assume both.
async fn chain() -> (Realm, Key) {
    let realm = Realm::new().await;
    for name in ["First", "Second", "Third"] {
        realm.role(name, &trust(json!({})), &allow("sts:*")).await;
    }
    let bob = realm.user("bob", &allow("sts:*")).await;
    (realm, bob)
}

async fn tags(realm: &Realm, session: &Key) -> Vec<(String, String)> {
    let mut tags = realm.find(session).await.unwrap().facts.tags.clone();
    tags.sort();
    tags
}

fn tag(key: &str, value: &str) -> Value {
    json!({"Key": key, "Value": value})
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[tokio::test]
async fn a_sessions_tags_override_the_roles() {
    let (realm, bob) = chain().await;
    realm.ok("TagRole", json!({"RoleName": "First", "Tags": [tag("Team", "role"), tag("Env", "prod")]})).await;
    let session = realm.assume(&bob, assuming("First", json!({"Tags": [tag("team", "session")]}))).await;
    assert_eq!(tags(&realm, &session).await, [pair("Env", "prod"), pair("team", "session")]);
}

#[tokio::test]
async fn principal_tags_decide() {
    let (realm, bob) = chain().await;
    let own_team = document(&json!([{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*",
        "Condition": {"StringEquals": {"iam:ResourceTag/Team": "${aws:PrincipalTag/Team}"}}}]));
    realm.ok("PutRolePolicy", json!({"RoleName": "First", "PolicyName": "team", "PolicyDocument": own_team})).await;
    realm.ok("CreateUser", json!({"UserName": "carol", "Tags": [tag("Team", "blue")]})).await;
    let get = json!({"UserName": "carol"});
    let blue = realm.assume(&bob, assuming("First", json!({"Tags": [tag("Team", "blue")]}))).await;
    assert_eq!(realm.call_with(&blue, "GetUser", get.clone()).await.status, 200);
    for more in [json!({"Tags": [tag("Team", "red")]}), json!({})] {
        let session = realm.assume(&bob, assuming("First", more)).await;
        assert_eq!(realm.call_with(&session, "GetUser", get.clone()).await.code(), "AccessDenied");
    }
}

#[tokio::test]
async fn passing_tags_is_a_right_of_its_own() {
    let (realm, bob) = chain().await;
    let denied = |answer: &keeptrail_testkit::Answer| {
        assert_eq!(answer.code(), "AccessDenied");
        assert!(answer.message().contains("is not authorized to perform: sts:TagSession"), "{}", answer.message());
    };
    let tagged = assuming("First", json!({"Tags": [tag("Team", "blue")]}));
    realm
        .ok("PutUserPolicy", json!({"UserName": "bob", "PolicyName": "p", "PolicyDocument": allow("sts:AssumeRole")}))
        .await;
    denied(&realm.call_with(&bob, "AssumeRole", tagged.clone()).await);
    realm.assume(&bob, assuming("First", json!({}))).await;
    // The trust policy must allow it, too.
    realm.ok("PutUserPolicy", json!({"UserName": "bob", "PolicyName": "p", "PolicyDocument": allow("sts:*")})).await;
    let mut closed = trust(json!({}));
    closed["Statement"][0]["Action"] = json!("sts:AssumeRole");
    realm.ok("UpdateAssumeRolePolicy", json!({"RoleName": "First", "PolicyDocument": closed.to_string()})).await;
    denied(&realm.call_with(&bob, "AssumeRole", tagged).await);
}

#[tokio::test]
async fn a_trust_policy_can_limit_which_tags_are_passed() {
    let (realm, bob) = chain().await;
    let limited = trust(json!({
        "StringEquals": {"aws:RequestTag/Team": ["blue", "red"]},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["Team"], "sts:TransitiveTagKeys": ["Team"]},
    }));
    realm.ok("UpdateAssumeRolePolicy", json!({"RoleName": "First", "PolicyDocument": limited.to_string()})).await;
    let passed = |tags: Value| assuming("First", json!({"Tags": tags}));
    realm.assume(&bob, passed(json!([tag("Team", "blue")]))).await;
    for tags in [json!([]), json!([tag("Team", "green")]), json!([tag("Team", "blue"), tag("Env", "prod")])] {
        assert_eq!(realm.call_with(&bob, "AssumeRole", passed(tags)).await.code(), "AccessDenied");
    }
}

#[tokio::test]
async fn transitive_tags_go_down_the_chain_and_others_do_not() {
    let (realm, bob) = chain().await;
    realm.ok("TagRole", json!({"RoleName": "Third", "Tags": [tag("Star", "3"), tag("Lightning", "3")]})).await;
    let passed = json!({"Tags": [tag("Star", "1"), tag("Heart", "1"), tag("Moon", "1")], "TransitiveTagKeys": ["Star", "Heart"]});
    let first = realm.assume(&bob, assuming("First", passed)).await;
    let second = realm.assume(&first, assuming("Second", json!({"Tags": [tag("Sun", "2")]}))).await;
    assert_eq!(tags(&realm, &second).await, [pair("Heart", "1"), pair("Star", "1"), pair("Sun", "2")]);
    let third = realm.assume(&second, assuming("Third", json!({}))).await;
    assert_eq!(tags(&realm, &third).await, [pair("Heart", "1"), pair("Lightning", "3"), pair("Star", "1")]);
    let override_it = assuming("Third", json!({"Tags": [tag("heart", "3")]}));
    let answer = realm.call_with(&second, "AssumeRole", override_it).await;
    assert_eq!(answer.code(), "InvalidParameterValueException");
}

#[tokio::test]
async fn a_role_that_does_not_take_tags_takes_no_inherited_ones() {
    let (realm, bob) = chain().await;
    let mut closed = trust(json!({}));
    closed["Statement"][0]["Action"] = json!("sts:AssumeRole");
    realm.ok("UpdateAssumeRolePolicy", json!({"RoleName": "Second", "PolicyDocument": closed.to_string()})).await;
    let passed = json!({"Tags": [tag("Star", "1")], "TransitiveTagKeys": ["Star"]});
    let tagged = realm.assume(&bob, assuming("First", passed)).await;
    assert_eq!(realm.call_with(&tagged, "AssumeRole", assuming("Second", json!({}))).await.code(), "AccessDenied");
    let plain = realm.assume(&bob, assuming("First", json!({}))).await;
    realm.assume(&plain, assuming("Second", json!({}))).await;
}

#[tokio::test]
async fn transitive_keys_must_be_among_the_tags() {
    let (realm, bob) = chain().await;
    let asked = assuming("First", json!({"Tags": [tag("Star", "1")], "TransitiveTagKeys": ["Moon"]}));
    let answer = realm.call_with(&bob, "AssumeRole", asked).await;
    assert_eq!(answer.code(), "InvalidParameterValueException");
    assert_eq!(answer.message(), "The specified transitive tag key must be included in the requested tags.");
}

#[tokio::test]
async fn a_chained_session_lasts_an_hour_at_most() {
    let (realm, bob) = chain().await;
    for name in ["First", "Second"] {
        realm.ok("UpdateRole", json!({"RoleName": name, "MaxSessionDuration": 43_200})).await;
    }
    let first = realm.assume(&bob, assuming("First", json!({"DurationSeconds": 43_200}))).await;
    let answer = realm.call_with(&first, "AssumeRole", assuming("Second", json!({"DurationSeconds": 3601}))).await;
    assert_eq!(
        answer.message(),
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
    );
    realm.assume(&first, assuming("Second", json!({"DurationSeconds": 3600}))).await;
}

#[tokio::test]
async fn a_source_identity_stays_for_the_whole_chain() {
    let (realm, bob) = chain().await;
    let first = realm.assume(&bob, assuming("First", json!({"SourceIdentity": "bob"}))).await;
    let second = realm.call_with(&first, "AssumeRole", assuming("Second", json!({}))).await;
    assert_eq!(second.body["SourceIdentity"], "bob");
    let second = crate::realm::session(&second);
    let identity = serde_json::to_value(&realm.find(&second).await.unwrap().user_identity).unwrap();
    assert_eq!(identity["sessionContext"]["sourceIdentity"], "bob");
    let other = realm.call_with(&second, "AssumeRole", assuming("Third", json!({"SourceIdentity": "eve"}))).await;
    assert_eq!(
        other.message(),
        format!(
            "User: arn:aws:sts::{ACCOUNT}:assumed-role/Second/i-1 is not authorized to perform: sts:SetSourceIdentity on resource: arn:aws:iam::{ACCOUNT}:role/Third"
        )
    );
    // Policies can ask for it.
    let asks = document(&json!([{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceIdentity": "bob"}}}]));
    realm.ok("PutRolePolicy", json!({"RoleName": "Second", "PolicyName": "asks", "PolicyDocument": asks})).await;
    assert_eq!(realm.call_with(&second, "ListUsers", json!({})).await.status, 200);
    let without = realm.assume(&bob, assuming("Second", json!({}))).await;
    assert_eq!(realm.call_with(&without, "ListUsers", json!({})).await.code(), "AccessDenied");
}
