//! What the readers of the trail made of it.

use std::{collections::BTreeMap, io::Read, path::Path};

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    caller::{Caller, Request},
    eventually, journal, lake,
    server::Server,
    watch::{BUCKET, GROUP, METRIC, NAMESPACE},
};

/// How often each event was seen.
type Seen = BTreeMap<String, u32>;

/// The metric has counted, the log group has, the log files have, and the event history has every event of the load, once.
pub(super) async fn have_seen_everything_once(server: &Server, root: &Caller) {
    let records = journal::records(server.data());
    let expected = seen(records.iter());
    let reads = records.iter().filter(|record| record["eventName"] == "GetSecretValue").count();
    eventually("the metric", async || {
        let counted = metric(root).await;
        println!("{counted} of {reads} reads counted");
        (counted == reads as f64).then_some(())
    })
    .await;
    eventually("the log group", async || agree("log events", &expected, &log_events(root).await)).await;
    eventually("the event history", async || agree("event history", &expected, &history(root).await)).await;
    eventually("the log files", async || agree("log files", &expected, &log_files(root).await)).await;
}

/// The event data store of a server that was stopped has every event of the load, once.
pub(super) async fn the_lake_has_everything_once(data: &Path, arn: &str) {
    let expected = seen(journal::records(data).iter());
    let statement = "SELECT eventid FROM s WHERE eventsource = 'secretsmanager.amazonaws.com'";
    let mut found = Seen::new();
    for id in lake::query(data, arn, statement).await.into_iter().flatten() {
        *found.entry(id).or_default() += 1;
    }
    assert!(agree("the Lake", &expected, &found).is_some());
}

fn seen<'a>(records: impl Iterator<Item = &'a Value>) -> Seen {
    let mut seen = Seen::new();
    for record in records.filter(|record| record["eventSource"] == "secretsmanager.amazonaws.com") {
        *seen.entry(record["eventID"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    seen
}

fn agree(what: &str, expected: &Seen, found: &Seen) -> Option<()> {
    println!("{what}: {} of {}", found.len(), expected.len());
    for (id, times) in found {
        assert_eq!(*times, 1, "{what}: {id} was seen {times} times");
        assert!(expected.contains_key(id), "{what}: {id} is not in the journal");
    }
    (expected.len() == found.len()).then_some(())
}

async fn metric(root: &Caller) -> f64 {
    let now = keeptrail_clock::Clock::system().now().as_second();
    let input = json!({"Namespace": NAMESPACE, "MetricName": METRIC, "StartTime": now - 7200, "EndTime": now + 3600,
        "Period": 3600, "Statistics": ["Sum"]});
    let points = root.call("cloudwatch", "GetMetricStatistics", input).await.good();
    points["Datapoints"].as_array().unwrap().iter().map(|point| point["Sum"].as_f64().unwrap()).sum()
}

async fn log_events(root: &Caller) -> Seen {
    let (mut events, mut input) = (Vec::new(), json!({"logGroupName": GROUP}));
    loop {
        let page = root.call("logs", "FilterLogEvents", input.clone()).await.good();
        for event in page["events"].as_array().unwrap() {
            events.push(serde_json::from_str::<Value>(event["message"].as_str().unwrap()).unwrap());
        }
        match page.get("nextToken") {
            Some(token) => input["nextToken"] = token.clone(),
            None => return seen(events.iter()),
        }
    }
}

async fn history(root: &Caller) -> Seen {
    let source = json!([{"AttributeKey": "EventSource", "AttributeValue": "secretsmanager.amazonaws.com"}]);
    let (mut events, mut input) = (Vec::new(), json!({"LookupAttributes": source, "MaxResults": 50}));
    loop {
        let page = root.call("cloudtrail", "LookupEvents", input.clone()).await.good();
        for event in page["Events"].as_array().unwrap() {
            events.push(serde_json::from_str::<Value>(event["CloudTrailEvent"].as_str().unwrap()).unwrap());
        }
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => return seen(events.iter()),
        }
    }
}

async fn log_files(root: &Caller) -> Seen {
    let mut records = Vec::new();
    for key in keys(root).await {
        let file = root.send(Request::new("s3", Method::GET, &format!("/{BUCKET}/{key}"))).await;
        assert_eq!(file.status, 200, "{}", file.text());
        let mut text = String::new();
        flate2::read::GzDecoder::new(file.body.as_slice()).read_to_string(&mut text).unwrap();
        let mut content: Value = serde_json::from_str(&text).unwrap();
        records.append(content["Records"].as_array_mut().unwrap());
    }
    seen(records.iter())
}

async fn keys(root: &Caller) -> Vec<String> {
    let (mut keys, mut after) = (Vec::new(), String::new());
    loop {
        let query = format!("/{BUCKET}?list-type=2&prefix=AWSLogs%2F&start-after={after}");
        let page = root.send(Request::new("s3", Method::GET, &query)).await.text();
        let found = page.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
        keys.extend(found.filter(|key| key.ends_with(".json.gz")).map(str::to_owned));
        if page.contains("<IsTruncated>true") {
            after = crate::support::encoding::url_encoded(keys.last().unwrap().as_bytes());
        } else {
            return keys;
        }
    }
}
