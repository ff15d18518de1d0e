//! The event bus as a caller sees it, and what rules deliver.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use keeptrail_clock::Random;
use keeptrail_events::{Delivery, EventEntry, Events, RuleReader, Target, TargetError, service};
use keeptrail_jobs::Running;
use keeptrail_operation::Service;
use keeptrail_record::{Category, EventType, Record, UserIdentity};
use keeptrail_store::{Table, Tx};
use keeptrail_testkit::{ACCOUNT, Answer, REGION, Rig, account, region, user};
use serde_json::{Value, json};

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:deleted";
const SENT: Table<(String, String, String)> = Table::new("test.sent");

/// Keeps deliveries in the transaction that made them: what a rolled-back or repeated run did leaves nothing.
struct Outbox(Random);

#[async_trait]
impl Target for Outbox {
    async fn deliver(&self, tx: &Tx, delivery: &Delivery<'_>) -> Result<(), TargetError> {
        assert_eq!((delivery.account, delivery.region), (ACCOUNT, REGION));
        if delivery.target_arn.ends_with("closed") {
            return Err(TargetError::Refused("its policy does not allow it".to_owned()));
        }
        let sent = (delivery.target_arn.to_owned(), delivery.rule_arn.to_owned(), delivery.input.clone());
        Ok(SENT.put(tx, &[&self.0.uuid().unwrap()], &sent)?)
    }
}

struct Bus {
    rig: Rig,
    events: Arc<Events>,
    service: Service,
}

impl Bus {
    async fn new() -> Self {
        let events = Events::new(Arc::new(Outbox(Random::seeded(7))), Random::seeded(8));
        Self { rig: Rig::new().await, service: service(&events), events }
    }

    async fn call(&self, operation: &str, input: Value) -> Answer {
        self.rig.call(&self.service, operation, &input).await
    }

    async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    async fn refused(&self, operation: &str, input: Value) -> (String, String) {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 400, "{operation}: {}", answer.body);
        (answer.code().to_owned(), answer.message().to_owned())
    }

    async fn rule(&self, name: &str, pattern: Value, state: &str) {
        self.ok("PutRule", json!({"Name": name, "EventPattern": pattern.to_string(), "State": state})).await;
        self.ok("PutTargets", json!({"Rule": name, "Targets": [{"Id": "topic", "Arn": TOPIC}]})).await;
    }

    fn jobs(&self) -> Running {
        let mut driver = self.rig.driver();
        driver.reader(RuleReader::new(Arc::clone(&self.events)));
        driver.start()
    }

    async fn record(&self, change: impl FnOnce(&mut Record<'_>)) -> String {
        let event_id = self.rig.random.uuid().unwrap();
        let identity = UserIdentity::default();
        let mut record = Record {
            user_identity: &identity,
            event_time: self.rig.clock().now(),
            event_source: "secretsmanager.amazonaws.com",
            event_name: "DeleteSecret",
            aws_region: REGION,
            source_ip_address: "198.51.100.7",
            user_agent: None,
            error: None,
            request_parameters: Some(json!({"secretId": "ethos/prod/key"})),
            response_elements: None,
            additional_event_data: None,
            request_id: None,
            event_id: &event_id,
            read_only: false,
            resources: Vec::new(),
            event_type: EventType::AwsApiCall,
            api_version: None,
            recipient_account_id: ACCOUNT,
            shared_event_id: None,
            category: Category::Management,
            tls_details: None,
        };
        change(&mut record);
        let bytes: Bytes = record.to_json().unwrap();
        let tx = self.rig.ledger.begin();
        tx.record(event_id.clone(), bytes);
        self.rig.ledger.commit(tx).await.unwrap();
        event_id
    }

    /// Deliveries: target, rule, input.
    async fn sent(&self) -> Vec<(String, String, String)> {
        let tx = self.rig.ledger.begin();
        SENT.all(&tx, &[]).await.unwrap().into_iter().map(|(_, sent)| (*sent).clone()).collect()
    }

    async fn sent_by(&self, rule: &str) -> usize {
        self.sent().await.iter().filter(|(_, arn, _)| arn.ends_with(&format!("rule/{rule}"))).count()
    }
}

