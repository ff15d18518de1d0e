//! A client that reads and changes secrets of its own, and knows what each of them may hold.

use std::collections::BTreeSet;

use keeptrail_clock::Random;
use serde_json::json;
use tokio::sync::watch;

use crate::support::caller::{Answer, Caller, Request};

/// A client with what it knows.
pub(super) struct Client {
    number: u64,
    caller: Caller,
    random: Random,
    secrets: Vec<Secret>,
    /// Counts what all clients were answered.
    count: watch::Sender<u32>,
    /// The ids of all calls that were answered.
    pub(super) answered: Vec<String>,
    pub(super) unanswered: u32,
}

/// A secret as far as a client can know it. After an unanswered change it may be as before or as wanted; the next answer tells.
struct Secret {
    name: String,
    values: BTreeSet<String>,
    deleted: BTreeSet<bool>,
    changes: u32,
}

enum Change {
    Value(String),
    Deleted(bool),
}

impl Client {
    pub(super) fn new(number: u64, seed: u64, caller: Caller, count: watch::Sender<u32>) -> Self {
        let secret = |n: u32| Secret {
            name: format!("load/{number}/{n}"),
            values: BTreeSet::new(),
            deleted: BTreeSet::from([false]),
            changes: 0,
        };
        let random = Random::seeded(seed.wrapping_add(number));
        let secrets = (0..2).map(secret).collect();
        Self { number, caller, random, secrets, count, answered: Vec::new(), unanswered: 0 }
    }

    /// Calls until there is no server to call any more.
    pub(super) async fn run(mut self, mut address: watch::Receiver<Option<String>>) -> Self {
        loop {
            let known = address.borrow_and_update().clone();
            let Some(url) = known else { return self };
            self.caller = self.caller.at(&url);
            while self.step().await {
                if address.has_changed().unwrap_or(true) {
                    break;
                }
            }
            if address.wait_for(|known| known.as_ref() != Some(&url)).await.is_err() {
                return self;
            }
        }
    }

    /// One call; false when it was not answered.
    async fn step(&mut self) -> bool {
        let at = self.random.below(2).unwrap() as usize;
        let secret = &mut self.secrets[at];
        let value = format!("value {} of client {}", secret.changes, self.number);
        let (operation, change) = match self.random.below(100).unwrap() {
            _ if secret.values.is_empty() => ("CreateSecret", Some(Change::Value(value))),
            0..60 => ("GetSecretValue", None),
            60..80 => ("PutSecretValue", Some(Change::Value(value))),
            80..88 => ("UpdateSecret", Some(Change::Value(value))),
            88..94 => ("DeleteSecret", Some(Change::Deleted(true))),
            _ => ("RestoreSecret", Some(Change::Deleted(false))),
        };
        secret.changes += 1;
        let mut input = json!({ if operation == "CreateSecret" { "Name" } else { "SecretId" }: secret.name });
        if let Some(Change::Value(value)) = &change {
            input["SecretString"] = json!(value);
        }
        let request = Request::of("secretsmanager", operation, &input);
        match self.caller.attempt(request).await {
            Ok(answer) => {
                self.answered.push(answer.id());
                self.count.send_modify(|count| *count += 1);
                secret.learn(operation, change.as_ref(), &answer);
                true
            }
            Err(_) => {
                self.unanswered += 1;
                secret.doubt(change);
                false
            }
        }
    }

    /// Every acknowledged change is there.
    pub(super) async fn check(&self, root: &Caller) {
        for secret in &self.secrets {
            let answer = root.call("secretsmanager", "GetSecretValue", json!({"SecretId": secret.name})).await;
            secret.read(&answer);
        }
    }
}

impl Secret {
    /// What an answer to a read says must be possible.
    fn read(&self, answer: &Answer) -> Option<String> {
        let told = format!("{}: {} of {:?}, deleted {:?}", self.name, answer.text(), self.values, self.deleted);
        match answer.status {
            200 => {
                let value = answer.json()["SecretString"].as_str().unwrap().to_owned();
                assert!(self.values.contains(&value) && self.deleted.contains(&false), "{told}");
                Some(value)
            }
            400 if self.values.is_empty() => None,
            _ => {
                assert_eq!(answer.code(), "InvalidRequestException", "{told}");
                assert!(self.deleted.contains(&true), "{told}");
                None
            }
        }
    }

    fn learn(&mut self, operation: &str, change: Option<&Change>, answer: &Answer) {
        let told = format!("{operation} {}: {} {}", self.name, answer.status, answer.text());
        match (answer.status, change) {
            (200, None) => {
                let value = self.read(answer).unwrap();
                (self.values, self.deleted) = (BTreeSet::from([value]), BTreeSet::from([false]));
            }
            (200, Some(Change::Value(value))) => {
                assert!(self.deleted.contains(&false), "{told}");
                (self.values, self.deleted) = (BTreeSet::from([value.clone()]), BTreeSet::from([false]));
            }
            (200, Some(Change::Deleted(deleted))) => self.deleted = BTreeSet::from([*deleted]),
            // Created by a call that was never answered.
            (400, Some(Change::Value(_))) if answer.code() == "ResourceExistsException" => {
                assert_eq!(operation, "CreateSecret", "{told}");
                self.values = (0..self.changes).map(|n| self.value(n)).collect();
            }
            (400, _) => {
                assert_eq!(answer.code(), "InvalidRequestException", "{told}");
                assert!(self.deleted.contains(&true), "{told}");
                self.deleted = BTreeSet::from([true]);
            }
            _ => panic!("{told}"),
        }
    }

    fn value(&self, change: u32) -> String {
        let number = self.name.split('/').nth(1).unwrap();
        format!("value {change} of client {number}")
    }

    fn doubt(&mut self, change: Option<Change>) {
        match change {
            // A secret that may not have been created yet stays unknown until a call tells.
            Some(Change::Value(value)) if !self.values.is_empty() => drop(self.values.insert(value)),
            Some(Change::Deleted(deleted)) => drop(self.deleted.insert(deleted)),
            _ => {}
        }
    }
}
