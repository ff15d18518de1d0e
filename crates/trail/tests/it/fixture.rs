//! Trails over a bucket, a log group and a topic in memory.

use std::{
    collections::BTreeMap,
    io::Read,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use keeptrail_jobs::{JobError, Next, Running, Task};
use keeptrail_operation::{ApiError, Service, codes};
use keeptrail_store::{Key, Scan, StoreError, Table, Tx};
use keeptrail_testkit::{Answer, Rig};
use keeptrail_trail::{
    BucketProblem, DataStoreTags, LogProblem, LogSink, META, ObjectSink, Tags, TopicProblem, TopicSink, TrailEvent,
    Trails,
    history::{HistoryReader, HistoryRetention},
    jobs::{LogDelivery, LogFileReader, LogFiles},
    operations,
};
use serde_json::{Value, json};

pub(crate) const INTERVAL: Duration = Duration::from_secs(300);
/// Bytes of records in a file, at most.
pub(crate) const FILE_SIZE: usize = 1 << 20;
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);
pub(crate) const GROUP: &str = "arn:aws:logs:us-east-1:123456789012:log-group:trail:*";
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/r";
pub(crate) const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:files";

/// The one event data store.
pub(crate) const DATA_STORE: &str =
    "arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/ee54f226-431d-4b5a-8e4c-1d2f3a4b5c6d";

/// What the sinks got, and what stops them.
#[derive(Default)]
pub(crate) struct Sinks {
    /// By bucket and key.
    pub(crate) files: Mutex<BTreeMap<(String, String), Bytes>>,
    pub(crate) writes: Mutex<usize>,
    pub(crate) bucket_gone: Mutex<bool>,
    pub(crate) bucket_broken: Mutex<bool>,
    pub(crate) role_revoked: Mutex<bool>,
    pub(crate) group_gone: Mutex<bool>,
    pub(crate) topic_closed: Mutex<bool>,
}

/// What the log group and the topic got, in the transactions that gave it.
const SENT: Table<Vec<String>> = Table::new("test.sent");

async fn send(tx: &Tx, to: &str, messages: impl IntoIterator<Item = String>) -> Result<(), StoreError> {
    let mut sent = SENT.get(tx, &[to]).await?.map(|sent| Vec::clone(&sent)).unwrap_or_default();
    sent.extend(messages);
    SENT.put(tx, &[to], &sent)
}

#[async_trait::async_trait]
impl ObjectSink for Sinks {
    async fn check(&self, _: &Tx, _: &str, bucket: &str, _: &str, _: &str) -> Result<(), BucketProblem> {
        match bucket {
            "logs" | "other" => Ok(()),
            "closed" => Err(BucketProblem::Policy),
            _ => Err(BucketProblem::NoBucket),
        }
    }

    async fn put(
        &self,
        _: &str,
        bucket: &str,
        key: &str,
        _: &str,
        body: Bytes,
        _: BTreeMap<String, String>,
    ) -> Result<(), BucketProblem> {
        if bucket == "logs" && *self.bucket_gone.lock().unwrap() {
            return Err(BucketProblem::NoBucket);
        }
        if *self.bucket_broken.lock().unwrap() {
            return Err(BucketProblem::Unavailable("the disk is full".into()));
        }
        *self.writes.lock().unwrap() += 1;
        let before = self.files.lock().unwrap().insert((bucket.to_owned(), key.to_owned()), body.clone());
        assert!(before.is_none_or(|before| before == body), "{key} was written with other content");
        Ok(())
    }
}

#[async_trait::async_trait]
impl LogSink for Sinks {
    async fn check(&self, _: &Tx, _: &str, _: &str, _: &str, _: &str) -> Result<(), LogProblem> {
        if *self.role_revoked.lock().unwrap() { Err(LogProblem::Permission) } else { Ok(()) }
    }

    async fn append(&self, tx: &Tx, _: &str, stream: &str, events: &[TrailEvent<'_>]) -> Result<(), LogProblem> {
        if *self.group_gone.lock().unwrap() {
            return Err(LogProblem::NoGroup);
        }
        assert_eq!(stream, "123456789012_CloudTrail_us-east-1");
        Ok(send(tx, "group", events.iter().map(|event| event.message.to_owned())).await?)
    }
}

#[async_trait::async_trait]
impl TopicSink for Sinks {
    async fn check(&self, _: &Tx, topic: &str, _: &str, _: &str) -> Result<(), TopicProblem> {
        match topic {
            TOPIC if *self.topic_closed.lock().unwrap() => Err(TopicProblem::Policy),
            TOPIC => Ok(()),
            _ => Err(TopicProblem::NoTopic),
        }
    }

