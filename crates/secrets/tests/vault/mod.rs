//! Secrets Manager over a store, a journal and a simulated clock.

use std::{sync::Arc, time::Duration};

use keeptrail_clock::Random;
use keeptrail_envelope::{Keyring, RootKey};
use keeptrail_jobs::Running;
use keeptrail_operation::Service;
use keeptrail_secrets::{LastAccess, Secrets, VersionDeletion, service};
use keeptrail_testkit::{Answer, Rig};
use serde_json::{Value, json};

pub const TOKEN: &str = "11111111-2222-3333-4444-555555555555";
pub const OTHER_TOKEN: &str = "66666666-2222-3333-4444-555555555555";
pub const DAY: Duration = Duration::from_secs(24 * 3600);

pub struct Vault {
    pub rig: Rig,
    pub service: Service,
}

impl Vault {
    pub async fn new() -> Self {
        let root = RootKey::from_bytes(&[7; 32]).unwrap();
        let (keyring, _) = Keyring::generate(&Random::seeded(1), &root).unwrap();
        Self { rig: Rig::new().await, service: service(&Secrets::new(Arc::new(keyring))) }
    }

    pub async fn call(&self, operation: &str, input: Value) -> Answer {
        self.rig.call(&self.service, operation, &input).await
    }

    pub async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    pub async fn create(&self, name: &str, value: &str) -> Value {
        self.ok("CreateSecret", json!({"Name": name, "SecretString": value, "ClientRequestToken": TOKEN})).await
    }

    pub fn jobs(&self) -> Running {
        let mut driver = self.rig.driver();
        driver.reader(LastAccess);
        driver.task(VersionDeletion::new(self.rig.ledger.clone(), self.rig.random.clone()));
        driver.start()
    }
}
