//! Users, roles and sessions: what they may do, what stops them, what their records show.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{sync::Arc, time::Duration};

use keeptrail_clock::Random;
use keeptrail_envelope::{Keyring, RootKey};
use keeptrail_iam::{Iam, ensure_root, services};
use keeptrail_operation::{Identities, Identity, IdentityError, Service};
use keeptrail_testkit::{ACCOUNT, Answer, Rig, account};
use serde_json::{Value, json};

const ALLOW_READS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}"#;

struct Realm {
    rig: Rig,
    iam: Arc<Iam>,
    services: Vec<Service>,
}

impl Realm {
    async fn new() -> Self {
        let root = RootKey::from_bytes(&[7; 32]).unwrap();
        let (keyring, _) = Keyring::generate(&Random::seeded(1), &root).unwrap();
        let iam = Iam::new(Arc::new(keyring));
        Self { rig: Rig::new().await, services: services(&iam), iam }
    }

    fn service(&self, operation: &str) -> &Service {
        self.services.iter().find(|service| service.operation(operation).is_some()).unwrap()
    }

    async fn call(&self, operation: &str, input: Value) -> Answer {
        self.rig.call(self.service(operation), operation, &input).await
    }

    async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    async fn find(&self, key: &str, token: Option<&str>) -> Result<Arc<Identity>, IdentityError> {
        let tx = self.rig.ledger.begin();
        self.iam.find(&tx, key, token).await.map(|found| found.identity)
    }

    /// A user with a key that may assume the role `Reader`, and the role.
    async fn with_role(&self) -> Arc<Identity> {
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "sts:AssumeRole"},
        ]});
        self.ok("CreateRole", json!({"RoleName": "Reader", "AssumeRolePolicyDocument": trust.to_string()})).await;
        self.ok("PutRolePolicy", json!({"RoleName": "Reader", "PolicyName": "p", "PolicyDocument": ALLOW_READS})).await;
        self.ok("CreateUser", json!({"UserName": "bob"})).await;
        let assume = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]});
        self.ok("PutUserPolicy", json!({"UserName": "bob", "PolicyName": "p", "PolicyDocument": assume.to_string()}))
            .await;
        let key = self.ok("CreateAccessKey", json!({"UserName": "bob"})).await;
        self.find(key["AccessKey"]["AccessKeyId"].as_str().unwrap(), None).await.unwrap()
    }

    async fn assume(&self, who: &Arc<Identity>, input: Value) -> Answer {
        self.rig.call_as(Identity::clone(who), self.service("AssumeRole"), "AssumeRole", &input).await
    }
}

fn reader() -> Value {
    json!({"RoleArn": format!("arn:aws:iam::{ACCOUNT}:role/Reader"), "RoleSessionName": "i-1"})
}

fn parts(answer: &Answer) -> (String, String) {
    let text = |name: &str| answer.body["Credentials"][name].as_str().unwrap().to_owned();
    (text("AccessKeyId"), text("SessionToken"))
}

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
    realm.ok("CreateUser", json!({"UserName": "bob"})).await;
    let made = realm.ok("CreateAccessKey", json!({"UserName": "bob"})).await;
    let id = made["AccessKey"]["AccessKeyId"].as_str().unwrap();
    assert_eq!(realm.find(id, None).await.unwrap().user_identity.user_name.as_deref(), Some("bob"));
    let set = |status: &str| json!({"UserName": "bob", "AccessKeyId": id, "Status": status});
    realm.ok("UpdateAccessKey", set("Inactive")).await;
    assert!(matches!(realm.find(id, None).await, Err(IdentityError::Unknown)));
    realm.ok("UpdateAccessKey", set("Active")).await;
    realm.ok("DeleteAccessKey", json!({"UserName": "bob", "AccessKeyId": id})).await;
    assert!(matches!(realm.find(id, None).await, Err(IdentityError::Unknown)));
}

