//! A service whose metric filters write into a table of the test's store, so that only what was committed counts.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use keeptrail_arn::{AccountId, Region};
use keeptrail_jobs::Running;
use keeptrail_logs::{LogEvent, Logs, LogsError, MetricDatum, MetricSink, service, tasks};
use keeptrail_operation::Service;
use keeptrail_store::{Key, Scan, StoreError, Table, Tx};
use keeptrail_testkit::{Answer, Rig, account, region};
use serde_json::{Value, json};

const DATA: Table<Value> = Table::new("test.data");

/// When every test begins, in milliseconds since 1970.
pub const NOW: i64 = 1_772_366_400_000;

struct Sink;

#[async_trait]
impl MetricSink for Sink {
    async fn put(&self, tx: &Tx, _: &AccountId, _: &Region, data: &[MetricDatum]) -> Result<(), StoreError> {
        let known = DATA.all(tx, &[]).await?.len();
        for (number, datum) in data.iter().enumerate() {
            let shown = json!({
                "metric": format!("{}/{}", datum.namespace, datum.name),
                "dimensions": datum.dimensions,
                "unit": datum.unit,
                "minute": (datum.timestamp.as_millisecond() - NOW) / 60_000,
                "values": [datum.sample_count, datum.sum, datum.minimum, datum.maximum],
            });
            DATA.put(tx, &[&format!("{:05}", known + number)], &shown)?;
        }
        Ok(())
    }
}

pub struct Desk {
    pub rig: Rig,
    pub logs: Logs,
    service: Service,
}

impl Desk {
    pub async fn new() -> Self {
        let rig = Rig::new().await;
        let logs = Logs::new(Arc::new(Sink), rig.random.clone());
        Self { service: service(Arc::new(logs.clone())), logs, rig }
    }

    /// With the group `g` and its stream `s`.
    pub async fn with_stream() -> Self {
        let desk = Self::new().await;
        desk.ok("CreateLogGroup", json!({ "logGroupName": "g" })).await;
        desk.ok("CreateLogStream", json!({ "logGroupName": "g", "logStreamName": "s" })).await;
        desk
    }

    pub fn jobs(&self) -> Running {
        let mut driver = self.rig.driver();
        driver.task(tasks::Merge::new(self.rig.ledger.clone()));
        driver.task(tasks::Purge::new(self.rig.ledger.clone()));
        driver.task(tasks::Retention::new(self.rig.ledger.clone()));
        driver.start()
    }

    pub async fn call(&self, operation: &str, input: Value) -> Answer {
        self.rig.call(&self.service, operation, &input).await
    }

    pub async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    /// Asserts an error's code and message.
    pub async fn refused(&self, operation: &str, input: Value, code: &str, message: &str) {
        let answer = self.call(operation, input.clone()).await;
        assert_eq!((answer.code(), answer.message()), (code, message), "{operation} {input}");
    }

    /// Events at these milliseconds from the test's begin.
    pub async fn put(&self, stream: &str, events: &[(i64, &str)]) -> Value {
        let events: Vec<Value> =
            events.iter().map(|(at, message)| json!({ "timestamp": NOW + at, "message": message })).collect();
        self.ok("PutLogEvents", json!({ "logGroupName": "g", "logStreamName": stream, "logEvents": events })).await
    }

    /// As a trail does it: in a transaction of its own, in any order, into a stream that need not exist.
    pub async fn append(&self, stream: &str, events: &[(i64, String)]) -> Result<(), LogsError> {
        let events: Vec<LogEvent<'_>> = events
            .iter()
            .map(|(timestamp, message)| LogEvent { timestamp: *timestamp, message, document: None })
            .collect();
        let tx = self.rig.ledger.begin();
        self.logs.append(&tx, &account(), &region(), "g", stream, &events).await?;
        self.rig.ledger.commit(tx).await.unwrap();
        Ok(())
    }

    /// What the metric filters found.
    pub async fn data(&self) -> Vec<Value> {
        let tx = self.rig.ledger.begin();
        DATA.all(&tx, &[]).await.unwrap().into_iter().map(|(_, datum)| Value::clone(&datum)).collect()
    }

    /// Rows of a table by its name.
    pub async fn rows(&self, table: &str) -> usize {
        let prefix = Key::of(&[table]);
        let tx = self.rig.ledger.begin();
        tx.scan(&Scan { to: prefix.end(), from: prefix, limit: usize::MAX, reverse: false }).await.unwrap().len()
    }

    /// The messages of all pages of `GetLogEvents`, in the order in which they came.
    pub async fn pages(&self, mut input: Value, forward: bool) -> Vec<String> {
        let token = if forward { "nextForwardToken" } else { "nextBackwardToken" };
        let mut seen = Vec::new();
        loop {
            let page = self.ok("GetLogEvents", input.clone()).await;
            let mut messages = messages(&page);
            if !forward {
                messages.reverse();
            }
            seen.extend(messages);
            if input.get("nextToken") == Some(&page[token]) {
                return seen;
            }
            input["nextToken"] = page[token].clone();
        }
    }

    /// The messages of all pages of `FilterLogEvents`.
    pub async fn filtered(&self, mut input: Value) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            let page = self.ok("FilterLogEvents", input.clone()).await;
            seen.extend(messages(&page));
            match page.get("nextToken") {
                Some(token) => input["nextToken"] = token.clone(),
                None => return seen,
            }
        }
    }

    pub async fn pass(&self, jobs: &Running, seconds: u64) {
        self.rig.advance(jobs, Duration::from_secs(seconds)).await;
    }
}

pub fn messages(page: &Value) -> Vec<String> {
    page["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect()
}
