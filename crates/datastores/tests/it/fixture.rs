//! Event data stores over a Lake in a directory of its own, which can be started again and again.

use std::{path::PathBuf, sync::Arc, time::Duration};

use keeptrail_clock::Timestamp;
use keeptrail_datastores::{DataStores, Ingestion, Upkeep, operations};
use keeptrail_jobs::{Running, Task};
use keeptrail_journal::Record;
use keeptrail_lake::Lake;
use keeptrail_operation::{ErrorCode, Identity, Json, Service, ServiceMeta, codes};
use keeptrail_policy::Principal;
use keeptrail_sql::{Engine, Limits, Stores};
use keeptrail_testkit::{ACCOUNT, Answer, REGION, Rig, root};
use keeptrail_wire::{MessageKey, Protocol};
use serde_json::{Value, json};

pub(crate) const INTERVAL: Duration = Duration::from_secs(300);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);
pub(crate) const OTHER_ACCOUNT: &str = "210987654321";

static META: ServiceMeta = ServiceMeta {
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
    internal: ErrorCode::server("InternalFailure"),
};

/// A started process.
pub(crate) struct Stage {
    pub(crate) rig: Rig,
    pub(crate) service: Service,
    pub(crate) stores: Arc<DataStores>,
    pub(crate) lake: Lake,
    directory: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::on(Rig::new().await, tempfile::tempdir().unwrap()).await
    }

    async fn on(rig: Rig, directory: tempfile::TempDir) -> Self {
        let lake = Lake::new(
            directory.path().join("lake"),
            rig.ledger.store().clone(),
            rig.clock(),
            keeptrail_clock::Random::system(),
        );
        let stores = DataStores::open(lake.clone(), rig.clock()).await.unwrap();
        let service = Service::new(&META, operations(&META, &stores));
        Self { rig, service, stores, lake, directory }
    }

    /// What a process that was killed leaves, started again.
    pub(crate) async fn restart(self) -> Self {
        Self::on(self.rig, self.directory).await
    }

    pub(crate) fn ingestion(&self) -> Ingestion {
        Ingestion::new(Arc::clone(&self.stores)).unwrap().every(INTERVAL)
    }

    /// Runs the jobs.
    pub(crate) fn jobs(&self) -> Running {
        let mut driver = self.rig.driver();
        driver.follower(self.ingestion());
        driver.start()
    }

    pub(crate) async fn upkeep(&self) {
        Upkeep::new(Arc::clone(&self.stores), self.rig.ledger.clone()).run(self.rig.clock().now()).await.unwrap();
    }

    pub(crate) async fn call(&self, operation: &str, input: Value) -> Answer {
        self.rig.call(&self.service, operation, &input).await
    }

    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    /// Makes a store that can be deleted; its ARN.
    pub(crate) async fn store(&self, name: &str, more: Value) -> String {
        let mut input = json!({"Name": name, "TerminationProtectionEnabled": false});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.ok("CreateEventDataStore", input).await;
        made["EventDataStoreArn"].as_str().unwrap().to_owned()
    }

    /// Appends a record of a read as another service would.
    pub(crate) async fn record(&self, number: u32, more: Value) {
        let now = self.rig.clock().now();
        let event_id = format!("{number:08}-1111-4111-8111-111111111111");
        let mut record = json!({
            "eventVersion": "1.11", "eventID": event_id, "eventTime": second(now), "awsRegion": REGION,
            "eventSource": "secretsmanager.amazonaws.com", "eventName": "GetSecretValue", "readOnly": true,
            "eventType": "AwsApiCall", "managementEvent": true, "eventCategory": "Management",
            "requestParameters": {"secretId": "prod/db"}, "recipientAccountId": ACCOUNT,
        });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let bytes = record.to_string().into();
        self.rig.ledger.journal().append(vec![Record { event_id, bytes }]).await.unwrap();
    }

    /// The numbers of the recorded reads that a store has, sorted.
    pub(crate) async fn reads(&self, arn: &str) -> Vec<u32> {
        let query = "SELECT eventid FROM s WHERE eventname = 'GetSecretValue' ORDER BY eventid";
        let ids = self.query(arn, query).await;
        ids.iter().map(|row| row[0].get(..8).unwrap().parse().unwrap()).collect()
    }

    /// The names of all calls that a store has, in the order of their time and name.
    pub(crate) async fn names(&self, arn: &str) -> Vec<String> {
        let rows = self.query(arn, "SELECT eventname FROM s ORDER BY eventtime, eventname").await;
        rows.into_iter().map(|mut row| row.remove(0)).collect()
    }

    /// Asks a store, which the statement calls `s`.
    pub(crate) async fn query(&self, arn: &str, statement: &str) -> Vec<Vec<String>> {
        let store = self.lake.event_store(id(arn)).await.unwrap();
        let stores = Stores::new().with("s", Arc::new(store.table()));
        let engine = Engine::builder(Limits::default()).clock(self.rig.clock()).build().unwrap();
        let mut answer = engine.query(statement, &stores).await.unwrap();
        let mut rows = Vec::new();
        while let Some(page) = answer.next_rows().await.unwrap() {
            rows.extend(page.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()));
        }
        rows
    }

    /// Where a store's files are.
    pub(crate) fn files(&self, arn: &str) -> PathBuf {
        self.lake.root().join(id(arn))
    }
}

/// A store's id.
pub(crate) fn id(arn: &str) -> &str {
    arn.rsplit_once('/').unwrap().1
}

fn second(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap().to_string()
}

/// The root user of another account.
pub(crate) fn stranger() -> Identity {
    let principal = Principal::AccountRoot { account: OTHER_ACCOUNT.into() };
    Identity { account: OTHER_ACCOUNT.parse().unwrap(), principal, ..root() }
}
