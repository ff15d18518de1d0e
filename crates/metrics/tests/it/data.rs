use serde_json::{Value, json};

use crate::fixture::Watch;

async fn put(watch: &Watch, data: Value) {
    watch.ok("PutMetricData", json!({ "Namespace": "N", "MetricData": data })).await;
}

fn statistics(members: Value) -> Value {
    let mut input = json!({
        "Namespace": "N", "MetricName": "m", "Period": 60,
        "Statistics": ["SampleCount", "Average", "Sum", "Minimum", "Maximum"],
        "StartTime": "2026-03-01T12:00:00Z", "EndTime": "2026-03-01T13:00:00Z",
    });
    for (member, value) in members.as_object().unwrap() {
        input[member] = value.clone();
    }
    input
}

#[tokio::test]
async fn values_counts_and_sets_come_together_in_one_minute() {
    let watch = Watch::new().await;
    put(
        &watch,
        json!([
            { "MetricName": "m", "Value": 4 },
            { "MetricName": "m", "Values": [1, 2], "Counts": [3, 1] },
            { "MetricName": "m", "StatisticValues": { "SampleCount": 2, "Sum": 11, "Minimum": 0.5, "Maximum": 10.5 } },
        ]),
    )
    .await;
    let found = watch.ok("GetMetricStatistics", statistics(json!({}))).await;
    let point = json!({ "Timestamp": 1_772_366_400, "SampleCount": 7.0, "Average": 20.0 / 7.0, "Sum": 20.0, "Minimum": 0.5, "Maximum": 10.5, "Unit": "None" });
    assert_eq!(found, json!({ "Label": "m", "Datapoints": [point] }));
}

#[tokio::test]
async fn units_and_dimensions_set_data_apart() {
    let watch = Watch::new().await;
    let with = |value: i32, unit: &str, dimension: &str| json!({ "MetricName": "m", "Value": value, "Unit": unit, "Dimensions": [{ "Name": "d", "Value": dimension }] });
    put(&watch, json!([with(1, "Bytes", "a"), with(2, "Seconds", "a"), with(4, "Bytes", "b"), { "MetricName": "m", "Value": 8 }])).await;
    let sums = async |members: Value| -> Vec<f64> {
        let found = watch.ok("GetMetricStatistics", statistics(members)).await;
        found["Datapoints"].as_array().unwrap().iter().map(|point| point["Sum"].as_f64().unwrap()).collect()
    };
    let a = json!([{ "Name": "d", "Value": "a" }]);
    assert_eq!(sums(json!({})).await, [8.0]);
    assert_eq!(sums(json!({ "Dimensions": a })).await, [1.0, 2.0]);
    assert_eq!(sums(json!({ "Dimensions": a, "Unit": "Seconds" })).await, [2.0]);
    let listed = watch.ok("ListMetrics", json!({ "Dimensions": [{ "Name": "d" }] })).await;
    assert_eq!(listed["Metrics"].as_array().unwrap().len(), 2);
    let listed = watch
        .ok(
            "ListMetrics",
            json!({ "Namespace": "N", "MetricName": "m", "Dimensions": [{ "Name": "d", "Value": "b" }] }),
        )
        .await;
    assert_eq!(listed["Metrics"][0]["Dimensions"], json!([{ "Name": "d", "Value": "b" }]));
}

