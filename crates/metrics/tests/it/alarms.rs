use serde_json::{Value, json};

use crate::fixture::{CLOSED, TOPIC, Watch};

#[tokio::test]
async fn the_first_datapoint_raises_the_alarm_before_the_call_is_answered() {
    let watch = Watch::new().await;
    watch.alarm("read", json!({ "AlarmDescription": "Non-Ethos principal read an ethos/* secret" })).await;
    assert_eq!(watch.describe("read").await["StateReason"], "Unchecked: Initial alarm creation");
    assert_eq!(watch.state("read").await, "INSUFFICIENT_DATA");

    watch.put(1.0).await;

    insta::assert_json_snapshot!("alarm_after_its_first_datapoint", watch.describe("read").await);
    insta::assert_json_snapshot!("notice", watch.sent("notice").await);
    insta::assert_json_snapshot!("events", watch.sent("event").await);
    let summaries = watch.history("read").await;
    assert_eq!(
        summaries,
        [
            "Alarm \"read\" created".to_owned(),
            "Alarm updated from INSUFFICIENT_DATA to ALARM".to_owned(),
            format!("Successfully executed action {TOPIC}"),
        ]
    );
}

#[tokio::test]
async fn a_state_that_does_not_change_sends_nothing() {
    let watch = Watch::new().await;
    watch.alarm("read", json!({})).await;
    for _ in 0..5 {
        watch.put(1.0).await;
    }
    assert_eq!(watch.sent("notice").await.len(), 1);
    assert_eq!(watch.history("read").await.len(), 3);
}

#[tokio::test]
async fn a_change_is_told_once_also_when_its_transaction_met_a_conflict_and_ran_again() {
    let watch = Watch::new().await;
    watch.alarm("read", json!({})).await;
    watch.send_a_rival();

    watch.put(1.0).await;

    assert_eq!(watch.sent("notice").await.len(), 1, "the rival's notice, and none of the attempt that was given up");
    let statistics = json!({
        "Namespace": "Ethos/Security", "MetricName": "Reads", "Statistics": ["Sum", "SampleCount"], "Period": 60,
        "StartTime": "2026-03-01T12:00:00Z", "EndTime": "2026-03-01T12:05:00Z",
    });
    let found = watch.ok("GetMetricStatistics", statistics).await;
    assert_eq!((&found["Datapoints"][0]["Sum"], &found["Datapoints"][0]["SampleCount"]), (&json!(6.0), &json!(2.0)));
}

#[tokio::test]
async fn actions_are_those_of_the_new_state_and_only_when_enabled() {
    let watch = Watch::new().await;
    watch.alarm("read", json!({ "AlarmActions": [], "OKActions": [TOPIC], "ActionsEnabled": false })).await;
    watch.put(1.0).await;
    assert_eq!(watch.state("read").await, "ALARM");
    let set = |state: &str| json!({ "AlarmName": "read", "StateValue": state, "StateReason": "Test complete" });
    watch.ok("SetAlarmState", set("OK")).await;
    assert!(watch.sent("notice").await.is_empty());

    watch.ok("EnableAlarmActions", json!({ "AlarmNames": ["read", "no such alarm"] })).await;
    watch.ok("SetAlarmState", set("ALARM")).await;
    assert!(watch.sent("notice").await.is_empty());
    watch.ok("SetAlarmState", set("OK")).await;
    let sent = watch.sent("notice").await;
    assert_eq!(sent[0]["subject"], "OK: \"read\" in US East (N. Virginia)");
    assert_eq!(sent[0]["message"]["NewStateReason"], "Test complete");

    watch.ok("DisableAlarmActions", json!({ "AlarmNames": ["read"] })).await;
    assert_eq!(watch.describe("read").await["ActionsEnabled"], false);
}

#[tokio::test]
async fn a_topic_that_takes_nothing_shows_in_the_history_and_stops_no_other() {
    let watch = Watch::new().await;
    watch.alarm("read", json!({ "AlarmActions": [CLOSED, TOPIC] })).await;
    watch.put(1.0).await;
    assert_eq!(watch.sent("notice").await.len(), 1);
    let history = watch.history("read").await;
    assert_eq!(history[2], format!("Failed to execute action {CLOSED}. Received error: \"Topic does not exist\""));
    assert_eq!(history[3], format!("Successfully executed action {TOPIC}"));
}