#[tokio::test]
async fn a_session_shows_its_role_expires_and_dies_with_the_role() {
    let realm = Realm::new().await;
    let bob = realm.with_role().await;
    let (key, token) = parts(&realm.assume(&bob, reader()).await);
    let session = realm.find(&key, Some(&token)).await.unwrap();
    let identity = serde_json::to_value(&session.user_identity).unwrap();
    assert_eq!(identity["type"], "AssumedRole");
    assert_eq!(identity["arn"], format!("arn:aws:sts::{ACCOUNT}:assumed-role/Reader/i-1"));
    assert_eq!(identity["sessionContext"]["sessionIssuer"]["userName"], "Reader");
    assert!(matches!(realm.find("ASIAOTHER", Some(&token)).await, Err(IdentityError::Unknown)));
    assert!(matches!(realm.find(&key, Some("nonsense")).await, Err(IdentityError::Unknown)));
    realm.rig.time.advance(Duration::from_secs(3601));
    assert!(matches!(realm.find(&key, Some(&token)).await, Err(IdentityError::Expired)));
    let (key, token) = parts(&realm.assume(&bob, reader()).await);
    realm.ok("DeleteRolePolicy", json!({"RoleName": "Reader", "PolicyName": "p"})).await;
    assert!(realm.find(&key, Some(&token)).await.unwrap().identity_policies.is_empty());
    realm.ok("DeleteRole", json!({"RoleName": "Reader"})).await;
    assert!(matches!(realm.find(&key, Some(&token)).await, Err(IdentityError::Unknown)));
}

#[tokio::test]
async fn assuming_a_role_leaves_neither_token_nor_secret_on_the_record() {
    let realm = Realm::new().await;
    let bob = realm.with_role().await;
    let answer = realm.assume(&bob, reader()).await;
    let record = realm.rig.last_record().await;
    assert_eq!(record["responseElements"]["credentials"]["accessKeyId"], answer.body["Credentials"]["AccessKeyId"]);
    let records = serde_json::to_string(&realm.rig.records().await).unwrap();
    for name in ["SecretAccessKey", "SessionToken"] {
        assert!(!records.contains(answer.body["Credentials"][name].as_str().unwrap()), "{name}");
    }
}

#[tokio::test]
async fn a_deny_by_source_address_in_the_trust_policy_keeps_the_role_closed() {
    let realm = Realm::new().await;
    let bob = realm.with_role().await;
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "sts:AssumeRole", "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}},
    ]});
    realm.ok("UpdateAssumeRolePolicy", json!({"RoleName": "Reader", "PolicyDocument": trust.to_string()})).await;
    let answer = realm.assume(&bob, reader()).await;
    assert_eq!((answer.status, answer.code()), (403, "AccessDenied"), "{}", answer.body);
}

#[tokio::test]
async fn a_missing_role_and_a_closed_one_look_the_same() {
    let realm = Realm::new().await;
    let bob = realm.with_role().await;
    let missing = json!({"RoleArn": format!("arn:aws:iam::{ACCOUNT}:role/None"), "RoleSessionName": "i-1"});
    let answer = realm.assume(&bob, missing).await;
    assert_eq!(answer.code(), "AccessDenied");
    assert!(
        answer.message().starts_with(&format!(
            "User: arn:aws:iam::{ACCOUNT}:user/bob is not authorized to perform: sts:AssumeRole"
        ))
    );
}

#[tokio::test]
async fn a_managed_policy_follows_its_default_version_and_cannot_go_while_attached() {
    let realm = Realm::new().await;
    realm.ok("CreateUser", json!({"UserName": "bob"})).await;
    let policy = realm.ok("CreatePolicy", json!({"PolicyName": "reads", "PolicyDocument": ALLOW_READS})).await;
    let arn = policy["Policy"]["Arn"].as_str().unwrap();
    realm.ok("AttachUserPolicy", json!({"UserName": "bob", "PolicyArn": arn})).await;
    assert_eq!(realm.call("DeletePolicy", json!({"PolicyArn": arn})).await.code(), "DeleteConflict");
    assert_eq!(realm.call("DeleteUser", json!({"UserName": "bob"})).await.code(), "DeleteConflict");
    let made = realm
        .ok("CreatePolicyVersion", json!({"PolicyArn": arn, "PolicyDocument": ALLOW_READS, "SetAsDefault": true}))
        .await;
    assert_eq!(made["PolicyVersion"]["VersionId"], "v2");
    realm.ok("DetachUserPolicy", json!({"UserName": "bob", "PolicyArn": arn})).await;
    realm.ok("DeletePolicyVersion", json!({"PolicyArn": arn, "VersionId": "v1"})).await;
    realm.ok("DeletePolicy", json!({"PolicyArn": arn})).await;
    let malformed = realm.call("CreatePolicy", json!({"PolicyName": "bad", "PolicyDocument": "{}"})).await;
    assert_eq!(malformed.code(), "MalformedPolicyDocument");
}

