//! The bodies of answers, in shapes that real services have.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use keeptrail_wire::{Blob, Encoded, MessageKey, Protocol, Timestamp, WireError, encode_error, encode_output};
use serde::Serialize;

const ID: &str = "0d2b1b0e-9a1c-4e5e-8d60-2a2a9d1d7e11";
const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const IAM: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
const SNS: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
const CLOUDWATCH: &str = "http://monitoring.amazonaws.com/doc/2010-08-01/";

/// Status, headers and body as one text; a body that is not text in hexadecimal digits.
fn shown(answer: &Encoded) -> String {
    let mut text = format!("{}\n", answer.status);
    if let Some(content_type) = answer.content_type {
        text += &format!("content-type: {content_type}\n");
    }
    for (name, value) in &answer.headers {
        text += &format!("{name}: {value}\n");
    }
    text.push('\n');
    match std::str::from_utf8(&answer.body) {
        Ok(body) if answer.content_type != Some("application/cbor") => text + body,
        _ => answer.body.iter().fold(text, |text, b| text + &format!("{b:02x}")),
    }
}

fn output<T: Serialize>(protocol: Protocol, operation: &str, xmlns: &str, value: &T) -> String {
    shown(&encode_output(protocol, operation, xmlns, value, ID).unwrap())
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetSecretValueOutput {
    #[serde(rename = "ARN")]
    arn: &'static str,
    name: &'static str,
    secret_string: Option<&'static str>,
    secret_binary: Option<Blob>,
    version_stages: Vec<&'static str>,
    created_date: Timestamp,
}

#[test]
fn json_leaves_out_what_is_not_set_and_writes_dates_as_seconds() {
    let secret = GetSecretValueOutput {
        arn: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf",
        name: "prod/db",
        secret_string: None,
        secret_binary: Some(Blob::new(vec![0, 255, 16])),
        version_stages: vec!["AWSCURRENT"],
        created_date: Timestamp::from_millis(1_523_477_145_713),
    };
    insta::assert_snapshot!("get_secret_value", output(Protocol::AwsJson11, "GetSecretValue", "", &secret));
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetCallerIdentityOutput {
    user_id: &'static str,
    account: &'static str,
    arn: &'static str,
}

#[test]
fn query_wraps_its_result() {
    let identity = GetCallerIdentityOutput {
        user_id: "AIDAEXAMPLE",
        account: "123456789012",
        arn: "arn:aws:iam::123456789012:user/a+b",
    };
    insta::assert_snapshot!("get_caller_identity", output(Protocol::Query, "GetCallerIdentity", STS, &identity));
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    path: &'static str,
    user_name: &'static str,
    user_id: &'static str,
    arn: &'static str,
    create_date: Timestamp,
    password_last_used: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListUsersOutput {
    users: Vec<User>,
    is_truncated: bool,
    marker: Option<String>,
}

#[test]
fn query_writes_lists_as_members_and_dates_in_iso_8601() {
    let user = |user_name, millis| User {
        path: "/",
        user_name,
        user_id: "AIDAEXAMPLE",
        arn: "arn:aws:iam::123456789012:user/u",
        create_date: Timestamp::from_millis(1_767_323_045_000),
        password_last_used: Some(Timestamp::from_millis(millis)),
    };
    let users = vec![user("one", 1_767_323_045_678), user("two", -1)];
    let some = ListUsersOutput { users, is_truncated: true, marker: Some("more".to_owned()) };
    insta::assert_snapshot!("list_users", output(Protocol::Query, "ListUsers", IAM, &some));
    let none = ListUsersOutput { users: Vec::new(), is_truncated: false, marker: None };
    insta::assert_snapshot!("list_users_none", output(Protocol::Query, "ListUsers", IAM, &none));
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetTopicAttributesOutput {
    attributes: BTreeMap<&'static str, &'static str>,
}

#[test]
fn query_writes_maps_as_entries_and_escapes_text() {
    let attributes = BTreeMap::from([
        ("DisplayName", " <a href=\"x\">&amp;'</a>\r\n\ttab ]]> "),
        ("Policy", "\u{0}\u{8}\u{1b}\u{fffe}\u{1f511}\u{e9}"),
        ("Empty", ""),
    ]);
    let attributes = GetTopicAttributesOutput { attributes };
    insta::assert_snapshot!("get_topic_attributes", output(Protocol::Query, "GetTopicAttributes", SNS, &attributes));
}

#[derive(Serialize)]
struct Empty {}

#[test]
fn no_output_and_an_empty_output_differ_in_query_and_cbor() {
    let protocols = [Protocol::Query, Protocol::AwsJson11, Protocol::RpcV2Cbor, Protocol::RestJson];
    let both = protocols.map(|protocol| {
        format!(
            "{}\n---\n{}",
            output(protocol, "TagResource", SNS, &()),
            output(protocol, "TagResource", SNS, &Empty {})
        )
    });
    insta::assert_snapshot!("no_output", both.join("\n===\n"));
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricAlarm {
    alarm_name: &'static str,
    alarm_actions: Vec<&'static str>,
    actions_enabled: bool,
    state_updated_timestamp: Timestamp,
    alarm_configuration_updated_timestamp: Timestamp,
    period: i32,
    threshold: f64,
    state_value: State,
    unit: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    Alarm,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeAlarmsOutput {
    metric_alarms: Vec<MetricAlarm>,
}

#[test]
fn one_output_in_every_protocol() {
    let metric_alarms = vec![MetricAlarm {
        alarm_name: "reads",
        alarm_actions: vec!["arn:aws:sns:eu-west-1:123456789012:t"],
        actions_enabled: true,
        state_updated_timestamp: Timestamp::from_millis(1_767_323_045_678),
        alarm_configuration_updated_timestamp: Timestamp::from_millis(1_767_323_045_000),
        period: 60,
        threshold: 1.0,
        state_value: State::Alarm,
        unit: None,
    }];
    let alarms = DescribeAlarmsOutput { metric_alarms };
    for (name, protocol) in [
        ("describe_alarms_query", Protocol::Query),
        ("describe_alarms_json10", Protocol::AwsJson10),
        ("describe_alarms_cbor", Protocol::RpcV2Cbor),
    ] {
        insta::assert_snapshot!(name, output(protocol, "DescribeAlarms", CLOUDWATCH, &alarms));
    }
}

#[derive(Serialize)]
struct Datapoint {
    value: f64,
}

#[test]
fn numbers_that_are_none_become_text_where_the_protocol_has_no_other_way() {
    let points = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -0.0, 0.1].map(|value| Datapoint { value });
    let all = [Protocol::AwsJson10, Protocol::Query, Protocol::RpcV2Cbor].map(|p| output(p, "Points", "x", &points));
    insta::assert_snapshot!("numbers", all.join("\n===\n"));
}

#[test]
fn an_error_in_every_protocol() {
    let error = WireError {
        code: "ResourceNotFoundException",
        query_code: Some("ResourceNotFound"),
        message: "Secrets Manager can't find the specified secret <x>.",
        message_key: MessageKey::Upper,
        sender_fault: true,
        status: 400,
    };
    let protocols =
        [Protocol::AwsJson11, Protocol::AwsJson10, Protocol::Query, Protocol::RpcV2Cbor, Protocol::RestJson];
    let all = protocols.map(|protocol| shown(&encode_error(protocol, &error, CLOUDWATCH, ID)));
    insta::assert_snapshot!("error", all.join("\n===\n"));
    let fault = WireError {
        code: "InternalServiceError",
        query_code: None,
        message: "",
        message_key: MessageKey::Lower,
        sender_fault: false,
        status: 500,
    };
    let all = protocols.map(|protocol| shown(&encode_error(protocol, &fault, CLOUDWATCH, ID)));
    insta::assert_snapshot!("fault", all.join("\n===\n"));
}
