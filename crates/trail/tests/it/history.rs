//! The event history.

use std::time::Duration;

use keeptrail_testkit::user;
use serde_json::{Value, json};

use super::fixture::{DAY, Stage};

fn by(key: &str, value: &str) -> Value {
    json!({"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]})
}

fn numbers(events: &[Value]) -> Vec<u32> {
    events.iter().map(|event| event["EventId"].as_str().unwrap().split_once("-").unwrap().0.parse().unwrap()).collect()
}

impl Stage {
    /// All pages of a look-up.
    async fn found(&self, mut input: Value) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let mut page = self.ok("LookupEvents", input.clone()).await;
            events.extend(page["Events"].as_array().unwrap().clone());
            match page.get_mut("NextToken") {
                Some(token) => input["NextToken"] = token.take(),
                None => return events,
            }
        }
    }

    async fn names(&self, input: Value) -> Vec<String> {
        let events = self.found(input).await;
        events.iter().map(|event| event["EventName"].as_str().unwrap().to_owned()).collect()
    }

    /// A record of a secret's reading.
    async fn read(&self, number: u32, time: &str) {
        let id = format!("{number:08}-0000-4000-8000-000000000000");
        let arn = format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:app/{number}-AbCdEf");
        let record = json!({
            "userIdentity": {
                "type": "AssumedRole",
                "arn": format!("arn:aws:sts::123456789012:assumed-role/App/i-{number}"),
                "accessKeyId": format!("ASIA{number}"),
            },
            "eventTime": time, "eventName": "GetSecretValue", "awsRegion": "us-east-1",
            "eventSource": "secretsmanager.amazonaws.com", "eventCategory": "Management", "readOnly": true,
            "resources": [{"ARN": arn, "accountId": "123456789012", "type": "AWS::SecretsManager::Secret"}],
            "recipientAccountId": "123456789012", "eventID": id,
        });
        let bytes = serde_json::to_vec(&record).unwrap().into();
        let record = keeptrail_journal::Record { event_id: id, bytes };
        self.rig.ledger.journal().append(vec![record]).await.unwrap();
    }
}

