//! Imports as a caller sees them.

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use keeptrail_archive::{Object, Objects};
use keeptrail_jobs::Running;
use keeptrail_operation::Service;
use keeptrail_store::Tx;
use keeptrail_testkit::{ACCOUNT, Answer, user};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{ImportFrom, ImportParts, ImportRuns, ImportSource, Imports, SourceProblem};
use crate::{
    import_operations, operations,
    queries::tests::{META, OTHER, STORE, World, arn, event},
};

const ROLE: &str = "arn:aws:iam::123456789012:role/import";

/// A bucket in memory, which gives out as many objects as it is told to.
#[derive(Debug)]
struct Archive {
    files: Mutex<BTreeMap<String, Bytes>>,
    gate: Semaphore,
}

#[async_trait]
impl Objects for Archive {
    async fn page(&self, after: Option<String>) -> Result<(Vec<Object>, Option<String>), String> {
        let files = self.files.lock().unwrap();
        let rest = files.iter().filter(|(key, _)| after.as_ref().is_none_or(|after| *key > after));
        let page: Vec<_> = rest
            .take(2)
            .map(|(key, body)| Object { key: key.clone(), size: body.len() as u64, version: "1".to_owned() })
            .collect();
        let next = page.last().map(|object| object.key.clone()).filter(|_| page.len() == 2);
        Ok((page, next))
    }

    async fn get(&self, object: &Object) -> Result<Bytes, String> {
        self.gate.acquire().await.unwrap().forget();
        Ok(self.files.lock().unwrap()[&object.key].clone())
    }
}

struct Source(Arc<Archive>);

#[async_trait]
impl ImportSource for Source {
    async fn check(&self, _: &Tx, from: &ImportFrom) -> Result<(), SourceProblem> {
        match from.bucket.as_str() {
            "trails" if from.role_arn == ROLE => Ok(()),
            "trails" => Err(SourceProblem::Role("the role may not do s3:ListBucket".to_owned())),
            _ => Err(SourceProblem::NoBucket),
        }
    }

    fn objects(&self, _: &ImportFrom) -> Arc<dyn Objects> {
        Arc::clone(&self.0) as Arc<dyn Objects>
    }
}

struct Importing {
    world: World,
    archive: Arc<Archive>,
    imports: Arc<Imports>,
    service: Service,
}

impl Importing {
    /// Five log files of ten events each into a store that has the first ten already; one file more is broken.
    async fn new() -> Self {
        let world = World::new().await;
        let mut files = BTreeMap::new();
        for file in 0..5 {
            let records: Vec<Value> =
                (0..10).map(|number| serde_json::from_str(&event(file * 10 + number)).unwrap()).collect();
            let mut packed = GzEncoder::new(Vec::new(), Compression::default());
            packed.write_all(json!({"Records": records}).to_string().as_bytes()).unwrap();
            files.insert(key(file), Bytes::from(packed.finish().unwrap()));
        }
        files.insert(key(5), Bytes::from_static(b"\x1f\x8bbroken"));
        let archive = Arc::new(Archive { files: Mutex::new(files), gate: Semaphore::new(1_000) });
        let (imports, service) = open(&world, &archive);
        Self { world, archive, imports, service }
    }

    /// The same after a stop and a start.
    fn restarted(self) -> Self {
        let (imports, service) = open(&self.world, &self.archive);
        Self { imports, service, ..self }
    }

    fn jobs(&self) -> Running {
        let mut driver = self.world.rig.driver();
        driver.task(ImportRuns::new(Arc::clone(&self.imports)));
        driver.start()
    }

    async fn settle(&self, jobs: &Running) {
        jobs.settle().await;
        self.imports.at_rest().await;
        jobs.settle().await;
    }

    async fn call(&self, operation: &str, input: Value) -> Answer {
        self.world.rig.call(&self.service, operation, &input).await
    }

    async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    async fn start(&self, input: Value) -> String {
        self.ok("StartImport", input).await["ImportId"].as_str().unwrap().to_owned()
    }

    fn events(&self) -> impl Future<Output = u64> {
        let stores = Arc::clone(&self.world.stores);
        async move { stores.lake.event_store(STORE).await.unwrap().statistics().events }
    }
}

