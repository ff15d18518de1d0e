use keeptrail_logs::LogEvent;
use keeptrail_pattern::document::Document;
use keeptrail_testkit::{account, region};
use serde_json::{Value, json};

use crate::fixture::{Desk, NOW};

/// The filter of the first seed document.
const ETHOS: &str = r#"{ ($.eventName = "GetSecretValue") && ($.requestParameters.secretId = "ethos/*") && ($.userIdentity.arn != "*EthosInstanceRole*") }"#;

async fn filter(desk: &Desk, name: &str, pattern: &str, transformation: Value) {
    let mut whole = json!({ "metricName": name, "metricNamespace": "N", "metricValue": "1" });
    transformation.as_object().unwrap().iter().for_each(|(member, value)| whole[member] = value.clone());
    let input =
        json!({ "logGroupName": "g", "filterName": name, "filterPattern": pattern, "metricTransformations": [whole] });
    desk.ok("PutMetricFilter", input).await;
}

fn datum(name: &str, minute: i64, values: [f64; 4]) -> Value {
    json!({ "metric": format!("N/{name}"), "dimensions": [], "unit": null, "minute": minute, "values": values })
}

fn read_by(role: &str) -> String {
    json!({
        "eventName": "GetSecretValue",
        "requestParameters": { "secretId": "ethos/prod/key" },
        "userIdentity": { "arn": format!("arn:aws:sts::123456789012:assumed-role/{role}/i-1") },
    })
    .to_string()
}

#[tokio::test]
async fn the_seeds_filter_counts_the_stranger_and_not_the_instance() {
    let desk = Desk::with_stream().await;
    filter(&desk, "reads", ETHOS, json!({ "unit": "None" })).await;
    desk.put("s", &[(0, &read_by("EthosInstanceRole")), (1, "not json"), (2, &read_by("EthosInstanceRole"))]).await;
    assert_eq!(desk.data().await, [Value::Null; 0]);
    desk.put("s", &[(3, &read_by("Laptop")), (4, &read_by("Laptop")), (60_000, &read_by("Laptop"))]).await;
    assert_eq!(desk.data().await, [datum("reads", 0, [2.0, 2.0, 1.0, 1.0]), datum("reads", 1, [1.0, 1.0, 1.0, 1.0])]);
}

#[tokio::test]
async fn a_batch_whose_transaction_is_dropped_counts_nothing() {
    let desk = Desk::with_stream().await;
    filter(&desk, "reads", ETHOS, json!({})).await;
    let message = read_by("Laptop");
    let tx = desk.rig.ledger.begin();
    let events = [LogEvent { timestamp: NOW, message: &message, document: None }];
    desk.logs.append(&tx, &account(), &region(), "g", "s", &events).await.unwrap();
    drop(tx);
    assert_eq!((desk.data().await.len(), desk.rows("logs.chunk").await), (0, 0));
}