#[tokio::test]
async fn get_metric_data_pages_through_aligned_periods_in_both_directions() {
    let watch = Watch::new().await;
    for minute in 0..10 {
        let time = format!("2026-03-01T11:{:02}:30Z", 40 + minute);
        put(&watch, json!([{ "MetricName": "m", "Value": minute, "Timestamp": time }])).await;
    }
    let query = |id: &str, stat: &str| json!({ "Id": id, "MetricStat": { "Metric": { "Namespace": "N", "MetricName": "m" }, "Period": 120, "Stat": stat } });
    let all = async |by: &str, size: usize| {
        let mut input = json!({
            "MetricDataQueries": [query("sums", "Sum"), query("counts", "SampleCount")], "ScanBy": by, "MaxDatapoints": size,
            "StartTime": "2026-03-01T11:40:00Z", "EndTime": "2026-03-01T12:00:00Z",
        });
        let (mut sums, mut counts) = (Vec::new(), Vec::new());
        loop {
            let page = watch.ok("GetMetricData", input.clone()).await;
            for (into, result) in
                [&mut sums, &mut counts].into_iter().zip(page["MetricDataResults"].as_array().unwrap())
            {
                into.extend(result["Values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()));
            }
            match page.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => return (sums, counts),
            }
        }
    };
    for size in [1, 3, 4, 100] {
        assert_eq!(all("TimestampAscending", size).await, (vec![1.0, 5.0, 9.0, 13.0, 17.0], vec![2.0; 5]), "{size}");
        assert_eq!(all("TimestampDescending", size).await.0, [17.0, 13.0, 9.0, 5.0, 1.0], "{size}");
    }
}

#[tokio::test]
async fn wrong_data_is_refused_with_the_place_of_the_fault() {
    let watch = Watch::new().await;
    let refusals = [
        (
            json!([{ "MetricName": "m", "Value": 1, "Timestamp": "2026-02-10T12:00:00Z" }]),
            "InvalidParameterValueException",
            "The parameter MetricData.member.1.Timestamp must specify a time no more than two weeks in the past.",
        ),
        (
            json!([{ "MetricName": "m", "Value": 1 }, { "MetricName": "m", "Value": 1, "Timestamp": "2026-03-01T15:00:00Z" }]),
            "InvalidParameterValueException",
            "The parameter MetricData.member.2.Timestamp must specify a time no more than two hours in the future.",
        ),
        (
            json!([{ "MetricName": "m", "Value": 1, "Values": [1] }]),
            "InvalidParameterCombinationException",
            "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.",
        ),
        (
            json!([{ "MetricName": "m", "Values": [1, 2], "Counts": [1] }]),
            "InvalidParameterValueException",
            "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.",
        ),
        (
            json!([{ "MetricName": "m" }]),
            "MissingRequiredParameterException",
            "At least one of the parameters MetricData.member.1.Value, MetricData.member.1.Values and MetricData.member.1.StatisticValues must be specified.",
        ),
        (json!([{ "MetricName": "m", "Value": 1, "Unit": "Parsecs" }]), "ValidationException", ""),
        (json!([{ "MetricName": "m", "Value": 1e300 }]), "InvalidParameterValueException", ""),
    ];
    for (data, code, message) in refusals {
        let answer = watch.call("PutMetricData", json!({ "Namespace": "N", "MetricData": data })).await;
        assert_eq!(answer.code(), code, "{data}");
        assert!(message.is_empty() || answer.message() == message, "{}", answer.message());
    }
    let answer = watch
        .call("PutMetricData", json!({ "Namespace": "AWS/EC2", "MetricData": [{ "MetricName": "m", "Value": 1 }] }))
        .await;
    assert_eq!(answer.message(), "The value AWS/EC2 for parameter Namespace is invalid.");
    let answer = watch
        .call("GetMetricStatistics", statistics(json!({ "StartTime": "2026-02-28T13:00:00Z", "Period": 1 })))
        .await;
    assert_eq!(
        (answer.code(), answer.message()),
        (
            "InvalidParameterCombinationException",
            "You have requested up to 86400 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
    );
    let expression =
        json!({ "MetricDataQueries": [{ "Id": "e1", "Expression": "1+1" }], "StartTime": 0, "EndTime": 60 });
    let answer = watch.call("GetMetricData", expression).await;
    assert_eq!(answer.message(), "keeptrail does not carry out metric math (the parameter Expression).");
    assert!(watch.ok("ListMetrics", json!({})).await["Metrics"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_put_is_a_data_event_whose_record_tells_who_and_where_but_not_what() {
    let watch = Watch::new().await;
    put(&watch, json!([{ "MetricName": "m", "Value": 4 }])).await;
    let record = watch.rig.last_record().await;
    assert_eq!(
        (&record["eventSource"], &record["eventName"]),
        (&json!("monitoring.amazonaws.com"), &json!("PutMetricData"))
    );
    assert_eq!((&record["eventCategory"], &record["managementEvent"]), (&json!("Data"), &json!(false)));
    assert_eq!(record["requestParameters"], json!({ "namespace": "N" }));
}