fn open(world: &World, archive: &Arc<Archive>) -> (Arc<Imports>, Service) {
    let parts = ImportParts {
        ledger: world.rig.ledger.clone(),
        clock: world.rig.clock(),
        stores: Arc::clone(&world.stores),
        source: Arc::new(Source(Arc::clone(archive))),
    };
    let imports = Imports::open(parts).unwrap();
    let service = Service::new(&META, import_operations(&META, &imports));
    (imports, service)
}

fn key(file: u64) -> String {
    let day = file + 1;
    format!(
        "AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/03/0{day}/{ACCOUNT}_CloudTrail_us-east-1_2026030{day}T1200Z_abc.json.gz"
    )
}

fn input() -> Value {
    json!({
        "Destinations": [arn(STORE)],
        "ImportSource": {"S3": {
            "S3LocationUri": "s3://trails", "S3BucketRegion": "us-east-1", "S3BucketAccessRoleArn": ROLE,
        }},
    })
}

#[tokio::test]
async fn log_files_are_taken_in_once_and_broken_ones_are_listed() {
    let importing = Importing::new().await;
    let jobs = importing.jobs();
    let started = importing.ok("StartImport", input()).await;
    let record = importing.world.rig.last_record().await;
    importing.settle(&jobs).await;
    let import = json!({"ImportId": started["ImportId"]});
    let got = importing.ok("GetImport", import.clone()).await;
    insta::assert_json_snapshot!(json!({
        "StartImport": started,
        "record of StartImport": {"request": record["requestParameters"], "response": record["responseElements"]},
        "GetImport": got,
        "ListImportFailures": importing.ok("ListImportFailures", import.clone()).await,
        "ListImports": importing.ok("ListImports", json!({"Destination": STORE, "ImportStatus": "FAILED"})).await,
    }));
    assert_eq!(importing.events().await, 50, "ten were there before");
    assert_eq!(importing.ok("ListImports", json!({"Destination": OTHER})).await, json!({"Imports": []}));

    importing.archive.files.lock().unwrap().remove(&key(5));
    importing.ok("StartImport", import.clone()).await;
    importing.settle(&jobs).await;
    let retried = importing.ok("GetImport", import.clone()).await;
    assert_eq!((&retried["ImportStatus"], importing.events().await), (&json!("COMPLETED"), 50));
    assert_eq!(importing.ok("ListImportFailures", import.clone()).await, json!({"Failures": []}));
    assert_eq!(importing.call("StartImport", import).await.code(), "InvalidParameterException");
    jobs.drain().await;
}