#[tokio::test]
async fn a_deleted_secret_reaches_the_rules_topic_once() {
    let bus = Bus::new().await;
    let pattern = json!({"source": ["aws.secretsmanager"], "detail-type": ["AWS API Call via CloudTrail"], "detail": {"eventName": ["DeleteSecret"]}});
    bus.rule("deleted-secrets", pattern, "ENABLED").await;
    let id = bus.record(|_| {}).await;
    bus.record(|record| record.event_name = "RestoreSecret").await;
    bus.record(|record| record.aws_region = "eu-west-1").await;
    for _ in 0..2 {
        let jobs = bus.jobs();
        jobs.settle().await;
        jobs.drain().await;
    }
    let sent = bus.sent().await;
    assert_eq!(sent.len(), 1);
    let (target, rule, input) = &sent[0];
    assert_eq!(target, TOPIC);
    assert_eq!(rule, "arn:aws:events:us-east-1:123456789012:rule/deleted-secrets");
    let event: Value = serde_json::from_str(input).unwrap();
    assert_eq!(event["id"], id.as_str());
    insta::assert_json_snapshot!(event, { ".id" => "[event]", ".detail.eventID" => "[event]" });
}

#[tokio::test]
async fn reads_of_the_management_kind_reach_only_rules_that_ask_for_all() {
    let bus = Bus::new().await;
    let pattern = json!({"detail": {"eventName": ["GetSecretValue"]}});
    bus.rule("plain", pattern.clone(), "ENABLED").await;
    bus.rule("all", pattern.clone(), "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS").await;
    bus.rule("off", pattern, "DISABLED").await;
    let jobs = bus.jobs();
    let read = |category: Category| {
        move |record: &mut Record<'_>| {
            record.event_name = "GetSecretValue";
            record.read_only = true;
            record.category = category;
        }
    };
    bus.record(read(Category::Management)).await;
    jobs.settle().await;
    assert_eq!((bus.sent_by("plain").await, bus.sent_by("all").await, bus.sent_by("off").await), (0, 1, 0));
    // Data events are no management events: they reach every enabled rule.
    bus.record(read(Category::Data)).await;
    jobs.settle().await;
    assert_eq!((bus.sent_by("plain").await, bus.sent_by("all").await, bus.sent_by("off").await), (1, 2, 0));
    bus.ok("DisableRule", json!({"Name": "all"})).await;
    bus.ok("EnableRule", json!({"Name": "off"})).await;
    bus.record(read(Category::Data)).await;
    jobs.settle().await;
    assert_eq!((bus.sent_by("plain").await, bus.sent_by("all").await, bus.sent_by("off").await), (2, 2, 1));
}

#[tokio::test]
async fn a_service_event_says_so_and_a_refusing_target_holds_nothing_up() {
    let bus = Bus::new().await;
    bus.rule("rotation", json!({"detail-type": ["AWS Service Event via CloudTrail"]}), "ENABLED").await;
    let closed = format!("{TOPIC}-closed");
    bus.ok("PutTargets", json!({"Rule": "rotation", "Targets": [{"Id": "a", "Arn": closed}]})).await;
    let jobs = bus.jobs();
    for _ in 0..2 {
        bus.record(|record| {
            record.event_type = EventType::AwsServiceEvent;
            record.event_name = "RotationFailed";
        })
        .await;
    }
    jobs.settle().await;
    assert_eq!(bus.sent_by("rotation").await, 2);
    assert_eq!(jobs.status()[0].failures, 0);
}

