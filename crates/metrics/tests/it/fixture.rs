//! A service whose alarms act into tables of the test's store, so that only what was committed counts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use keeptrail_clock::Timestamp;
use keeptrail_jobs::Running;
use keeptrail_journal::Ledger;
use keeptrail_metrics::{
    ActionError, AlarmActions, AlarmEvent, EventSink, Metric, MetricDatum, Metrics, Notice, Resolution, StatisticSet,
    service, tasks,
};
use keeptrail_operation::Service;
use keeptrail_store::{StoreError, Table, Tx};
use keeptrail_testkit::{Answer, Rig, account, region};
use serde_json::{Value, json};

pub const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:ethos-security-alerts";
/// A topic that takes nothing.
pub const CLOSED: &str = "arn:aws:sns:us-east-1:123456789012:closed";

const SENT: Table<Value> = Table::new("test.sent");

/// Keeps what alarms send.
pub struct Outbox {
    /// When set, the next notice meets another writer of the same metric.
    rival: AtomicBool,
    ledger: Ledger,
}

async fn keep(tx: &Tx, kind: &str, sent: &Value) -> Result<(), StoreError> {
    for number in 0.. {
        let number = format!("{number:05}");
        if SENT.get(tx, &[kind, &number]).await?.is_none() {
            return SENT.put(tx, &[kind, &number], sent);
        }
    }
    Ok(())
}

#[async_trait]
impl AlarmActions for Outbox {
    async fn notify(&self, tx: &Tx, notice: &Notice<'_>) -> Result<(), ActionError> {
        if notice.topic_arn == CLOSED {
            return Err(ActionError::Refused("Topic does not exist".into()));
        }
        if self.rival.swap(false, Ordering::SeqCst) {
            let rival = self.ledger.begin();
            let metrics = Metrics::new(
                Arc::new(Outbox { rival: AtomicBool::new(false), ledger: self.ledger.clone() }),
                Arc::new(Outbox { rival: AtomicBool::new(false), ledger: self.ledger.clone() }),
            );
            metrics.put(&rival, &account(), &region(), &[datum(tx.now(), 5.0)]).await?;
            self.ledger.commit(rival).await.unwrap();
        }
        let message: Value = serde_json::from_str(notice.message).unwrap();
        let sent = json!({ "topic": notice.topic_arn, "subject": notice.subject, "message": message, "mail": notice.email_text });
        Ok(keep(tx, "notice", &sent).await?)
    }
}

#[async_trait]
impl EventSink for Outbox {
    async fn put(&self, tx: &Tx, event: AlarmEvent<'_>) -> Result<(), StoreError> {
        keep(
            tx,
            "event",
            &json!({ "detail-type": event.detail_type, "resources": [event.alarm_arn], "detail": event.detail }),
        )
        .await
    }
}

/// A value of the metric that [`Watch::put`] writes to.
pub fn datum(timestamp: Timestamp, value: f64) -> MetricDatum {
    MetricDatum {
        metric: Metric { namespace: "Ethos/Security".into(), name: "Reads".into(), dimensions: Vec::new() },
        timestamp,
        unit: None,
        statistics: StatisticSet::one(value),
        resolution: Resolution::Minute,
    }
}

pub struct Watch {
    pub rig: Rig,
    pub service: Service,
    outbox: Arc<Outbox>,
    metrics: Metrics,
}

impl Watch {
    pub async fn new() -> Self {
        let rig = Rig::new().await;
        let outbox = Arc::new(Outbox { rival: AtomicBool::new(false), ledger: rig.ledger.clone() });
        let metrics = Metrics::new(Arc::clone(&outbox) as _, Arc::clone(&outbox) as _);
        Self { rig, service: service(Arc::new(metrics.clone())), outbox, metrics }
    }

    /// Lets another writer come between the next notice and its commit.
    pub fn send_a_rival(&self) {
        self.outbox.rival.store(true, Ordering::SeqCst);
    }

    pub fn jobs(&self) -> Running {
        let mut driver = self.rig.driver();
        driver.task(tasks::Evaluation::new(self.rig.ledger.clone(), self.metrics.clone()));
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

    /// The seed's alarm with members of its own.
    pub async fn alarm(&self, name: &str, members: Value) {
        let mut input = json!({
            "AlarmName": name,
            "MetricName": "Reads",
            "Namespace": "Ethos/Security",
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "Period": 300,
            "Statistic": "Sum",
            "Threshold": 0,
            "AlarmActions": [TOPIC],
        });
        for (member, value) in members.as_object().unwrap() {
            input[member] = value.clone();
        }
        self.ok("PutMetricAlarm", input).await;
    }

    /// A value of the metric that the alarm watches, now.
    pub async fn put(&self, value: f64) {
        let data = json!([{ "MetricName": "Reads", "Value": value }]);
        self.ok("PutMetricData", json!({ "Namespace": "Ethos/Security", "MetricData": data })).await;
    }

    pub async fn describe(&self, name: &str) -> Value {
        let found = self.ok("DescribeAlarms", json!({ "AlarmNames": [name] })).await;
        found["MetricAlarms"][0].clone()
    }

    pub async fn state(&self, name: &str) -> String {
        self.describe(name).await["StateValue"].as_str().unwrap().to_owned()
    }

    /// What was sent: `notice` or `event`.
    pub async fn sent(&self, kind: &str) -> Vec<Value> {
        let tx = self.rig.ledger.begin();
        SENT.all(&tx, &[kind]).await.unwrap().into_iter().map(|(_, sent)| Value::clone(&sent)).collect()
    }

    pub async fn history(&self, name: &str) -> Vec<String> {
        let found = self.ok("DescribeAlarmHistory", json!({ "AlarmName": name, "ScanBy": "TimestampAscending" })).await;
        let items = found["AlarmHistoryItems"].as_array().unwrap().iter();
        items.map(|item| item["HistorySummary"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn pass(&self, jobs: &Running, seconds: u64) {
        self.rig.advance(jobs, Duration::from_secs(seconds)).await;
    }
}