#[tokio::test]
async fn one_import_goes_on_at_a_time_and_is_stopped() {
    let importing = Importing::new().await;
    importing.archive.gate.forget_permits(1_000);
    let jobs = importing.jobs();
    let id = importing.start(input()).await;
    let import = json!({"ImportId": id});
    loop {
        let got = importing.ok("GetImport", import.clone()).await;
        if got["ImportStatus"] == "IN_PROGRESS" {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(importing.call("StartImport", input()).await.code(), "AccountHasOngoingImportException");
    let store_operations = Service::new(&META, operations(&META, &importing.world.stores));
    let change = async |operation: &str, store: &str| {
        importing.world.rig.call(&store_operations, operation, &json!({"EventDataStore": store})).await
    };
    for operation in ["UpdateEventDataStore", "DeleteEventDataStore"] {
        let refused = change(operation, STORE).await;
        assert_eq!(refused.code(), "EventDataStoreHasOngoingImportException", "{operation}");
    }
    assert_eq!(change("UpdateEventDataStore", OTHER).await.status, 200);
    let stopped = importing.ok("StopImport", import.clone()).await;
    assert_eq!(stopped["ImportStatus"], "STOPPED");
    assert_eq!(importing.call("StopImport", import.clone()).await.code(), "InvalidParameterException");
    jobs.settle().await;
    importing.archive.gate.add_permits(1_000);
    importing.settle(&jobs).await;
    assert_eq!(importing.ok("GetImport", import.clone()).await["ImportStatus"], "STOPPED");
    assert!(importing.events().await < 50, "it stopped");
    assert_eq!(change("UpdateEventDataStore", STORE).await.status, 200);

    importing.ok("StartImport", import.clone()).await;
    importing.settle(&jobs).await;
    assert_eq!(
        (importing.events().await, importing.ok("GetImport", import).await["ImportStatus"].clone()),
        (50, json!("FAILED"))
    );
    jobs.drain().await;
}

#[tokio::test]
async fn an_import_that_a_stop_of_the_server_interrupted_goes_on_without_doubles() {
    let importing = Importing::new().await;
    let id = importing.start(input()).await;
    let importing = importing.restarted();
    let jobs = importing.jobs();
    importing.settle(&jobs).await;
    let got = importing.ok("GetImport", json!({"ImportId": id})).await;
    assert_eq!((&got["ImportStatus"], importing.events().await), (&json!("FAILED"), 50));
    jobs.drain().await;
}

#[tokio::test]
async fn a_time_range_chooses_files_and_events() {
    let importing = Importing::new().await;
    let jobs = importing.jobs();
    let mut ranged = input();
    // All events are of 11:00:NN on the first of March, whatever their file's day.
    ranged["StartEventTime"] = json!(1_772_362_800 + 15);
    ranged["EndEventTime"] = json!(1_772_362_800 + 35);
    let id = importing.start(ranged).await;
    importing.settle(&jobs).await;
    let got = importing.ok("GetImport", json!({"ImportId": id})).await;
    assert_eq!((&got["ImportStatus"], &got["ImportStatistics"]["FilesCompleted"]), (&json!("COMPLETED"), &json!(2)));
    assert_eq!(importing.events().await, 10 + 5, "the files of two days, the events of the range");
    jobs.drain().await;
}

#[tokio::test]
async fn what_cannot_be_imported_is_refused() {
    let importing = Importing::new().await;
    let with = |path: &str, value: Value| {
        let mut input = input();
        *input.pointer_mut(path).unwrap() = value;
        input
    };
    let mut backwards = input();
    backwards["StartEventTime"] = json!(2);
    backwards["EndEventTime"] = json!(1);
    for (input, code) in [
        (json!({}), "InvalidParameterException"),
        (json!({"Destinations": [STORE]}), "InvalidParameterException"),
        (json!({"ImportId": "00000000-0000-4000-8000-000000000000"}), "ImportNotFoundException"),
        (with("/Destinations", json!([STORE, OTHER])), "InvalidParameterException"),
        (with("/Destinations/0", json!("0b2e9a1c-1111-4222-8333-ffffffffffff")), "EventDataStoreNotFoundException"),
        (
            with("/Destinations/0", json!(arn(STORE).replace(ACCOUNT, "999999999999"))),
            "EventDataStoreARNInvalidException",
        ),
        (with("/ImportSource/S3/S3LocationUri", json!("trails")), "InvalidImportSourceException"),
        (with("/ImportSource/S3/S3LocationUri", json!("s3://nowhere")), "InvalidImportSourceException"),
        (
            with("/ImportSource/S3/S3BucketAccessRoleArn", json!("arn:aws:iam::123456789012:role/other")),
            "InsufficientEncryptionPolicyException",
        ),
        (backwards, "InvalidParameterException"),
    ] {
        assert_eq!(importing.call("StartImport", input.clone()).await.code(), code, "{input}");
    }
    importing.world.add_store(STORE, json!("2026-03-01T12:00:00Z")).await;
    assert_eq!(importing.call("StartImport", input()).await.code(), "InactiveEventDataStoreException");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "cloudtrail:*", "Resource": arn(OTHER)},
    ]});
    let stranger = || user("stranger", &policy.to_string());
    for (operation, input) in [
        ("StartImport", input()),
        ("GetImport", json!({"ImportId": "00000000-0000-4000-8000-000000000000"})),
        ("ListImports", json!({"Destination": STORE})),
    ] {
        let refused = importing.world.rig.call_as(stranger(), &importing.service, operation, &input).await;
        assert_eq!(refused.code(), "AccessDeniedException", "{operation}");
    }
}