#[tokio::test]
async fn the_history_is_found_by_each_attribute_newest_first_in_pages() {
    let stage = Stage::new().await;
    let jobs = stage.jobs();
    for _ in 0..7 {
        stage.ok("ListTrails", json!({})).await;
        stage.rig.time.advance(Duration::from_secs(1));
    }
    let denied = user("bob", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#);
    stage.rig.call_as(denied, &stage.service, "DescribeTrails", &json!({})).await;
    jobs.settle().await;
    for (key, value, count) in [
        ("EventName", "ListTrails", 7),
        ("Username", "root", 7),
        ("Username", "bob", 1),
        ("EventSource", "cloudtrail.amazonaws.com", 8),
        ("AccessKeyId", "root", 8),
        ("ReadOnly", "true", 8),
        ("EventName", "Nothing", 0),
    ] {
        let found = stage.names(by(key, value)).await;
        let own = found.iter().filter(|name| *name != "LookupEvents").count();
        assert_eq!(own, count, "{key}={value}");
    }
    let mut input = by("EventName", "ListTrails");
    input["MaxResults"] = json!(3);
    let page = stage.ok("LookupEvents", input.clone()).await;
    assert_eq!(page["Events"].as_array().unwrap().len(), 3);
    let found = stage.found(input).await;
    let times: Vec<_> = found.iter().map(|event| event["EventTime"].as_i64().unwrap()).collect();
    assert_eq!(times.len(), 7);
    assert!(times.windows(2).all(|pair| pair[0] > pair[1]), "{times:?}");
    let mut other = by("EventName", "DescribeTrails");
    other["NextToken"] = page["NextToken"].clone();
    assert_eq!(stage.call("LookupEvents", other).await.code(), "InvalidNextTokenException");
    jobs.drain().await;
}

#[tokio::test]
async fn a_read_of_a_secret_is_found_by_all_that_names_it() {
    let stage = Stage::new().await;
    for number in 1..=3 {
        stage.read(number, "2026-03-01T11:59:00Z").await;
    }
    let jobs = stage.jobs();
    jobs.settle().await;
    for (key, value) in [
        ("EventId", "00000002-0000-4000-8000-000000000000"),
        ("Username", "i-2"),
        ("AccessKeyId", "ASIA2"),
        ("ResourceName", "app/2"),
        ("ResourceName", "arn:aws:secretsmanager:us-east-1:123456789012:secret:app/2-AbCdEf"),
    ] {
        let found = stage.found(by(key, value)).await;
        assert_eq!(found.len(), 1, "{key}={value}");
        assert_eq!(found[0]["EventId"], "00000002-0000-4000-8000-000000000000");
        assert_eq!(found[0]["ReadOnly"], "true");
    }
    assert_eq!(stage.found(by("ResourceType", "AWS::SecretsManager::Secret")).await.len(), 3);
    assert_eq!(stage.found(by("ResourceType", "AWS::SNS::Topic")).await.len(), 0);
    jobs.drain().await;
}

#[tokio::test]
async fn events_out_of_order_and_hours_apart_come_back_in_the_order_of_their_times() {
    let stage = Stage::new().await;
    let times = ["09:00:00", "11:59:00", "03:00:00", "11:58:59", "09:00:01", "11:59:00", "02:59:59"];
    for (number, time) in times.iter().enumerate() {
        stage.read(u32::try_from(number).unwrap(), &format!("2026-03-01T{time}Z")).await;
    }
    let jobs = stage.jobs();
    jobs.settle().await;
    let mut input = by("EventName", "GetSecretValue");
    for size in 1..=7 {
        input["MaxResults"] = json!(size);
        let found = stage.found(input.clone()).await;
        assert_eq!(numbers(&found), [5, 1, 3, 4, 0, 2, 6], "in pages of {size}");
    }
    input["StartTime"] = json!("2026-03-01T03:00:00Z");
    input["EndTime"] = json!("2026-03-01T09:00:00Z");
    let found = stage.found(input).await;
    assert_eq!(numbers(&found), [0, 2]);
    jobs.drain().await;
}

#[tokio::test]
async fn events_older_than_90_days_go_and_younger_ones_stay() {
    let stage = Stage::new().await;
    stage.ok("ListTrails", json!({})).await;
    let jobs = stage.jobs();
    stage.advance(&jobs, DAY * 60).await;
    stage.ok("DescribeTrails", json!({})).await;
    stage.advance(&jobs, DAY * 31).await;
    assert_eq!(stage.names(by("EventName", "ListTrails")).await, Vec::<String>::new());
    assert_eq!(stage.names(by("EventName", "DescribeTrails")).await, ["DescribeTrails"]);
    // The open chunk went with its records; another is begun.
    stage.advance(&jobs, DAY * 91).await;
    stage.ok("ListTrails", json!({})).await;
    jobs.settle().await;
    assert_eq!(stage.names(by("EventName", "ListTrails")).await, ["ListTrails"]);
    assert_eq!(stage.rows("trail.history-data").await.unwrap(), stage.rows("trail.history-facts").await.unwrap());
    jobs.drain().await;
}

#[tokio::test]
async fn what_cannot_be_looked_up_is_refused() {
    let stage = Stage::new().await;
    let many = json!({"LookupAttributes": [
        {"AttributeKey": "EventName", "AttributeValue": "a"}, {"AttributeKey": "EventName", "AttributeValue": "b"},
    ]});
    for (input, code) in [
        (many, "InvalidLookupAttributesException"),
        (by("Colour", "red"), "InvalidLookupAttributesException"),
        (by("EventName", ""), "InvalidLookupAttributesException"),
        (json!({"MaxResults": 0}), "InvalidMaxResultsException"),
        (json!({"MaxResults": 51}), "InvalidMaxResultsException"),
        (json!({"StartTime": 2, "EndTime": 1}), "InvalidTimeRangeException"),
        (json!({"NextToken": "x"}), "InvalidNextTokenException"),
    ] {
        assert_eq!(stage.call("LookupEvents", input.clone()).await.code(), code, "{input}");
    }
}
