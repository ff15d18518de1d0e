//! A server with a receiver to deliver to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use keeptrail_clock::{Random, Timestamp};
use keeptrail_envelope::{Keyring, RootKey};
use keeptrail_jobs::{Next, Task};
use keeptrail_operation::{Identity, Service};
use keeptrail_testkit::{Answer, Rig, account, root};
use keeptrail_wire::Protocol;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::{
    Deliveries, Notify, NotifyConfig, Parts,
    guard::{Lookup, SystemLookup},
    model::PENDING,
};

pub(super) const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:alerts";

pub(super) struct World {
    pub(super) rig: Rig,
    pub(super) notify: Arc<Notify>,
    pub(super) service: Service,
    pub(super) deliveries: Deliveries,
}

/// Settings under which this machine may be delivered to.
pub(super) fn config() -> NotifyConfig {
    NotifyConfig { allow: vec!["127.0.0.1/32".parse().unwrap()], ..NotifyConfig::new("https://keeptrail.example.com/") }
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(config(), Arc::new(SystemLookup)).await
    }

    pub(super) async fn with(config: NotifyConfig, lookup: Arc<dyn Lookup>) -> Self {
        let rig = Rig::new().await;
        let root_key = RootKey::from_bytes(&[7; 32]).unwrap();
        let (keyring, _) = Keyring::generate(&Random::seeded(1), &root_key).unwrap();
        let parts = Parts {
            ledger: Arc::new(rig.ledger.clone()),
            keyring: Arc::new(keyring),
            clock: rig.clock(),
            random: rig.random.clone(),
        };
        let notify = Notify::open_with(parts, &config, lookup).await.unwrap();
        let world =
            Self { service: crate::service(&notify), deliveries: Deliveries::new(Arc::clone(&notify)), notify, rig };
        world.ok("CreateTopic", json!({"Name": "alerts"})).await;
        world
    }

    pub(super) async fn call(&self, operation: &str, input: Value) -> Answer {
        self.rig.call(&self.service, operation, &input).await
    }

    pub(super) async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    /// The error's code and message.
    pub(super) async fn error(&self, operation: &str, input: Value) -> String {
        let answer = self.call(operation, input).await;
        assert_ne!(answer.status, 200, "{operation}");
        format!("{} {} {}", answer.status, answer.code(), answer.message())
    }

    /// An unsigned link such as those in messages; the status and the XML.
    pub(super) async fn visit(&self, link: &str) -> (u16, String) {
        let query = link.strip_prefix("https://keeptrail.example.com/?").unwrap().to_owned();
        let action = query.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap().to_owned();
        let nobody = Identity::anonymous(account());
        let encoded = self.rig.raw(nobody, &self.service, &action, Protocol::Query, query.into()).await;
        (encoded.status, String::from_utf8(encoded.body.to_vec()).unwrap())
    }

    /// A signed call in the query protocol; the status and the XML.
    pub(super) async fn query(&self, operation: &str, form: &str) -> (u16, String) {
        let encoded = self.rig.raw(root(), &self.service, operation, Protocol::Query, form.to_owned().into()).await;
        let body = String::from_utf8(encoded.body.to_vec()).unwrap();
        let request = body.split("<RequestId>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or("none");
        (encoded.status, body.replace(request, "REQUEST"))
    }

    /// Makes the deliveries that are due, and waits for them.
    pub(super) async fn deliver(&self) {
        loop {
            self.deliveries.run(self.rig.clock().now()).await.unwrap();
            self.notify.at_rest().await;
            if self.pending().await.iter().all(|due| *due > self.rig.clock().now()) {
                return;
            }
        }
    }

    /// When the deliveries that wait are due.
    pub(super) async fn pending(&self) -> Vec<Timestamp> {
        let rows = PENDING.all(&self.rig.ledger.begin(), &[]).await.unwrap();
        rows.into_iter().map(|(_, row)| row.due.to_jiff()).collect()
    }

    pub(super) async fn next(&self) -> Next {
        self.deliveries.run(self.rig.clock().now()).await.unwrap()
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.rig.time.advance(Duration::from_secs(seconds));
    }

    /// Subscribes a receiver and confirms it; the subscription's ARN.
    pub(super) async fn subscribe(&self, hook: &Hook, attributes: Value) -> String {
        let input = json!({
            "TopicArn": TOPIC, "Protocol": "http", "Endpoint": hook.url, "Attributes": attributes,
            "ReturnSubscriptionArn": true,
        });
        let arn = self.ok("Subscribe", input).await["SubscriptionArn"].as_str().unwrap().to_owned();
        self.deliver().await;
        let question = hook.received().pop().unwrap().json();
        let (status, _) = self.visit(question["SubscribeURL"].as_str().unwrap()).await;
        assert_eq!(status, 200);
        hook.forget();
        arn
    }

    pub(super) async fn publish(&self, message: &str) -> String {
        let published = self.ok("Publish", json!({"TopicArn": TOPIC, "Message": message})).await;
        published["MessageId"].as_str().unwrap().to_owned()
    }
}

/// A request as a receiver got it.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) head: String,
    pub(super) body: String,
}

impl Received {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then(|| value.trim()))
    }
}

/// A receiver of webhooks on this machine.
pub(super) struct Hook {
    pub(super) url: String,
    log: Arc<Mutex<Vec<Received>>>,
    /// Whole answers to be given before the usual one.
    pub(super) script: Arc<Mutex<VecDeque<String>>>,
    /// While false, no request is answered.
    pub(super) open: Arc<watch::Sender<bool>>,
    arrived: watch::Sender<usize>,
}

pub(super) fn answer(status: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

impl Hook {
    pub(super) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hook = Self {
            url: format!("http://{}/hook", listener.local_addr().unwrap()),
            log: Arc::default(),
            script: Arc::default(),
            open: Arc::new(watch::Sender::new(true)),
            arrived: watch::Sender::new(0),
        };
        let (log, script, open) = (Arc::clone(&hook.log), Arc::clone(&hook.script), Arc::clone(&hook.open));
        let arrived = hook.arrived.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, script, mut open) = (Arc::clone(&log), Arc::clone(&script), open.subscribe());
                let arrived = arrived.clone();
                tokio::spawn(async move {
                    let (mut stream, request) = read(stream).await;
                    log.lock().unwrap().push(request);
                    arrived.send_modify(|count| *count += 1);
                    if open.wait_for(|open| *open).await.is_err() {
                        return;
                    }
                    let scripted = script.lock().unwrap().pop_front();
                    let answer = scripted.unwrap_or_else(|| answer("200 OK"));
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        hook
    }

    /// Answers the next requests with these status lines.
    pub(super) fn will_answer(&self, answers: &[&str]) {
        self.script.lock().unwrap().extend(answers.iter().map(|status| answer(status)));
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.log.lock().unwrap().clone()
    }

    pub(super) fn forget(&self) {
        self.log.lock().unwrap().clear();
        self.arrived.send_replace(0);
    }

    /// Waits until so many requests have arrived.
    pub(super) async fn has_received(&self, count: usize) {
        self.arrived.subscribe().wait_for(|arrived| *arrived >= count).await.unwrap();
    }
}

async fn read(mut stream: TcpStream) -> (TcpStream, Received) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let received = Received { head: head.to_owned(), body: body.to_owned() };
            let length = received.header("content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return (stream, received);
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap() == 0 {
            return (stream, Received { head: String::new(), body: String::new() });
        }
    }
}