    async fn publish(
        &self,
        tx: &Tx,
        topic: &str,
        account: &str,
        trail: &str,
        message: &str,
    ) -> Result<(), TopicProblem> {
        TopicSink::check(self, tx, topic, account, trail).await?;
        Ok(send(tx, "topic", [message.to_owned()]).await?)
    }
}

const TAGS: Table<Tags> = Table::new("test.tags");

#[async_trait::async_trait]
impl DataStoreTags for Sinks {
    async fn tags(&self, tx: &Tx, _: &str, _: &str, arn: &str) -> Result<Tags, ApiError> {
        if arn != DATA_STORE {
            return Err(ApiError::new(codes::VALIDATION, "there is no such store"));
        }
        Ok(TAGS.get(tx, &[arn]).await?.map(|tags| Tags::clone(&tags)).unwrap_or_default())
    }

    async fn set_tags(&self, tx: &Tx, _: &str, _: &str, arn: &str, tags: Tags) -> Result<(), ApiError> {
        Ok(TAGS.put(tx, &[arn], &tags)?)
    }
}

pub(crate) struct Stage {
    pub(crate) rig: Rig,
    pub(crate) service: Service,
    pub(crate) sinks: Arc<Sinks>,
    trails: Arc<Trails>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let sinks = Arc::new(Sinks::default());
        let [objects, logs, topics, stores] = std::array::from_fn(|_| Arc::clone(&sinks));
        let trails = Trails::new(objects, logs, topics, stores);
        Self { rig: Rig::new().await, service: Service::new(&META, operations(&trails)), sinks, trails }
    }

    pub(crate) async fn call(&self, operation: &str, input: Value) -> Answer {
        self.rig.call(&self.service, operation, &input).await
    }

    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    pub(crate) fn jobs(&self) -> Running {
        let mut driver = self.rig.driver();
        driver.reader(LogDelivery::new(Arc::clone(&self.trails)));
        driver.reader(LogFileReader::with_file_size(FILE_SIZE));
        driver.reader(HistoryReader);
        driver.task(self.files());
        driver.task(HistoryRetention::new(self.rig.ledger.clone()));
        driver.start()
    }

    fn files(&self) -> LogFiles {
        let Rig { ledger, random, .. } = &self.rig;
        LogFiles::new(Arc::clone(&self.trails), ledger.clone(), random.clone(), INTERVAL)
    }

    /// Runs the task that writes files once.
    pub(crate) async fn write_files(&self) -> Result<Next, JobError> {
        self.files().run(self.rig.clock().now()).await
    }

    /// Moves the time when all that was done has been followed.
    pub(crate) async fn advance(&self, jobs: &Running, by: Duration) {
        jobs.settle().await;
        self.rig.advance(jobs, by).await;
    }

    /// A trail named ethos that logs into the bucket and the log group.
    pub(crate) async fn logging_trail(&self) {
        let input = json!({
            "Name": "ethos",
            "S3BucketName": "logs",
            "CloudWatchLogsLogGroupArn": GROUP,
            "CloudWatchLogsRoleArn": ROLE,
        });
        self.ok("CreateTrail", input).await;
        self.ok("StartLogging", json!({"Name": "ethos"})).await;
    }

    pub(crate) async fn status(&self) -> Value {
        self.ok("GetTrailStatus", json!({"Name": "ethos"})).await
    }

    async fn sent(&self, to: &str) -> Vec<String> {
        let sent = SENT.get(&self.rig.ledger.begin(), &[to]).await.unwrap();
        sent.map(|sent| Vec::clone(&sent)).unwrap_or_default()
    }

    /// What the topic was told.
    pub(crate) async fn told(&self) -> Vec<String> {
        self.sent("topic").await
    }

    /// Names of the events that the log group got.
    pub(crate) async fn delivered(&self) -> Vec<String> {
        self.sent("group").await.iter().map(|event| name(&serde_json::from_str(event).unwrap())).collect()
    }

    /// Names of the events in the files.
    pub(crate) fn written(&self) -> Vec<String> {
        self.sinks.files.lock().unwrap().values().flat_map(|body| records(body)).map(|record| name(&record)).collect()
    }

    /// Bucket and key of each file.
    pub(crate) fn keys(&self) -> Vec<(String, String)> {
        self.sinks.files.lock().unwrap().keys().cloned().collect()
    }

    /// Rows of the tables whose name begins so.
    pub(crate) async fn rows(&self, table: &str) -> Result<usize, StoreError> {
        let from = Key::of(&[table]);
        let scan = Scan { to: from.end(), from, limit: usize::MAX, reverse: false };
        Ok(self.rig.ledger.begin().scan(&scan).await?.len())
    }
}

fn name(record: &Value) -> String {
    record["eventName"].as_str().unwrap().to_owned()
}

fn records(body: &[u8]) -> Vec<Value> {
    let mut text = String::new();
    flate2::bufread::GzDecoder::new(body).read_to_string(&mut text).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(file["Records"].take()).unwrap()
}