#[tokio::test]
async fn configuring_an_alarm_anew_keeps_its_state_and_moves_it_to_its_new_metric() {
    let watch = Watch::new().await;
    watch.alarm("read", json!({ "Tags": [{ "Key": "a", "Value": "1" }] })).await;
    watch.put(1.0).await;
    watch.alarm("read", json!({ "MetricName": "Other", "Tags": [{ "Key": "b", "Value": "2" }] })).await;
    let alarm = watch.describe("read").await;
    assert_eq!((&alarm["StateValue"], &alarm["MetricName"]), (&json!("ALARM"), &json!("Other")));
    let tags = watch.ok("ListTagsForResource", json!({ "ResourceARN": alarm["AlarmArn"] })).await;
    assert_eq!(tags, json!({ "Tags": [{ "Key": "a", "Value": "1" }] }), "tags come with a new alarm only");
    let of = |metric: &str| json!({ "Namespace": "Ethos/Security", "MetricName": metric });
    assert_eq!(watch.ok("DescribeAlarmsForMetric", of("Reads")).await, json!({ "MetricAlarms": [] }));
    assert_eq!(watch.ok("DescribeAlarmsForMetric", of("Other")).await["MetricAlarms"][0], alarm);
    assert_eq!(watch.history("read").await.last().unwrap(), "Alarm \"read\" updated");
}

#[tokio::test]
async fn a_deleted_alarm_leaves_its_history_and_watches_nothing() {
    let watch = Watch::new().await;
    watch.alarm("read", json!({})).await;
    watch.ok("DeleteAlarms", json!({ "AlarmNames": ["read", "never was"] })).await;
    watch.put(1.0).await;
    assert_eq!(watch.describe("read").await, Value::Null);
    assert!(watch.sent("notice").await.is_empty());
    assert_eq!(watch.history("read").await, ["Alarm \"read\" created", "Alarm \"read\" deleted"]);
    let events = watch.sent("event").await;
    assert_eq!(events[1]["detail"]["operation"], "delete");
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_in_so_many_words() {
    let watch = Watch::new().await;
    let base = json!({
        "AlarmName": "a", "MetricName": "m", "Namespace": "n", "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1, "Period": 60, "Statistic": "Sum", "Threshold": 0,
    });
    let refusals = [
        (
            json!({ "ExtendedStatistic": "p99" }),
            "UnsupportedOperationException",
            "keeptrail does not carry out the parameter ExtendedStatistic.",
        ),
        (
            json!({ "Metrics": [{ "Id": "m1", "Expression": "m2*2" }] }),
            "UnsupportedOperationException",
            "keeptrail does not carry out the parameter Metrics (metric math and anomaly detection).",
        ),
        (
            json!({ "ComparisonOperator": "GreaterThanUpperThreshold" }),
            "UnsupportedOperationException",
            "keeptrail does not carry out anomaly detection (the comparison operator GreaterThanUpperThreshold).",
        ),
        (
            json!({ "AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"] }),
            "ValidationException",
            "Invalid arn syntax: arn:aws:automate:us-east-1:ec2:stop",
        ),
        (
            json!({ "AlarmActions": ["arn:aws:lambda:us-east-1:123456789012:function:f"] }),
            "UnsupportedOperationException",
            "keeptrail does not carry out the alarm action arn:aws:lambda:us-east-1:123456789012:function:f: an action must be an SNS topic.",
        ),
        (json!({ "Period": 15 }), "ValidationException", "Period must be 10, 20, 30 or a multiple of 60"),
        (
            json!({ "Period": 60, "EvaluationPeriods": 1441 }),
            "ValidationException",
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).",
        ),
        (
            json!({ "DatapointsToAlarm": 2 }),
            "ValidationException",
            "DatapointsToAlarm must be less than or equal to EvaluationPeriods.",
        ),
        (
            json!({ "TreatMissingData": "good" }),
            "ValidationException",
            "The value good is not supported for TreatMissingData parameter. Supported values are [breaching, notBreaching, ignore, missing].",
        ),
        (
            json!({ "Statistic": "Median" }),
            "ValidationException",
            "1 validation error detected: Value 'Median' at 'statistic' failed to satisfy constraint: Member must satisfy enum value set: [SampleCount, Average, Sum, Minimum, Maximum]",
        ),
    ];
    for (members, code, message) in refusals {
        let mut input = base.clone();
        for (member, value) in members.as_object().unwrap() {
            input[member] = value.clone();
        }
        let answer = watch.call("PutMetricAlarm", input).await;
        assert_eq!((answer.code(), answer.message()), (code, message), "{members}");
    }
    assert!(watch.sent("event").await.is_empty());
}

