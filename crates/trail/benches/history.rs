//! LookupEvents by each attribute on a history of a million events, and the time that it takes to keep one.
//!
//! `cargo bench -p keeptrail-trail`. Events: `KEEPTRAIL_BENCH_EVENTS`, else a million, two a second of 2000 users, 500 secrets and
//! 40 calls. What is shown for each look-up is the first page of 50 and, for what is rare, the whole search.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark stops at the first error")]

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use keeptrail_clock::{Clock, Timestamp};
use keeptrail_jobs::{Parsed, Reader};
use keeptrail_journal::{Anchor, ChainHash, Entry};
use keeptrail_operation::{ApiError, Service};
use keeptrail_store::Tx;
use keeptrail_testkit::{ACCOUNT, REGION, Rig, START};
use keeptrail_trail::{
    BucketProblem, DataStoreTags, LogProblem, LogSink, ObjectSink, Tags, TopicProblem, TopicSink, TrailEvent, Trails,
    history::HistoryReader,
};
use serde_json::{Value, json};

/// Trails that deliver nowhere.
struct Nowhere;

#[async_trait]
impl ObjectSink for Nowhere {
    async fn check(&self, _: &Tx, _: &str, _: &str, _: &str, _: &str) -> Result<(), BucketProblem> {
        Err(BucketProblem::NoBucket)
    }

    async fn put(
        &self,
        _: &str,
        _: &str,
        _: &str,
        _: &str,
        _: Bytes,
        _: std::collections::BTreeMap<String, String>,
    ) -> Result<(), BucketProblem> {
        Err(BucketProblem::NoBucket)
    }
}

#[async_trait]
impl LogSink for Nowhere {
    async fn check(&self, _: &Tx, _: &str, _: &str, _: &str, _: &str) -> Result<(), LogProblem> {
        Err(LogProblem::NoGroup)
    }

    async fn append(&self, _: &Tx, _: &str, _: &str, _: &[TrailEvent<'_>]) -> Result<(), LogProblem> {
        Err(LogProblem::NoGroup)
    }
}

#[async_trait]
impl TopicSink for Nowhere {
    async fn check(&self, _: &Tx, _: &str, _: &str, _: &str) -> Result<(), TopicProblem> {
        Err(TopicProblem::NoTopic)
    }

    async fn publish(&self, _: &Tx, _: &str, _: &str, _: &str, _: &str) -> Result<(), TopicProblem> {
        Err(TopicProblem::NoTopic)
    }
}

#[async_trait]
impl DataStoreTags for Nowhere {
    async fn tags(&self, _: &Tx, _: &str, _: &str, _: &str) -> Result<Tags, ApiError> {
        Ok(Tags::new())
    }

    async fn set_tags(&self, _: &Tx, _: &str, _: &str, _: &str, _: Tags) -> Result<(), ApiError> {
        Ok(())
    }
}

/// A read of a secret, as long as a real record.
fn entry(seq: u64, time: Timestamp) -> Arc<Entry> {
    let (user, secret) = (seq * 7919 % 2000, seq * 104_729 % 500);
    let record = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser", "principalId": format!("AIDA{user:016}"), "accountId": ACCOUNT,
            "arn": format!("arn:aws:iam::{ACCOUNT}:user/user-{user}"),
            "accessKeyId": format!("AKIA{user:016}"), "userName": format!("user-{user}"),
        },
        "eventTime": keeptrail_record::event_time(time),
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": if seq % 500_000 == 7 { "DeleteSecret".to_owned() } else { format!("Call{}", seq % 40) },
        "awsRegion": REGION, "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.30.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.8 md/arch#x86_64 lang/python#3.13.7",
        "requestParameters": { "secretId": format!("app/{secret}") }, "responseElements": null,
        "requestID": format!("{seq:08x}-2222-4222-8222-222222222222"),
        "eventID": format!("{seq:08x}-1111-4111-8111-111111111111"),
        "readOnly": true,
        "resources": [{
            "accountId": ACCOUNT, "type": "AWS::SecretsManager::Secret",
            "ARN": format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:app/{secret}-AbCdEf"),
        }],
        "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": ACCOUNT, "eventCategory": "Management",
        "tlsDetails": { "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256" },
    });
    Arc::new(Entry::new(Anchor { seq, hash: ChainHash::ZERO }, serde_json::to_vec(&record).unwrap().into()))
}

async fn page(rig: &Rig, service: &Service, attribute: &Value, token: &Value) -> Value {
    let input = json!({ "LookupAttributes": [attribute], "NextToken": token });
    let answer = rig.call(service, "LookupEvents", &input).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let events: u64 = std::env::var("KEEPTRAIL_BENCH_EVENTS").map_or(1_000_000, |events| events.parse().unwrap());
    let (rig, clock) = (Rig::new().await, Clock::system());
    let service = {
        let trails = Trails::new(Arc::new(Nowhere), Arc::new(Nowhere), Arc::new(Nowhere), Arc::new(Nowhere));
        Service::new(&keeptrail_trail::META, keeptrail_trail::operations(&trails))
    };
    let end: Timestamp = START.parse().unwrap();
    let mut kept = Duration::ZERO;
    let seqs: Vec<u64> = (1..=events).collect();
    for seqs in seqs.chunks(1000) {
        let entries: Vec<_> =
            seqs.iter().map(|seq| entry(*seq, end - Duration::from_millis((events - seq) * 500))).collect();
        let tx = rig.ledger.begin();
        let began = clock.monotonic();
        HistoryReader.apply(&tx, &Parsed::all(&entries)).await.unwrap();
        rig.ledger.commit(tx).await.unwrap();
        kept += clock.monotonic() - began;
    }
    println!("{events} events kept in {kept:.1?}");
    let id = |seq: u64| format!("{seq:08x}-1111-4111-8111-111111111111");
    for (key, value) in [
        ("EventId", id(events)),
        ("EventId", id(1)),
        ("EventId", "none".to_owned()),
        ("EventName", "Call7".to_owned()),
        ("EventName", "DeleteSecret".to_owned()),
        ("ReadOnly", "true".to_owned()),
        ("ReadOnly", "false".to_owned()),
        ("Username", "user-7".to_owned()),
        ("AccessKeyId", format!("AKIA{:016}", 7)),
        ("ResourceName", "app/7".to_owned()),
        ("ResourceType", "AWS::SecretsManager::Secret".to_owned()),
        ("EventSource", "secretsmanager.amazonaws.com".to_owned()),
    ] {
        let attribute = json!({ "AttributeKey": key, "AttributeValue": value });
        let began = clock.monotonic();
        let mut answer = page(&rig, &service, &attribute, &Value::Null).await;
        let first = clock.monotonic() - began;
        let (mut found, mut calls) = (answer["Events"].as_array().unwrap().len(), 1);
        while found < 50 && answer.get("NextToken").is_some() {
            answer = page(&rig, &service, &attribute, &answer["NextToken"]).await;
            (found, calls) = (found + answer["Events"].as_array().unwrap().len(), calls + 1);
        }
        let all = clock.monotonic() - began;
        println!("{key:>12} {value:<40} first call {first:>8.1?}, {found:>3} found in {calls} calls, {all:.1?}");
    }
}
