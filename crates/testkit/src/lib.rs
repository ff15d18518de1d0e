//! The fixture of the services' tests: a store, a journal and a dispatcher on a simulated clock, and callers with the
//! policies that a test gives them. A dev-dependency only.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a fixture that cannot be set up fails its test")]

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::{Clock, Random, SimClock, Timestamp};
use keeptrail_jobs::{Driver, Running};
use keeptrail_journal::{Journal, Ledger, Options};
use keeptrail_operation::{
    Attempt, Call, Dispatcher, Identities, Identity, IdentityError, NamedPolicy, Service, SessionFacts,
    SigningCredential,
};
use keeptrail_policy::{Policy, PolicyKind, Principal};
use keeptrail_record::UserIdentity;
use keeptrail_store::{Sqlite, Store, Tx};
use keeptrail_wire::Protocol;
use serde_json::Value;

/// The account of all tests.
pub const ACCOUNT: &str = "123456789012";
/// The region of all tests.
pub const REGION: &str = "us-east-1";
/// When every test begins.
pub const START: &str = "2026-03-01T12:00:00Z";

/// Everything a service stands on.
pub struct Rig {
    /// The hand that moves the time.
    pub time: SimClock,
    /// Store and journal.
    pub ledger: Ledger,
    /// Seeded randomness.
    pub random: Random,
    dispatcher: Dispatcher,
    _dir: tempfile::TempDir,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body as JSON; null when it is empty.
    pub body: Value,
}

impl Answer {
    /// The error's code.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body.get("__type").and_then(Value::as_str).unwrap_or_default()
    }

    /// The error's message.
    #[must_use]
    pub fn message(&self) -> &str {
        let message = self.body.get("Message").or_else(|| self.body.get("message"));
        message.and_then(Value::as_str).unwrap_or_default()
    }
}

/// Callers that conflict retries find again.
struct Known;

#[async_trait]
impl Identities for Known {
    async fn find(&self, _: &Tx, key: &str, _: Option<&str>) -> Result<SigningCredential, IdentityError> {
        let identity = if key == "root" { root() } else { return Err(IdentityError::Unknown) };
        Ok(SigningCredential { secret: zeroize::Zeroizing::new(b"secret".to_vec()), identity: Arc::new(identity) })
    }
}

/// The account's root user.
#[must_use]
pub fn root() -> Identity {
    Identity {
        account: ACCOUNT.parse().unwrap(),
        principal: Principal::AccountRoot { account: ACCOUNT.into() },
        user_identity: UserIdentity {
            kind: Some("Root".into()),
            principal_id: Some(ACCOUNT.into()),
            arn: Some(format!("arn:aws:iam::{ACCOUNT}:root")),
            account_id: Some(ACCOUNT.into()),
            access_key_id: Some("root".into()),
            ..UserIdentity::default()
        },
        facts: SessionFacts { user_id: ACCOUNT.into(), ..SessionFacts::default() },
        identity_policies: Vec::new(),
        boundary: None,
        session_policies: Vec::new(),
    }
}

/// An IAM user with one identity policy.
#[must_use]
pub fn user(name: &str, policy: &str) -> Identity {
    let policy = Policy::parse(policy, PolicyKind::Identity).unwrap();
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/{name}");
    Identity {
        principal: Principal::User { account: ACCOUNT.into(), arn: arn.clone() },
        user_identity: UserIdentity {
            kind: Some("IAMUser".into()),
            principal_id: Some("AIDAEXAMPLE".into()),
            arn: Some(arn),
            account_id: Some(ACCOUNT.into()),
            access_key_id: Some("root".into()),
            user_name: Some(name.into()),
            ..UserIdentity::default()
        },
        facts: SessionFacts { user_name: Some(name.into()), user_id: "AIDAEXAMPLE".into(), ..SessionFacts::default() },
        identity_policies: vec![NamedPolicy::new("the test's policy", Arc::new(policy))],
        ..root()
    }
}

