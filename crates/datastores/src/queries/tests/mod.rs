//! Queries as a caller sees them.

mod delivery;
mod results;
mod rights;
mod runs;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bytes::Bytes;
use keeptrail_envelope::{Keyring, RootKey};
use keeptrail_jobs::Running;
use keeptrail_lake::{BatchBuilder, Lake, Layout};
use keeptrail_operation::{Identity, Json, Service, ServiceMeta, codes};
use keeptrail_policy::Principal;
use keeptrail_sql::Limits;
use keeptrail_store::Tx;
use keeptrail_testkit::{ACCOUNT, Answer, REGION, Rig, root};
use keeptrail_wire::{MessageKey, Protocol};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Queries, QueryParts, QueryRetention, QueryRuns, ResultFile, ResultProblem, ResultSink, limits};
use crate::{DataStores, model::STORES, place::Place, query_operations};

pub(crate) const STORE: &str = "0b2e9a1c-1111-4222-8333-abcdefabcdef";
pub(crate) const OTHER: &str = "0b2e9a1c-1111-4222-8333-00000000000a";
pub(crate) const BUCKET: &str = "results";

pub(crate) static META: ServiceMeta = ServiceMeta {
    name: "cloudtrail",
    signing_name: "cloudtrail",
    event_source: "cloudtrail.amazonaws.com",
    api_version: None,
    global_region: None,
    json: Some(Json {
        targets: &["CloudTrail_20131101"],
        protocol: Protocol::AwsJson11,
        message_key: MessageKey::Lower,
    }),
    query: None,
    cbor: None,
    access_denied: codes::ACCESS_DENIED,
    internal: codes::INTERNAL,
};

/// A bucket in memory, and what stops it.
#[derive(Default)]
pub(crate) struct Bucket {
    pub(crate) files: Mutex<BTreeMap<String, Bytes>>,
    /// Keys that end so are not taken.
    pub(crate) closed_to: Mutex<Option<&'static str>>,
    pub(crate) gone: Mutex<bool>,
}

#[async_trait]
impl ResultSink for Bucket {
    async fn check(&self, _: &Tx, _: &str, bucket: &str, folder: &str, store: &str) -> Result<(), ResultProblem> {
        assert!(
            folder.ends_with('/') && store.starts_with("arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/")
        );
        match bucket {
            _ if *self.gone.lock().unwrap() => Err(ResultProblem::NoBucket),
            BUCKET => Ok(()),
            "closed" => Err(ResultProblem::Policy),
            _ => Err(ResultProblem::NoBucket),
        }
    }

    async fn put(&self, file: &ResultFile<'_>) -> Result<(), ResultProblem> {
        if self.closed_to.lock().unwrap().is_some_and(|end| file.key.ends_with(end)) {
            return Err(ResultProblem::Policy);
        }
        let before = self.files.lock().unwrap().insert(file.key.to_owned(), file.body.clone());
        assert!(before.is_none_or(|before| before == file.body), "{} was written with other content", file.key);
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) rig: Rig,
    pub(crate) bucket: Arc<Bucket>,
    pub(crate) queries: Arc<Queries>,
    pub(crate) service: Service,
    keyring: Arc<Keyring>,
    pub(crate) stores: Arc<DataStores>,
    lake: Lake,
    directory: TempDir,
}

impl World {
    /// An event data store with 10 events, and another one.
    pub(crate) async fn new() -> Self {
        Self::with_limits(limits()).await
    }

    pub(crate) async fn with_limits(limits: Limits) -> Self {
        let rig = Rig::new().await;
        let directory = tempfile::tempdir().unwrap();
        let root = RootKey::from_bytes(&[7; 32]).unwrap();
        let keyring = Arc::new(Keyring::generate(&rig.random, &root).unwrap().0);
        let lake =
            Lake::new(directory.path().join("lake"), rig.ledger.store().clone(), rig.clock(), rig.random.clone());
        let stores = DataStores::open_with(lake.clone(), rig.clock(), limits).await.unwrap();
        let bucket = Arc::new(Bucket::default());
        let queries = open(&rig, &keyring, &stores, &bucket, &directory).await;
        let service = Service::new(&META, query_operations(&META, &queries));
        let world = Self { rig, bucket, queries, service, keyring, stores, lake, directory };
        world.add_store(STORE, json!(null)).await;
        world.add_store(OTHER, json!(null)).await;
        world.append(STORE, (0..10).map(event).collect()).await;
        world
    }

    /// The same after a stop and a start.
    pub(crate) async fn restarted(self) -> Self {
        let queries = open(&self.rig, &self.keyring, &self.stores, &self.bucket, &self.directory).await;
        let service = Service::new(&META, query_operations(&META, &queries));
        Self { queries, service, ..self }
    }

