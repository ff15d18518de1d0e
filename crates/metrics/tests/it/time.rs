use serde_json::json;

use crate::fixture::Watch;

/// The alarm's states with the seconds since the begin at which it changed.
async fn changes(watch: &Watch, name: &str) -> Vec<(i64, String)> {
    let query = json!({ "AlarmName": name, "HistoryItemType": "StateUpdate", "ScanBy": "TimestampAscending" });
    let found = watch.ok("DescribeAlarmHistory", query).await;
    let start = "2026-03-01T12:00:00Z".parse::<keeptrail_clock::Timestamp>().unwrap().as_second();
    found["AlarmHistoryItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let at = item["Timestamp"].as_f64().unwrap().round();
            let data: serde_json::Value = serde_json::from_str(item["HistoryData"].as_str().unwrap()).unwrap();
            #[expect(clippy::cast_possible_truncation, reason = "a time of the test")]
            let at = at as i64 - start;
            (at, data["newState"]["stateValue"].as_str().unwrap().to_owned())
        })
        .collect()
}

fn states(changes: &[(i64, &str)]) -> Vec<(i64, String)> {
    changes.iter().map(|(at, state)| (*at, (*state).to_owned())).collect()
}

#[tokio::test]
async fn the_seeds_alarm_returns_to_insufficient_data_when_its_datapoint_leaves_the_range() {
    let watch = Watch::new().await;
    let jobs = watch.jobs();
    watch.alarm("read", json!({})).await;
    watch.pass(&jobs, 90).await;
    watch.put(1.0).await;
    for _ in 0..120 {
        watch.pass(&jobs, 30).await;
    }
    // Put at 12:01:30. The range has three periods of five minutes, and the datapoint's minute leaves it at 12:16.
    assert_eq!(changes(&watch, "read").await, states(&[(90, "ALARM"), (16 * 60, "INSUFFICIENT_DATA")]));
    let alarm = watch.describe("read").await;
    assert_eq!(alarm["StateReason"], "Insufficient Data: 1 datapoint was unknown.");
    jobs.drain().await;
}

#[tokio::test]
async fn missing_data_counts_as_the_alarm_says_over_an_hour() {
    let watch = Watch::new().await;
    let jobs = watch.jobs();
    for treatment in ["missing", "notBreaching", "breaching", "ignore"] {
        watch.alarm(treatment, json!({ "TreatMissingData": treatment, "Period": 60 })).await;
    }
    watch.pass(&jobs, 60).await;
    assert_eq!(watch.state("missing").await, "INSUFFICIENT_DATA");
    assert_eq!(watch.state("notBreaching").await, "OK");
    assert_eq!(watch.state("breaching").await, "ALARM");
    assert_eq!(watch.state("ignore").await, "INSUFFICIENT_DATA");
    watch.put(1.0).await;
    for _ in 0..60 {
        watch.pass(&jobs, 60).await;
    }
    let until = 60 + 3 * 60;
    assert_eq!(changes(&watch, "missing").await, states(&[(60, "ALARM"), (until, "INSUFFICIENT_DATA")]));
    assert_eq!(changes(&watch, "notBreaching").await, states(&[(60, "OK"), (60, "ALARM"), (until, "OK")]));
    assert_eq!(changes(&watch, "breaching").await, states(&[(60, "ALARM")]));
    assert_eq!(changes(&watch, "ignore").await, states(&[(60, "ALARM")]));
    jobs.drain().await;
}

#[tokio::test]
async fn a_state_set_by_hand_lasts_until_the_next_minute_when_the_data_still_breaches() {
    let watch = Watch::new().await;
    let jobs = watch.jobs();
    watch.alarm("read", json!({})).await;
    watch.pass(&jobs, 70).await;
    watch.put(1.0).await;
    watch.pass(&jobs, 20).await;
    let reset = json!({ "AlarmName": "read", "StateValue": "OK", "StateReason": "Test complete" });
    watch.ok("SetAlarmState", reset).await;
    let alarm = watch.describe("read").await;
    assert_eq!((&alarm["StateValue"], &alarm["StateReason"]), (&json!("OK"), &json!("Test complete")));
    assert_eq!(alarm.get("StateReasonData"), None);
    watch.pass(&jobs, 29).await;
    assert_eq!(watch.state("read").await, "OK", "the next evaluation is the next minute's");
    watch.pass(&jobs, 1).await;
    assert_eq!(watch.state("read").await, "ALARM");
    jobs.drain().await;
}