impl Rig {
    /// A fresh one in a directory of its own.
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let start: Timestamp = START.parse().unwrap();
        let time = SimClock::new(start);
        let clock = time.clock();
        let store = Store::new(Sqlite::open(&dir.path().join("store.db")).unwrap(), 8 << 20);
        let journal = Journal::open(&dir.path().join("journal"), Options::default(), clock.clone()).unwrap();
        let ledger = Ledger::open(store, journal, clock.clone()).await.unwrap();
        let random = Random::seeded(42);
        let dispatcher = Dispatcher::new(Arc::new(ledger.clone()), Arc::new(Known), clock, random.clone());
        Self { time, ledger, random, dispatcher, _dir: dir }
    }

    /// The clock to hand to the code under test.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.time.clock()
    }

    /// A driver for the jobs under test.
    #[must_use]
    pub fn driver(&self) -> Driver {
        Driver::new(self.ledger.clone(), self.clock())
    }

    /// Moves the time and lets the jobs do what has become due.
    pub async fn advance(&self, jobs: &Running, by: Duration) {
        self.time.advance(by);
        // The sleepers that the new time wakes must run before anybody asks whether all is at rest.
        for _ in 0..64 {
            tokio::task::yield_now().await;
        }
        jobs.settle().await;
    }

    /// Calls an operation as root, in JSON.
    pub async fn call(&self, service: &Service, operation: &str, input: &Value) -> Answer {
        self.call_as(root(), service, operation, input).await
    }

    /// Calls an operation as somebody, in JSON.
    pub async fn call_as(&self, identity: Identity, service: &Service, operation: &str, input: &Value) -> Answer {
        let body = Bytes::from(serde_json::to_vec(input).unwrap());
        let encoded = self.raw(identity, service, operation, Protocol::AwsJson11, body).await;
        let body = if encoded.body.is_empty() { Value::Null } else { serde_json::from_slice(&encoded.body).unwrap() };
        Answer { status: encoded.status, body }
    }

    /// Calls an operation in any protocol.
    pub async fn raw(
        &self,
        identity: Identity,
        service: &Service,
        operation: &str,
        protocol: Protocol,
        body: Bytes,
    ) -> keeptrail_wire::Encoded {
        let (call, attempt) = self.begin(identity);
        service.operation(operation).unwrap().call(&self.dispatcher, &call, attempt, protocol, body).await
    }

    /// A call by somebody whose signature was verified, and its transaction: what the gateway hands over.
    #[must_use]
    pub fn begin(&self, identity: Identity) -> (Call, Attempt) {
        let call = Call {
            request_id: self.random.uuid().unwrap(),
            region: region(),
            access_key_id: (identity.principal != Principal::Anonymous).then(|| "root".into()),
            session_token: None,
            source_ip: Ipv4Addr::new(198, 51, 100, 7).into(),
            user_agent: Some("aws-cli/2".into()),
            tls: None,
        };
        let attempt = Attempt { tx: self.dispatcher.begin(), identity: Arc::new(identity) };
        (call, attempt)
    }

    /// Runs operations.
    #[must_use]
    pub fn dispatcher(&self) -> &Dispatcher {
        &self.dispatcher
    }

    /// All records of the journal, oldest first.
    pub async fn records(&self) -> Vec<Value> {
        self.ledger.settled().await;
        let entries = self.ledger.journal().read(0, usize::MAX, usize::MAX).await.unwrap();
        entries.iter().map(|entry| serde_json::from_slice(&entry.record).unwrap()).collect()
    }

    /// The newest record.
    pub async fn last_record(&self) -> Value {
        self.records().await.pop().unwrap()
    }
}

/// The tests' account.
#[must_use]
pub fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

/// The tests' region.
#[must_use]
pub fn region() -> Region {
    REGION.parse().unwrap()
}