#[tokio::test]
async fn the_owner_of_a_key_is_made_once_and_anew_as_soon_as_any_row_behind_it_changes() {
    let realm = Realm::new().await;
    realm.ok("CreateUser", json!({"UserName": "bob"})).await;
    let made = realm.ok("CreateAccessKey", json!({"UserName": "bob"})).await;
    let id = made["AccessKey"]["AccessKeyId"].as_str().unwrap();
    let policy = realm.ok("CreatePolicy", json!({"PolicyName": "p", "PolicyDocument": ALLOW_READS})).await;
    let arn = policy["Policy"]["Arn"].as_str().unwrap();
    let mut last = realm.find(id, None).await.unwrap();
    assert!(Arc::ptr_eq(&last, &realm.find(id, None).await.unwrap()));
    let deny = ALLOW_READS.replace("Allow", "Deny");
    for (operation, input, policies, bounded) in [
        ("PutUserPolicy", json!({"UserName": "bob", "PolicyName": "i", "PolicyDocument": ALLOW_READS}), 1, false),
        ("PutUserPolicy", json!({"UserName": "bob", "PolicyName": "i", "PolicyDocument": deny}), 1, false),
        ("AttachUserPolicy", json!({"UserName": "bob", "PolicyArn": arn}), 2, false),
        ("CreatePolicyVersion", json!({"PolicyArn": arn, "PolicyDocument": deny, "SetAsDefault": true}), 2, false),
        ("PutUserPermissionsBoundary", json!({"UserName": "bob", "PermissionsBoundary": arn}), 2, true),
        (
            "CreatePolicyVersion",
            json!({"PolicyArn": arn, "PolicyDocument": ALLOW_READS, "SetAsDefault": true}),
            2,
            true,
        ),
        ("DeleteUserPermissionsBoundary", json!({"UserName": "bob"}), 2, false),
        ("DeleteUserPolicy", json!({"UserName": "bob", "PolicyName": "i"}), 1, false),
        ("DetachUserPolicy", json!({"UserName": "bob", "PolicyArn": arn}), 0, false),
    ] {
        realm.ok(operation, input).await;
        let found = realm.find(id, None).await.unwrap();
        assert!(!Arc::ptr_eq(&last, &found), "{operation}");
        assert_eq!((found.identity_policies.len(), found.boundary.is_some()), (policies, bounded), "{operation}");
        assert!(Arc::ptr_eq(&found, &realm.find(id, None).await.unwrap()), "{operation}");
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

#[tokio::test]
async fn a_changed_root_key_replaces_the_old_one() {
    let realm = Realm::new().await;
    for id in ["first", "second"] {
        let tx = realm.rig.ledger.begin();
        ensure_root(&realm.iam, &tx, &realm.rig.random, &account(), id, "a-secret").await.unwrap();
        realm.rig.ledger.commit(tx).await.unwrap();
    }
    assert!(matches!(realm.find("first", None).await, Err(IdentityError::Unknown)));
    assert_eq!(realm.find("second", None).await.unwrap().user_identity.kind.as_deref(), Some("Root"));
}

#[tokio::test]
async fn errors_have_awss_texts() {
    let realm = Realm::new().await;
    let answer = realm.call("GetUser", json!({"UserName": "nobody"})).await;
    assert_eq!((answer.status, answer.message()), (404, "The user with name nobody cannot be found."));
    realm.ok("CreateUser", json!({"UserName": "bob"})).await;
    let answer = realm.call("CreateUser", json!({"UserName": "bob"})).await;
    assert_eq!(
        (answer.status, answer.code(), answer.message()),
        (409, "EntityAlreadyExists", "User with name bob already exists.")
    );
}