#[tokio::test]
async fn a_settled_alarm_is_not_evaluated_any_more() {
    let watch = Watch::new().await;
    let jobs = watch.jobs();
    watch.alarm("read", json!({ "TreatMissingData": "notBreaching" })).await;
    watch.pass(&jobs, 60).await;
    assert_eq!(watch.state("read").await, "OK");
    let evaluation = jobs.status().into_iter().find(|job| job.name == "alarm-evaluation").unwrap();
    assert_eq!(evaluation.due, None, "nothing is due until a datapoint comes");
    jobs.drain().await;
}

#[tokio::test]
async fn a_datapoint_of_the_future_counts_when_its_time_comes() {
    let watch = Watch::new().await;
    let jobs = watch.jobs();
    watch.alarm("read", json!({ "Period": 60 })).await;
    let data = json!([{ "MetricName": "Reads", "Value": 1, "Timestamp": "2026-03-01T13:00:00Z" }]);
    watch.ok("PutMetricData", json!({ "Namespace": "Ethos/Security", "MetricData": data })).await;
    assert_eq!(watch.state("read").await, "INSUFFICIENT_DATA");
    for _ in 0..70 {
        watch.pass(&jobs, 60).await;
    }
    assert_eq!(changes(&watch, "read").await[0], (3600, "ALARM".to_owned()));
    jobs.drain().await;
}

#[tokio::test]
async fn a_total_that_must_not_be_small_is_judged_when_its_minute_is_over() {
    let watch = Watch::new().await;
    let jobs = watch.jobs();
    let heartbeat = json!({ "ComparisonOperator": "LessThanThreshold", "Threshold": 3, "Period": 60, "TreatMissingData": "ignore" });
    watch.alarm("heartbeat", heartbeat).await;
    watch.pass(&jobs, 60).await;
    for _ in 0..3 {
        watch.put(1.0).await;
        watch.pass(&jobs, 20).await;
    }
    assert_eq!(changes(&watch, "heartbeat").await, states(&[(120, "OK")]), "never in alarm while the minute filled up");
    watch.put(1.0).await;
    watch.pass(&jobs, 60).await;
    assert_eq!(watch.state("heartbeat").await, "ALARM", "one heartbeat of three");
    jobs.drain().await;
}

#[tokio::test]
async fn short_periods_are_evaluated_every_ten_seconds() {
    let watch = Watch::new().await;
    let jobs = watch.jobs();
    watch.alarm("fast", json!({ "Period": 10, "Statistic": "Average", "Threshold": 21, "Unit": "Seconds" })).await;
    let datum =
        |value: i32| json!({ "MetricName": "Reads", "Value": value, "Unit": "Seconds", "StorageResolution": 1 });
    let data = json!([datum(21), datum(22)]);
    watch.ok("PutMetricData", json!({ "Namespace": "Ethos/Security", "MetricData": data })).await;
    assert_eq!(
        watch.describe("fast").await["StateReason"],
        "Threshold Crossed: 1 datapoint [21.5 (01/03/26 12:00:00)] was greater than the threshold (21.0)."
    );
    for _ in 0..6 {
        watch.pass(&jobs, 10).await;
    }
    assert_eq!(changes(&watch, "fast").await, states(&[(0, "ALARM"), (30, "INSUFFICIENT_DATA")]));
    jobs.drain().await;
}

#[tokio::test]
async fn what_is_no_longer_kept_is_forgotten() {
    let watch = Watch::new().await;
    let jobs = watch.jobs();
    watch.alarm("read", json!({})).await;
    watch.put(1.0).await;
    let listed = async || watch.ok("ListMetrics", json!({})).await["Metrics"].as_array().unwrap().len();
    let active = async || {
        watch.ok("ListMetrics", json!({ "RecentlyActive": "PT3H" })).await["Metrics"].as_array().unwrap().len()
    };
    assert_eq!((listed().await, active().await), (1, 1));
    watch.pass(&jobs, 4 * 3600).await;
    assert_eq!((listed().await, active().await), (1, 0));
    watch.pass(&jobs, 16 * 86_400).await;
    assert_eq!(listed().await, 0);
    assert!(!watch.history("read").await.is_empty());
    watch.pass(&jobs, 80 * 86_400).await;
    assert!(watch.history("read").await.is_empty(), "history is kept for 90 days");
    jobs.drain().await;
}