#[tokio::test]
async fn an_alarm_with_periods_of_an_hour_looks_back_a_week_and_others_a_day() {
    let watch = Watch::new().await;
    for (period, periods, accepted) in
        [(3600, 168, true), (3600, 169, false), (1800, 48, true), (1800, 49, false), (10, 8640, true), (20, 1, true)]
    {
        let input = json!({
            "AlarmName": "a", "MetricName": "m", "Namespace": "n", "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": periods, "Period": period, "Statistic": "Sum", "Threshold": 0,
        });
        let answer = watch.call("PutMetricAlarm", input).await;
        assert_eq!(answer.status == 200, accepted, "{periods} periods of {period} seconds: {}", answer.body);
    }
}

#[tokio::test]
async fn alarms_are_listed_by_name_prefix_state_and_action_and_in_pages() {
    let watch = Watch::new().await;
    for name in ["a", "ab", "abc", "b", "ba"] {
        watch.alarm(name, json!({ "MetricName": name })).await;
    }
    let names = async |input: Value| -> Vec<String> {
        let mut names = Vec::new();
        let mut input = input;
        loop {
            let found = watch.ok("DescribeAlarms", input.clone()).await;
            assert_eq!(found["CompositeAlarms"], json!([]));
            names.extend(
                found["MetricAlarms"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|alarm| alarm["AlarmName"].as_str().unwrap().to_owned()),
            );
            match found.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => return names,
            }
        }
    };
    assert_eq!(names(json!({ "MaxRecords": 2 })).await, ["a", "ab", "abc", "b", "ba"]);
    assert_eq!(names(json!({ "AlarmNamePrefix": "ab", "MaxRecords": 1 })).await, ["ab", "abc"]);
    assert_eq!(names(json!({ "AlarmNames": ["b", "zz", "a"] })).await, ["a", "b"]);
    assert_eq!(names(json!({ "AlarmTypes": ["CompositeAlarm"] })).await, [""; 0]);
    assert_eq!(names(json!({ "ActionPrefix": "arn:aws:sns" })).await.len(), 5);
    watch.ok("SetAlarmState", json!({ "AlarmName": "ba", "StateValue": "OK", "StateReason": "" })).await;
    assert_eq!(names(json!({ "StateValue": "OK" })).await, ["ba"]);
    let refused = watch.call("DescribeAlarms", json!({ "NextToken": "bogus" })).await;
    assert_eq!(refused.code(), "InvalidNextToken");
}

#[tokio::test]
async fn the_history_of_all_alarms_is_one_sequence_in_time_with_pages_in_both_directions() {
    let watch = Watch::new().await;
    for (number, name) in ["b", "a", "c", "a", "b"].iter().enumerate() {
        watch.alarm(name, json!({ "Threshold": number })).await;
        if number % 2 == 1 {
            watch.rig.time.advance(std::time::Duration::from_secs(1));
        }
    }
    let all = async |by: &str, size: usize| {
        let mut seen = Vec::new();
        let mut input = json!({ "MaxRecords": size, "ScanBy": by, "HistoryItemType": "ConfigurationUpdate" });
        loop {
            let page = watch.ok("DescribeAlarmHistory", input.clone()).await;
            for item in page["AlarmHistoryItems"].as_array().unwrap() {
                seen.push((item["Timestamp"].to_string(), item["HistorySummary"].as_str().unwrap().to_owned()));
            }
            match page.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => return seen,
            }
        }
    };
    let ascending = all("TimestampAscending", 100).await;
    assert_eq!(ascending.len(), 5);
    assert!(ascending.is_sorted_by_key(|(time, _)| time.clone()));
    for size in 1..=5 {
        assert_eq!(all("TimestampAscending", size).await, ascending, "{size}");
        let mut reversed = all("TimestampDescending", size).await;
        reversed.reverse();
        assert_eq!(reversed, ascending, "{size}");
    }
}

#[tokio::test]
async fn tags_are_set_and_removed() {
    let watch = Watch::new().await;
    watch.alarm("read", json!({})).await;
    let arn = watch.describe("read").await["AlarmArn"].clone();
    watch
        .ok(
            "TagResource",
            json!({ "ResourceARN": arn, "Tags": [{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }] }),
        )
        .await;
    watch.ok("UntagResource", json!({ "ResourceARN": arn, "TagKeys": ["a", "zz"] })).await;
    let tags = watch.ok("ListTagsForResource", json!({ "ResourceARN": arn })).await;
    assert_eq!(tags, json!({ "Tags": [{ "Key": "b", "Value": "2" }] }));
    let missing = json!({ "ResourceARN": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:none" });
    let answer = watch.call("ListTagsForResource", missing).await;
    assert_eq!((answer.status, answer.code()), (404, "ResourceNotFoundException"));
}