#[tokio::test]
async fn a_target_gets_what_its_transformer_makes() {
    let bus = Bus::new().await;
    bus.ok("PutRule", json!({"Name": "r", "EventPattern": r#"{"source":["shop"]}"#})).await;
    let transformer = json!({
        "InputPathsMap": {"order": "$.detail.order", "kind": "$.detail-type"},
        "InputTemplate": "{\"rule\":<aws.events.rule-name>,\"text\":\"<kind> of <order>\",\"n\":<order>}",
    });
    let targets = json!([{"Id": "t", "Arn": TOPIC, "InputTransformer": transformer}]);
    bus.ok("PutTargets", json!({"Rule": "r", "Targets": targets})).await;
    assert_eq!(bus.ok("ListTargetsByRule", json!({"Rule": "r"})).await["Targets"], targets);
    let entry = EventEntry {
        source: "shop".to_owned(),
        detail_type: "Cancellation".to_owned(),
        time: bus.rig.clock().now(),
        resources: vec!["arn:x".to_owned()],
        detail: json!({"order": 7}),
    };
    let tx = bus.rig.ledger.begin();
    bus.events.put(&tx, &account(), &region(), entry.clone()).await.unwrap();
    drop(tx);
    assert_eq!(bus.sent().await.len(), 0, "a transaction that does not commit delivers nothing");
    let tx = bus.rig.ledger.begin();
    bus.events.put(&tx, &account(), &region(), entry).await.unwrap();
    bus.rig.ledger.commit(tx).await.unwrap();
    assert_eq!(bus.sent().await[0].2, r#"{"rule":"r","text":"Cancellation of 7","n":7}"#);
}

#[tokio::test]
async fn put_events_delivers_and_keeps_the_detail_off_the_record() {
    let bus = Bus::new().await;
    bus.rule("orders", json!({"source": ["shop"], "detail": {"total": [{"numeric": [">", 10]}]}}), "ENABLED").await;
    let detail = r#"{"note": "canary-detail", "total": 12.50}"#;
    let entry = json!({"Source": "shop", "DetailType": "Order", "Detail": detail, "Resources": ["arn:r"], "Time": 1_700_000_000});
    let arn = format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default");
    let mut named = entry.clone();
    named["EventBusName"] = arn.into();
    let answer = bus.ok("PutEvents", json!({"Entries": [entry, named]})).await;
    assert_eq!(answer["FailedEntryCount"], 0);
    assert_ne!(answer["Entries"][0]["EventId"], answer["Entries"][1]["EventId"]);
    let record = bus.rig.last_record().await;
    assert_eq!((&record["eventName"], &record["eventCategory"]), (&json!("PutEvents"), &json!("Data")));
    assert_eq!(record["requestParameters"]["entries"][0]["detailType"], "Order");
    let all = serde_json::to_string(&bus.rig.records().await).unwrap();
    assert!(!all.contains("canary-detail"));
    let sent = bus.sent().await;
    assert_eq!(sent.len(), 2);
    assert!(sent[0].2.contains(r#""time":"2023-11-14T22:13:20Z""#), "{}", sent[0].2);
    assert!(sent[0].2.ends_with(&format!(r#""resources":["arn:r"],"detail":{detail}}}"#)), "{}", sent[0].2);
}

#[tokio::test]
async fn events_that_cannot_be_put_fail_one_by_one() {
    let bus = Bus::new().await;
    let entry = |changes: Value| {
        let mut entry = json!({"Source": "shop", "DetailType": "Order", "Detail": "{}"});
        entry.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        entry
    };
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let entries = json!([
        entry(json!({})),
        entry(json!({"Source": "aws.secretsmanager"})),
        entry(json!({"Source": null})),
        entry(json!({"DetailType": ""})),
        entry(json!({"Detail": null})),
        entry(json!({"Detail": "[1]"})),
        entry(json!({"Detail": "{"})),
        entry(json!({"Detail": deep})),
        entry(json!({"EventBusName": "other"})),
    ]);
    let answer = bus.ok("PutEvents", json!({"Entries": entries})).await;
    insta::assert_json_snapshot!(answer, { ".Entries[].EventId" => "[id]" });
    let large = "x".repeat(140_000);
    let large = entry(json!({"Detail": format!("{{\"x\":\"{large}\"}}")}));
    for (input, text) in [
        (json!([large, large]), "Total size of the entries in the request is over the limit."),
        (
            json!(vec![entry(json!({})); 11]),
            "1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
        ),
        (
            json!([]),
            "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
    ] {
        let (code, message) = bus.refused("PutEvents", json!({"Entries": input})).await;
        assert_eq!((code.as_str(), message.as_str()), ("ValidationException", text));
    }
}

#[tokio::test]
async fn a_rule_is_described_listed_changed_and_deleted() {
    let bus = Bus::new().await;
    for name in ["b", "a", "ab"] {
        let input = json!({"Name": name, "EventPattern": r#"{"source":["s"]}"#, "Description": "d", "Tags": [{"Key": "k", "Value": "v"}]});
        let answer = bus.ok("PutRule", input).await;
        assert_eq!(answer["RuleArn"], format!("arn:aws:events:us-east-1:123456789012:rule/{name}"));
    }
    insta::assert_json_snapshot!("described", bus.ok("DescribeRule", json!({"Name": "a"})).await);
    let first = bus.ok("ListRules", json!({"Limit": 2})).await;
    assert_eq!((&first["Rules"][0]["Name"], &first["Rules"][1]["Name"]), (&json!("a"), &json!("ab")));
    let second = bus.ok("ListRules", json!({"Limit": 2, "NextToken": first["NextToken"]})).await;
    assert_eq!(second["Rules"][0]["Name"], "b");
    assert_eq!(second.get("NextToken"), None);
    assert_eq!(bus.ok("ListRules", json!({"NamePrefix": "a"})).await["Rules"].as_array().unwrap().len(), 2);

    bus.ok("PutTargets", json!({"Rule": "a", "Targets": [{"Id": "1", "Arn": TOPIC}, {"Id": "2", "Arn": TOPIC}]})).await;
    assert_eq!(bus.ok("ListRuleNamesByTarget", json!({"TargetArn": TOPIC})).await["RuleNames"], json!(["a"]));
    // A rule that is put again keeps its targets and tags, and forgets what is not said again.
    bus.ok(
        "PutRule",
        json!({"Name": "a", "EventPattern": r#"{"source":["t"]}"#, "Tags": [{"Key": "x", "Value": "y"}]}),
    )
    .await;
    let described = bus.ok("DescribeRule", json!({"Name": "a", "EventBusName": "default"})).await;
    assert_eq!((described.get("Description"), &described["EventPattern"]), (None, &json!(r#"{"source":["t"]}"#)));
    assert_eq!(bus.ok("ListTargetsByRule", json!({"Rule": "a"})).await["Targets"].as_array().unwrap().len(), 2);

    let arn = described["Arn"].clone();
    bus.ok("TagResource", json!({"ResourceARN": arn, "Tags": [{"Key": "k", "Value": "w"}, {"Key": "l", "Value": ""}]}))
        .await;
    let tags = json!([{"Key": "k", "Value": "w"}, {"Key": "l", "Value": ""}]);
    assert_eq!(bus.ok("ListTagsForResource", json!({"ResourceARN": arn})).await["Tags"], tags);
    bus.ok("UntagResource", json!({"ResourceARN": arn, "TagKeys": ["k"]})).await;
    assert_eq!(
        bus.ok("ListTagsForResource", json!({"ResourceARN": arn})).await["Tags"],
        json!([{"Key": "l", "Value": ""}])
    );

    let (_, message) = bus.refused("DeleteRule", json!({"Name": "a"})).await;
    assert_eq!(message, "Rule can't be deleted since it has targets.");
    let removed = bus.ok("RemoveTargets", json!({"Rule": "a", "Ids": ["1", "2", "3"]})).await;
    assert_eq!(removed, json!({"FailedEntryCount": 0, "FailedEntries": []}));
    bus.ok("DeleteRule", json!({"Name": "a"})).await;
    bus.ok("DeleteRule", json!({"Name": "a"})).await;
    let (code, message) = bus.refused("DescribeRule", json!({"Name": "a"})).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("ResourceNotFoundException", "Rule a does not exist on EventBus default.")
    );
}

#[tokio::test]
async fn what_is_wrong_or_not_carried_out_is_refused_in_plain_words() {
    let bus = Bus::new().await;
    let pattern = r#"{"source":["s"]}"#;
    bus.ok("PutRule", json!({"Name": "r", "EventPattern": pattern})).await;
    let target = |changes: Value| {
        let mut target = json!({"Id": "1", "Arn": TOPIC});
        target.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!({"Rule": "r", "Targets": [target]})
    };
    let six: Vec<Value> = (0..6).map(|id| json!({"Id": id.to_string(), "Arn": TOPIC})).collect();
    let mut refusals = Vec::new();
    for (operation, input) in [
        ("PutRule", json!({"Name": "r", "EventPattern": r#"{"source":"s"}"#})),
        ("PutRule", json!({"Name": "r", "EventPattern": "{"})),
        ("PutRule", json!({"Name": "r"})),
        ("PutRule", json!({"Name": "r", "ScheduleExpression": "rate(5 minutes)"})),
        ("PutRule", json!({"Name": "r", "EventPattern": pattern, "RoleArn": "arn:aws:iam::123456789012:role/r"})),
        ("PutRule", json!({"Name": "r", "EventPattern": pattern, "State": "ON"})),
        ("PutRule", json!({"Name": "a b", "EventPattern": pattern})),
        ("PutRule", json!({"Name": "r", "EventPattern": pattern, "EventBusName": "other"})),
        ("DescribeEventBus", json!({"Name": "arn:aws:events:us-east-1:123456789012:event-bus/mine"})),
        ("EnableRule", json!({"Name": "missing"})),
        ("RemoveTargets", json!({"Rule": "missing", "Ids": ["1"]})),
        ("PutTargets", json!({"Rule": "missing", "Targets": [{"Id": "1", "Arn": TOPIC}]})),
        ("PutTargets", json!({"Rule": "r", "Targets": six})),
        ("PutTargets", json!({"Rule": "r", "Targets": []})),
        ("PutTargets", target(json!({"Arn": "topic"}))),
        ("PutTargets", target(json!({"Arn": "arn:aws:sqs:us-east-1:123456789012:q"}))),
        ("PutTargets", target(json!({"RetryPolicy": {"MaximumRetryAttempts": 2}}))),
        ("PutTargets", target(json!({"DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:q"}}))),
        ("PutTargets", target(json!({"Input": "{", "Id": "x"}))),
        ("TagResource", json!({"ResourceARN": "arn:aws:events:us-east-1:123456789012:event-bus/default", "Tags": []})),
        ("TagResource", json!({"ResourceARN": "nothing", "Tags": []})),
        ("ListTagsForResource", json!({"ResourceARN": "arn:aws:events:us-east-1:123456789012:rule/missing"})),
        ("ListRules", json!({"NextToken": "?"})),
        ("TestEventPattern", json!({"EventPattern": pattern, "Event": "[]"})),
        ("TestEventPattern", json!({"EventPattern": pattern, "Event": r#"{"source":"s"}"#})),
        ("TestEventPattern", json!({"EventPattern": r#"{"source":[]}"#, "Event": "{}"})),
    ] {
        let (code, message) = bus.refused(operation, input).await;
        refusals.push(format!("{operation}: {code}: {message}"));
    }
    insta::assert_json_snapshot!(refusals);
    assert_eq!(bus.ok("ListTargetsByRule", json!({"Rule": "r"})).await["Targets"], json!([]));
}

#[tokio::test]
async fn a_pattern_is_tried_and_the_bus_is_described() {
    let bus = Bus::new().await;
    let event = json!({"id": "1", "account": ACCOUNT, "source": "s", "time": "t", "region": REGION, "resources": [], "detail-type": "d"});
    for (pattern, result) in [(r#"{"source":["s"]}"#, true), (r#"{"source":["t"]}"#, false)] {
        let input = json!({"EventPattern": pattern, "Event": event.to_string()});
        assert_eq!(bus.ok("TestEventPattern", input).await["Result"], result);
    }
    let described = json!({"Name": "default", "Arn": "arn:aws:events:us-east-1:123456789012:event-bus/default"});
    assert_eq!(bus.ok("DescribeEventBus", json!({})).await, described);
    assert_eq!(bus.ok("ListEventBuses", json!({})).await["EventBuses"], json!([described]));
}

#[tokio::test]
async fn an_input_of_a_target_stays_off_the_record() {
    let bus = Bus::new().await;
    bus.ok("PutRule", json!({"Name": "r", "EventPattern": r#"{"source":["s"]}"#})).await;
    let targets = json!([
        {"Id": "1", "Arn": TOPIC, "Input": "\"canary-input\""},
        {"Id": "2", "Arn": TOPIC, "InputTransformer": {"InputTemplate": "\"canary-input\""}},
    ]);
    bus.ok("PutTargets", json!({"Rule": "r", "Targets": targets})).await;
    let record = bus.rig.last_record().await;
    assert_eq!(record["requestParameters"]["targets"][0], json!({"id": "1", "arn": TOPIC}));
    assert!(!serde_json::to_string(&bus.rig.records().await).unwrap().contains("canary-input"));
}

#[tokio::test]
async fn rights_are_asked_for_rules_by_arn_and_for_events_by_source() {
    let bus = Bus::new().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"events:PutRule","Resource":"arn:aws:events:us-east-1:123456789012:rule/mine-*"},
        {"Effect":"Allow","Action":"events:PutEvents","Resource":"*","Condition":{"StringEquals":{"events:source":"shop"}}}]}"#;
    let put = |name: &str| json!({"Name": name, "EventPattern": r#"{"source":["s"]}"#});
    let entry = |source: &str| json!({"Source": source, "DetailType": "d", "Detail": "{}"});
    for (operation, input, allowed) in [
        ("PutRule", put("mine-1"), true),
        ("PutRule", put("yours"), false),
        ("PutEvents", json!({"Entries": [entry("shop")]}), true),
        ("PutEvents", json!({"Entries": [entry("shop"), entry("bank")]}), false),
    ] {
        let answer = bus.rig.call_as(user("guest", policy), &bus.service, operation, &input).await;
        assert_eq!(answer.status == 200, allowed, "{operation}: {}", answer.body);
        assert_eq!(answer.code() == "AccessDeniedException", !allowed);
    }
}