    /// Adds an event data store, or changes whether it was deleted.
    pub(crate) async fn add_store(&self, id: &str, deleted: Value) {
        let tx = self.rig.ledger.begin();
        let found = STORES.get(&tx, &[ACCOUNT]).await.unwrap();
        let mut set = found.map(|set| serde_json::to_value(&*set).unwrap()).unwrap_or_else(|| json!({"stores": {}}));
        let is_new = set["stores"].get(id).is_none();
        set["stores"][id] = json!({
            "id": id, "name": id, "arn": arn(id), "region": REGION, "selection": {"advanced": [], "multi_region": true},
            "retention_days": 2557, "billing_mode": "FIXED_RETENTION_PRICING", "protected": false, "tags": [],
            "created": "2026-03-01T12:00:00Z", "updated": "2026-03-01T12:00:00Z",
            "spans": [{"from": "2026-03-01T12:00:00Z", "to": null, "selection": null}], "deleted": deleted,
        });
        STORES.put(&tx, &[ACCOUNT], &serde_json::from_value(set).unwrap()).unwrap();
        if is_new {
            self.lake.create(&tx, id, Layout::default()).await.unwrap();
        }
        self.rig.ledger.commit(tx).await.unwrap();
    }

    pub(crate) async fn append(&self, store: &str, events: Vec<String>) {
        let store = self.lake.event_store(store).await.unwrap();
        let staged = tokio::task::spawn_blocking(move || {
            let mut batch = BatchBuilder::new(Layout::default()).unwrap();
            events.iter().for_each(|event| batch.push(event).unwrap());
            let mut appender = store.appender();
            appender.append(&mut batch).unwrap();
            appender.stage().unwrap()
        });
        let staged = staged.await.unwrap();
        let tx = self.lake.begin();
        staged.name(&tx).unwrap();
        self.lake.catalog().commit(tx).await.unwrap();
        staged.adopt(None);
    }

    /// Adds events as the journal's follower does: no file has them.
    pub(crate) async fn follow(&self, store: &str, events: Vec<String>) {
        let store = self.lake.event_store(store).await.unwrap();
        let mut batch = BatchBuilder::new(Layout::default()).unwrap();
        events.iter().for_each(|event| batch.push(event).unwrap());
        store.follow(1, &mut batch).unwrap();
    }

    /// Starts the jobs.
    pub(crate) fn jobs(&self) -> Running {
        let mut driver = self.rig.driver();
        driver.task(QueryRuns::new(Arc::clone(&self.queries)));
        driver.task(QueryRetention::new(Arc::clone(&self.queries)));
        driver.start()
    }

    pub(crate) async fn settle(&self, jobs: &Running) {
        jobs.settle().await;
        self.queries.at_rest().await;
        jobs.settle().await;
    }

    pub(crate) async fn call(&self, operation: &str, input: Value) -> Answer {
        self.rig.call(&self.service, operation, &input).await
    }

    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    pub(crate) async fn start(&self, statement: &str) -> String {
        let started = self.ok("StartQuery", json!({"QueryStatement": statement})).await;
        started["QueryId"].as_str().unwrap().to_owned()
    }

    /// The query once it has this status.
    pub(crate) async fn until(&self, id: &str, status: &str) -> Value {
        loop {
            let described = self.ok("DescribeQuery", json!({"QueryId": id})).await;
            if described["QueryStatus"] == status {
                return described;
            }
            tokio::task::yield_now().await;
        }
    }

    /// A statement's rows, once it has them.
    pub(crate) async fn answer(&self, statement: &str) -> Value {
        let jobs = self.jobs();
        let id = self.start(statement).await;
        self.settle(&jobs).await;
        jobs.drain().await;
        self.ok("GetQueryResults", json!({"QueryId": id})).await
    }

    /// Files of results on disk.
    pub(crate) fn files(&self) -> usize {
        std::fs::read_dir(self.directory.path().join("results")).unwrap().count()
    }
}

async fn open(
    rig: &Rig,
    keyring: &Arc<Keyring>,
    stores: &Arc<DataStores>,
    bucket: &Arc<Bucket>,
    directory: &TempDir,
) -> Arc<Queries> {
    let parts = QueryParts {
        ledger: rig.ledger.clone(),
        keyring: Arc::clone(keyring),
        clock: rig.clock(),
        random: rig.random.clone(),
        stores: Arc::clone(stores),
        sink: Arc::clone(bucket) as Arc<dyn ResultSink>,
        directory: directory.path().join("results"),
    };
    Queries::open(parts).await.unwrap()
}

pub(crate) fn arn(id: &str) -> String {
    format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:eventdatastore/{id}")
}

pub(crate) fn place(id: &str) -> Place {
    Place { account: ACCOUNT.to_owned(), region: REGION.to_owned(), id: id.to_owned() }
}

/// A read of a secret, by the instance's role when the number is even.
pub(crate) fn event(number: u64) -> String {
    let role = if number.is_multiple_of(2) { "EthosInstanceRole" } else { "Laptop" };
    json!({
        "eventVersion": "1.11",
        "userIdentity": {"type": "AssumedRole", "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/i-{number}")},
        "eventTime": format!("2026-03-01T11:00:{number:02}Z"),
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "GetSecretValue",
        "sourceIPAddress": "192.0.2.1",
        "requestParameters": {"secretId": "ethos/prod/channels/telegram/default/botToken"},
        "eventID": format!("00000000-0000-4000-8000-{number:012x}"),
    })
    .to_string()
}

/// The root user of another account.
pub(crate) fn stranger() -> Identity {
    let account = "999999999999";
    let mut identity = root();
    identity.account = account.parse().unwrap();
    identity.principal = Principal::AccountRoot { account: account.into() };
    identity
}
