//! The same operations in the three protocols that CloudWatch's clients speak.

use bytes::Bytes;
use keeptrail_testkit::root;
use keeptrail_wire::{Protocol, Style, encode_cbor, from_value, parse_cbor, parse_json, to_value};
use serde_json::json;

use crate::fixture::{TOPIC, Watch};

async fn body(watch: &Watch, operation: &str, protocol: Protocol, body: impl Into<Bytes>) -> (u16, String) {
    let answer = watch.rig.raw(root(), &watch.service, operation, protocol, body.into()).await;
    let headers: String = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-amzn-requestid")
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    let text = match protocol {
        Protocol::RpcV2Cbor if answer.body.is_empty() => String::new(),
        Protocol::RpcV2Cbor => {
            let value = parse_cbor(&answer.body).unwrap();
            from_value::<serde_json::Value>(value, Style::Typed).unwrap().to_string()
        }
        _ => String::from_utf8(answer.body.to_vec()).unwrap(),
    };
    // The only thing that differs from run to run.
    let text = match text.split_once("<RequestId>").and_then(|(_, rest)| rest.split_once('<')) {
        Some((id, _)) => text.replace(id, "[request]"),
        None => text,
    };
    (answer.status, format!("{headers}{text}"))
}

/// The alarm as Terraform puts it.
const PUT: &str = "Action=PutMetricAlarm&Version=2010-08-01&ActionsEnabled=true&AlarmActions.member.1=arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Aethos-security-alerts&AlarmDescription=Non-Ethos+principal+read+an+ethos%2F%2A+secret&AlarmName=ethos-secrets-unauthorized-read&ComparisonOperator=GreaterThanThreshold&EvaluationPeriods=1&MetricName=EthosSecretsUnauthorizedAccess&Namespace=Ethos%2FSecurity&Period=300&Statistic=Sum&Tags.member.1.Key=Env&Tags.member.1.Value=prod&Threshold=0&TreatMissingData=missing";

#[tokio::test]
async fn terraforms_alarm_is_put_and_read_in_the_query_protocol() {
    let watch = Watch::new().await;
    let put = body(&watch, "PutMetricAlarm", Protocol::Query, PUT).await;
    insta::assert_snapshot!("query_put", format!("{}\n{}", put.0, put.1));
    let describe = "Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=ethos-secrets-unauthorized-read&AlarmTypes.member.1=MetricAlarm";
    let found = body(&watch, "DescribeAlarms", Protocol::Query, describe).await;
    insta::assert_snapshot!("query_describe", format!("{}\n{}", found.0, found.1));
    let tags = "Action=ListTagsForResource&Version=2010-08-01&ResourceARN=arn%3Aaws%3Acloudwatch%3Aus-east-1%3A123456789012%3Aalarm%3Aethos-secrets-unauthorized-read";
    let found = body(&watch, "ListTagsForResource", Protocol::Query, tags).await;
    insta::assert_snapshot!("query_tags", format!("{}\n{}", found.0, found.1));
    let data = "Action=PutMetricData&Version=2010-08-01&Namespace=Ethos%2FSecurity&MetricData.member.1.MetricName=EthosSecretsUnauthorizedAccess&MetricData.member.1.Value=1&MetricData.member.1.Timestamp=2026-03-01T12%3A00%3A00Z";
    assert_eq!(body(&watch, "PutMetricData", Protocol::Query, data).await.0, 200);
    assert_eq!(watch.state("ethos-secrets-unauthorized-read").await, "ALARM");
}

#[tokio::test]
async fn the_alarm_is_put_and_read_in_json() {
    let watch = Watch::new().await;
    watch
        .alarm(
            "read",
            json!({ "Dimensions": [{ "Name": "d", "Value": "v" }], "Unit": "Count", "DatapointsToAlarm": 1 }),
        )
        .await;
    let found = body(&watch, "DescribeAlarms", Protocol::AwsJson10, r#"{"AlarmNames":["read"]}"#).await;
    insta::assert_snapshot!("json_describe", format!("{}\n{}", found.0, found.1));
}

#[tokio::test]
async fn the_alarm_is_put_and_read_in_cbor() {
    let watch = Watch::new().await;
    let input = json!({
        "AlarmName": "read", "MetricName": "m", "Namespace": "n", "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1, "Period": 300, "Statistic": "Sum", "Threshold": 0.5, "AlarmActions": [TOPIC],
    });
    let cbor = |input: &serde_json::Value| encode_cbor(&parse_json(input.to_string().as_bytes()).unwrap()).unwrap();
    let put = body(&watch, "PutMetricAlarm", Protocol::RpcV2Cbor, cbor(&input)).await;
    insta::assert_snapshot!("cbor_put", format!("{}\n{}", put.0, put.1));
    let timestamp = to_value(&keeptrail_wire::Timestamp::from_millis(1_772_366_400_000)).unwrap();
    let datum = keeptrail_wire::Value::Map(vec![
        ("MetricName".into(), keeptrail_wire::Value::String("m".into())),
        ("Timestamp".into(), timestamp),
        ("Value".into(), keeptrail_wire::Value::Float(1.5)),
    ]);
    let data = keeptrail_wire::Value::Map(vec![
        ("Namespace".into(), keeptrail_wire::Value::String("n".into())),
        ("MetricData".into(), keeptrail_wire::Value::List(vec![datum])),
    ]);
    assert_eq!(body(&watch, "PutMetricData", Protocol::RpcV2Cbor, encode_cbor(&data).unwrap()).await.0, 200);
    let answer =
        watch.rig.raw(root(), &watch.service, "DescribeAlarms", Protocol::RpcV2Cbor, cbor(&json!({})).into()).await;
    // SDKs refuse a timestamp that is not under tag 1; the four-byte number of seconds follows it.
    let tagged = answer
        .body
        .windows(6)
        .filter(|bytes| bytes[..2] == [0xc1, 0x1a] && bytes[2..] == 1_772_366_400_u32.to_be_bytes());
    assert_eq!(tagged.count(), 3);
    let found = body(&watch, "DescribeAlarms", Protocol::RpcV2Cbor, cbor(&json!({}))).await;
    insta::assert_snapshot!("cbor_describe", format!("{}\n{}", found.0, found.1));
}

#[tokio::test]
async fn errors_have_the_codes_of_their_protocol() {
    let watch = Watch::new().await;
    watch.alarm("read", json!({})).await;
    let mut shown = String::new();
    for (name, state) in [("read", "INVALID"), ("nobody", "OK")] {
        let json = json!({ "AlarmName": name, "StateValue": state, "StateReason": "r" });
        let form = format!("Action=SetAlarmState&Version=2010-08-01&AlarmName={name}&StateValue={state}&StateReason=r");
        let cbor = encode_cbor(&parse_json(json.to_string().as_bytes()).unwrap()).unwrap();
        for (protocol, input) in [
            (Protocol::AwsJson10, Bytes::from(json.to_string())),
            (Protocol::Query, Bytes::from(form)),
            (Protocol::RpcV2Cbor, Bytes::from(cbor)),
        ] {
            let (status, text) = body(&watch, "SetAlarmState", protocol, input).await;
            shown.push_str(&format!("{protocol:?} {status}\n{text}\n\n"));
        }
    }
    insta::assert_snapshot!("errors", shown);
}
