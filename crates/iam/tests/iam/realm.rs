//! The fixture: IAM and STS on a simulated clock, called as the gateway calls them.

use std::sync::Arc;

use bytes::Bytes;
use keeptrail_clock::Random;
use keeptrail_envelope::{Keyring, RootKey};
use keeptrail_iam::{Iam, services};
use keeptrail_operation::{Attempt, Dispatcher, Identities, Identity, IdentityError, Service};
use keeptrail_testkit::{ACCOUNT, Answer, Rig, root};
use keeptrail_wire::Protocol;
use serde_json::{Value, json};

/// Allows everything.
pub(crate) const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

pub(crate) struct Realm {
    pub(crate) rig: Rig,
    pub(crate) iam: Arc<Iam>,
    services: Vec<Service>,
    /// Finds callers anew after a conflict, as the server does.
    dispatcher: Dispatcher,
}

/// What a client signs with.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) token: Option<String>,
}

impl Realm {
    pub(crate) async fn new() -> Self {
        let root = RootKey::from_bytes(&[7; 32]).unwrap();
        let (keyring, _) = Keyring::generate(&Random::seeded(1), &root).unwrap();
        let iam = Iam::new(Arc::new(keyring));
        let rig = Rig::new().await;
        let identities: Arc<dyn Identities> = Arc::clone(&iam) as Arc<dyn Identities>;
        let dispatcher = Dispatcher::new(Arc::new(rig.ledger.clone()), identities, rig.clock(), rig.random.clone());
        Self { services: services(&iam), rig, iam, dispatcher }
    }

    pub(crate) fn service(&self, operation: &str) -> &Service {
        self.services.iter().find(|service| service.operation(operation).is_some()).unwrap()
    }

    /// Calls as root.
    pub(crate) async fn call(&self, operation: &str, input: Value) -> Answer {
        self.rig.call(self.service(operation), operation, &input).await
    }

    /// Calls as root; it must succeed.
    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    /// Calls as root; it must fail. The error's code and message.
    pub(crate) async fn refused(&self, operation: &str, input: Value) -> (String, String) {
        let answer = self.call(operation, input).await;
        assert!(answer.status >= 400, "{operation}: {}", answer.body);
        (answer.code().to_owned(), answer.message().to_owned())
    }

    pub(crate) async fn find(&self, key: &Key) -> Result<Arc<Identity>, IdentityError> {
        let tx = self.rig.ledger.begin();
        self.iam.find(&tx, &key.id, key.token.as_deref()).await.map(|found| found.identity)
    }

    /// Begins a call as the owner of `key`: who that is and what it may do is read in the call's own transaction.
    pub(crate) async fn begin(&self, key: &Key) -> Result<Attempt, IdentityError> {
        let tx = self.dispatcher.begin();
        let identity = self.iam.find(&tx, &key.id, key.token.as_deref()).await?.identity;
        Ok(Attempt { tx, identity })
    }

    /// Calls as the owner of `key`.
    pub(crate) async fn call_with(&self, key: &Key, operation: &str, input: Value) -> Answer {
        let attempt = self.begin(key).await.unwrap_or_else(|error| panic!("{operation}: {error}"));
        self.finish(attempt, key, operation, input).await
    }

    /// Ends a call that was begun, perhaps long ago.
    pub(crate) async fn finish(&self, attempt: Attempt, key: &Key, operation: &str, input: Value) -> Answer {
        let (mut call, _) = self.rig.begin(root());
        call.access_key_id = Some(key.id.clone());
        call.session_token.clone_from(&key.token);
        let body = Bytes::from(serde_json::to_vec(&input).unwrap());
        let operation = self.service(operation).operation(operation).unwrap();
        let encoded = operation.call(&self.dispatcher, &call, attempt, Protocol::AwsJson11, body).await;
        let body = if encoded.body.is_empty() { Value::Null } else { serde_json::from_slice(&encoded.body).unwrap() };
        Answer { status: encoded.status, body }
    }

    /// A user with a key and one inline policy.
    pub(crate) async fn user(&self, name: &str, policy: &str) -> Key {
        self.ok("CreateUser", json!({"UserName": name})).await;
        self.ok("PutUserPolicy", json!({"UserName": name, "PolicyName": "p", "PolicyDocument": policy})).await;
        let made = self.ok("CreateAccessKey", json!({"UserName": name})).await;
        Key { id: made["AccessKey"]["AccessKeyId"].as_str().unwrap().to_owned(), token: None }
    }

    /// A role with one inline policy.
    pub(crate) async fn role(&self, name: &str, trust: &Value, policy: &str) {
        self.ok("CreateRole", json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()})).await;
        self.ok("PutRolePolicy", json!({"RoleName": name, "PolicyName": "p", "PolicyDocument": policy})).await;
    }

    /// Assumes a role; it must succeed.
    pub(crate) async fn assume(&self, who: &Key, input: Value) -> Key {
        session(&self.call_with(who, "AssumeRole", input).await)
    }
}

/// The session of an answer.
pub(crate) fn session(answer: &Answer) -> Key {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = |name: &str| answer.body["Credentials"][name].as_str().unwrap().to_owned();
    Key { id: text("AccessKeyId"), token: Some(text("SessionToken")) }
}

/// What AssumeRole is asked for the role `name`, with `more` members.
pub(crate) fn assuming(name: &str, more: Value) -> Value {
    let mut input = json!({"RoleArn": role_arn(name), "RoleSessionName": "i-1"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

pub(crate) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

pub(crate) fn policy_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

/// A policy document of these statements.
pub(crate) fn document(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A document that allows one action on everything.
pub(crate) fn allow(action: &str) -> String {
    document(&json!([{"Effect": "Allow", "Action": action, "Resource": "*"}]))
}

/// A trust policy for everybody in the account, with a condition.
pub(crate) fn trust(condition: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], "Condition": condition,
    }]})
}