#[tokio::test]
async fn an_event_that_comes_parsed_is_matched_as_its_text_would_be() {
    let desk = Desk::with_stream().await;
    filter(&desk, "json", ETHOS, json!({})).await;
    filter(&desk, "terms", "GetSecretValue", json!({})).await;
    filter(&desk, "field", r#"{ $.userIdentity.arn = "*" }"#, json!({ "metricValue": "$.latency" })).await;
    let mut parsed: Value = serde_json::from_str(&read_by("Laptop")).unwrap();
    parsed["latency"] = json!(2.5);
    let message = parsed.to_string();
    let document = Document::parse(&message).unwrap();
    for document in [None, Some(&document)] {
        let tx = desk.rig.ledger.begin();
        let events = [LogEvent { timestamp: NOW, message: &message, document }];
        desk.logs.append(&tx, &account(), &region(), "g", "s", &events).await.unwrap();
        desk.rig.ledger.commit(tx).await.unwrap();
    }
    let data = desk.data().await;
    assert_eq!(data[..3], data[3..]);
    assert_eq!(data[0], datum("field", 0, [1.0, 2.5, 2.5, 2.5]));
}

#[tokio::test]
async fn values_and_dimensions_come_from_fields_and_an_event_without_them_gives_nothing() {
    let desk = Desk::with_stream().await;
    let transformation = json!({ "metricValue": "$.ms", "unit": "Milliseconds", "dimensions": { "Path": "$.path" } });
    filter(&desk, "latency", "{ $.ms >= 0 }", transformation).await;
    let events = [
        (0, r#"{"ms": 10, "path": "/a"}"#),
        (1, r#"{"ms": 30, "path": "/a"}"#),
        (2, r#"{"ms": 5, "path": "/b"}"#),
        (3, r#"{"ms": 7}"#),
        (4, r#"{"ms": "fast", "path": "/a"}"#),
    ];
    desk.put("s", &events).await;
    let datum = |path: &str, values: [f64; 4]| json!({ "metric": "N/latency", "dimensions": [["Path", path]], "unit": "Milliseconds", "minute": 0, "values": values });
    assert_eq!(desk.data().await, [datum("/a", [2.0, 40.0, 10.0, 30.0]), datum("/b", [1.0, 5.0, 5.0, 5.0])]);
}

#[tokio::test]
async fn a_minute_with_events_and_no_match_gives_the_default_once() {
    let desk = Desk::with_stream().await;
    filter(&desk, "reads", "ERROR", json!({ "defaultValue": 0.0 })).await;
    desk.put("s", &[(0, "fine"), (1, "fine"), (60_000, "ERROR"), (60_001, "fine")]).await;
    let zero = [1.0, 0.0, 0.0, 0.0];
    let one = [1.0, 1.0, 1.0, 1.0];
    assert_eq!(desk.data().await, [datum("reads", 0, zero), datum("reads", 1, one)]);
    desk.put("s", &[(2, "fine"), (60_002, "fine"), (120_000, "fine")]).await;
    assert_eq!(desk.data().await[2..], [datum("reads", 2, zero)], "the first two minutes have their values already");
    desk.put("s", &[(3, "ERROR")]).await;
    assert_eq!(desk.data().await[3..], [datum("reads", 0, one)], "a match that comes later adds to the default");
}

#[tokio::test]
async fn a_filter_counts_only_what_is_written_while_it_is_there() {
    let desk = Desk::with_stream().await;
    desk.put("s", &[(0, "ERROR")]).await;
    filter(&desk, "errors", "ERROR", json!({})).await;
    desk.put("s", &[(1, "ERROR")]).await;
    desk.ok("DeleteMetricFilter", json!({ "logGroupName": "g", "filterName": "errors" })).await;
    desk.put("s", &[(2, "ERROR")]).await;
    assert_eq!(desk.data().await.len(), 1);
    let gone = json!({ "logGroupName": "g", "filterName": "errors" });
    desk.refused(
        "DeleteMetricFilter",
        gone,
        "ResourceNotFoundException",
        "The specified metric filter does not exist.",
    )
    .await;
}

#[tokio::test]
async fn filters_are_shown_as_terraform_reads_them_by_group_prefix_and_metric() {
    let desk = Desk::with_stream().await;
    filter(&desk, "reads", ETHOS, json!({ "unit": "None" })).await;
    filter(&desk, "errors", "ERROR", json!({ "defaultValue": 0.0, "unit": "Count" })).await;
    desk.ok("CreateLogGroup", json!({ "logGroupName": "h" })).await;
    let other = json!({ "metricName": "m", "metricNamespace": "N", "metricValue": "1" });
    desk.ok(
        "PutMetricFilter",
        json!({ "logGroupName": "h", "filterName": "errors", "filterPattern": "", "metricTransformations": [other] }),
    )
    .await;
    let found = desk.ok("DescribeMetricFilters", json!({ "logGroupName": "g" })).await;
    insta::assert_json_snapshot!("filters", found);
    let names = async |mut input: Value| {
        let mut names = Vec::new();
        loop {
            let page = desk.ok("DescribeMetricFilters", input.clone()).await;
            for filter in page["metricFilters"].as_array().unwrap() {
                names.push(format!(
                    "{}/{}",
                    filter["logGroupName"].as_str().unwrap(),
                    filter["filterName"].as_str().unwrap()
                ));
            }
            match page.get("nextToken") {
                Some(token) => input["nextToken"] = token.clone(),
                None => return names,
            }
        }
    };
    assert_eq!(names(json!({ "limit": 1 })).await, ["g/errors", "g/reads", "h/errors"]);
    assert_eq!(names(json!({ "filterNamePrefix": "err", "limit": 2 })).await, ["g/errors", "h/errors"]);
    assert_eq!(names(json!({ "metricName": "m", "metricNamespace": "N" })).await, ["h/errors"]);
    let groups = desk.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(groups["logGroups"][0]["metricFilterCount"], 2);
}

#[tokio::test]
async fn a_filter_that_could_never_count_is_refused_with_its_reason() {
    let desk = Desk::with_stream().await;
    let put = |pattern: &str, transformation: Value| {
        let mut whole = json!({ "metricName": "m", "metricNamespace": "N", "metricValue": "1" });
        transformation.as_object().unwrap().iter().for_each(|(member, value)| whole[member] = value.clone());
        json!({ "logGroupName": "g", "filterName": "f", "filterPattern": pattern, "metricTransformations": [whole] })
    };
    let cases = [
        (put("{ $.a = ", json!({})), "Invalid metric filter pattern: at character "),
        (
            put("{ $.a = 1 }", json!({ "defaultValue": 0.0, "dimensions": { "d": "$.b" } })),
            "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
        ),
        (
            put("ERROR", json!({ "metricValue": "$.latency" })),
            "Invalid metric transformation: the metric value $.latency is neither",
        ),
        (
            put("ERROR", json!({ "metricValue": "many" })),
            "Invalid metric transformation: the metric value many is neither",
        ),
        (
            put("ERROR", json!({ "dimensions": { "d": "$.b" } })),
            "Invalid metric transformation: the dimension value $.b is not",
        ),
        (
            put("{ $.a = 1 }", json!({ "dimensions": { "a": "$.a", "b": "$.a", "c": "$.a", "d": "$.a" } })),
            "1 validation error detected",
        ),
        (put("ERROR", json!({ "unit": "Parsecs" })), "1 validation error detected"),
        (put("ERROR", json!({ "metricName": "a*b" })), "1 validation error detected"),
    ];
    for (input, message) in cases {
        let answer = desk.call("PutMetricFilter", input).await;
        assert_eq!(answer.code(), "InvalidParameterException");
        assert!(answer.message().starts_with(message), "{}", answer.message());
    }
    let mut none = put("ERROR", json!({}));
    none["metricTransformations"] = json!([]);
    assert_eq!(desk.call("PutMetricFilter", none).await.code(), "InvalidParameterException");
    assert_eq!(desk.rows("logs.filters").await, 0);
}

#[tokio::test]
async fn a_group_takes_a_hundred_filters_and_five_with_regular_expressions() {
    let desk = Desk::with_stream().await;
    for number in 0..5 {
        filter(&desk, &format!("regex{number}"), "%[0-9]+%", json!({})).await;
    }
    let put = |name: &str, pattern: &str| {
        let transformation = json!({ "metricName": "m", "metricNamespace": "N", "metricValue": "1" });
        json!({ "logGroupName": "g", "filterName": name, "filterPattern": pattern, "metricTransformations": [transformation] })
    };
    assert_eq!(desk.call("PutMetricFilter", put("one more", "%a%")).await.code(), "LimitExceededException");
    filter(&desk, "regex0", "%replaced%", json!({})).await;
    for number in 5..100 {
        filter(&desk, &format!("plain{number}"), "word", json!({})).await;
    }
    desk.refused("PutMetricFilter", put("one more", "word"), "LimitExceededException", "Resource limit exceeded.")
        .await;
}

#[tokio::test]
async fn a_pattern_can_be_tried_on_messages() {
    let desk = Desk::new().await;
    let messages = json!([r#"{"eventName": "a", "n": 1}"#, "text", r#"{"eventName": "b"}"#]);
    let found = desk
        .ok("TestMetricFilter", json!({ "filterPattern": r#"{ $.eventName = "b" }"#, "logEventMessages": messages }))
        .await;
    let record =
        json!({ "eventNumber": 3, "eventMessage": r#"{"eventName": "b"}"#, "extractedValues": { "$.eventName": "b" } });
    assert_eq!(found, json!({ "matches": [record] }));
    let refused = desk.call("TestMetricFilter", json!({ "filterPattern": "{", "logEventMessages": ["a"] })).await;
    assert!(refused.message().starts_with("Invalid metric filter pattern: "), "{}", refused.message());
}
