//! The same random policies and requests through the `iam-rs` crate, an implementation by others.
//!
//! Where the two could agree they must. Where they do not, a test below shows the difference and says why ours is as it is.
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use iam_rs::{Arn, ContextValue, Decision, IAMPolicy, IAMRequest, PolicyEvaluator, PrincipalId};
use keeptrail_policy::{Context, NamedPolicy, Policy, PolicyKind, PolicySet, Principal, Request, evaluate};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

const USER: &str = "arn:aws:iam::111122223333:user/ada";

/// A value of a condition key, of a type: ours are all text.
#[derive(Debug, Clone)]
enum Given {
    Text(&'static str),
    List(Vec<&'static str>),
    Number(i32),
    Flag(bool),
}

#[derive(Debug, Clone)]
struct Case {
    document: Value,
    action: &'static str,
    resource: &'static str,
    context: Vec<(&'static str, Given)>,
}

impl Case {
    fn ours(&self) -> bool {
        let policy = match Policy::parse(&self.document.to_string(), PolicyKind::Identity) {
            Ok(policy) => [NamedPolicy::new("policy", Arc::new(policy))],
            Err(error) => panic!("{error} ({}): {:#}", error.detail(), self.document),
        };
        let mut context = Context::new();
        for (key, value) in &self.context {
            match value {
                Given::Text(text) => context.push(*key, *text),
                Given::List(texts) => texts.iter().for_each(|text| context.push(*key, *text)),
                Given::Number(number) => context.push(*key, number.to_string()),
                Given::Flag(flag) => context.push(*key, flag.to_string()),
            }
        }
        let principal = Principal::User { account: "111122223333".into(), arn: USER.into() };
        let request = Request {
            principal: &principal,
            action: self.action,
            resource: Some(self.resource),
            resource_account: Some("111122223333"),
            context: &context,
        };
        evaluate(&request, &PolicySet { identity: &policy, ..PolicySet::default() }).allowed
    }

    /// Their answer; an error is no access.
    fn theirs(&self) -> bool {
        let policy: IAMPolicy = serde_json::from_value(self.document.clone()).unwrap();
        let mut context = iam_rs::Context::new();
        for (key, value) in &self.context {
            let value = match value {
                Given::Text(text) => ContextValue::String((*text).to_owned()),
                Given::List(texts) => ContextValue::StringList(texts.iter().map(|text| (*text).to_owned()).collect()),
                Given::Number(number) => ContextValue::Number(f64::from(*number)),
                Given::Flag(flag) => ContextValue::Boolean(*flag),
            };
            context.data.insert((*key).to_owned(), value);
        }
        let request = IAMRequest::new_with_context(
            iam_rs::Principal::Aws(PrincipalId::String(USER.to_owned())),
            self.action,
            Arn::parse(self.resource).unwrap(),
            context,
        );
        let evaluator = PolicyEvaluator::with_policies(vec![policy]);
        evaluator.evaluate(&request).is_ok_and(|result| result.decision == Decision::Allow)
    }
}

fn context() -> impl Strategy<Value = Vec<(&'static str, Given)>> {
    fn maybe(key: &'static str, values: Vec<Given>) -> impl Strategy<Value = Option<(&'static str, Given)>> {
        prop::option::weighted(0.7, select(values).prop_map(move |value| (key, value)))
    }
    let texts = |values: &[&'static str]| values.iter().map(|text| Given::Text(text)).collect::<Vec<_>>();
    (
        maybe("aws:PrincipalTag/team", texts(&["red", "Red", "blue"])),
        maybe("aws:username", texts(&["ada", "bob"])),
        maybe("aws:SourceIp", texts(&["10.1.2.3", "203.0.113.9", "2001:db8::1"])),
        maybe(
            "aws:TagKeys",
            vec![Given::List(vec!["env"]), Given::List(vec!["env", "team"]), Given::List(vec!["cost", "x"])],
        ),
        maybe("s3:max-keys", vec![Given::Number(9), Given::Number(10), Given::Number(100)]),
        maybe("aws:SecureTransport", vec![Given::Flag(true), Given::Flag(false)]),
        maybe("aws:CurrentTime", texts(&["2026-07-03T00:00:00Z", "2026-07-03T00:00:01Z", "2026-07-02T00:00:00Z"])),
        maybe(
            "aws:SourceArn",
            texts(&[TOPIC, "arn:aws:sns:eu-west-1:999999999999:topic", "arn:aws:sqs:us-east-1:111122223333:tapic"]),
        ),
    )
        .prop_map(|(a, b, c, d, e, f, g, h)| [a, b, c, d, e, f, g, h].into_iter().flatten().collect())
}

fn condition() -> impl Strategy<Value = Value> {
    let string = (
        select(vec![
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ]),
        select(vec!["", "IfExists"]),
        select(vec![json!("red"), json!(["Red", "blue"]), json!("r*"), json!(["?ed", "b*"])]),
    )
        .prop_map(
            |(operator, suffix, values)| json!({format!("{operator}{suffix}"): {"aws:PrincipalTag/team": values}}),
        );
    let set = (
        select(vec!["ForAllValues", "ForAnyValue"]),
        select(vec!["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"]),
        select(vec![json!("env"), json!(["env", "team"]), json!(["e*"])]),
    )
        .prop_map(|(qualifier, operator, values)| json!({format!("{qualifier}:{operator}"): {"aws:TagKeys": values}}));
    let numeric = (
        select(vec![
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
            "NumericLessThanIfExists",
        ]),
        select(vec![json!("10"), json!(["9", "100"])]),
    )
        .prop_map(|(operator, values)| json!({operator: {"s3:max-keys": values}}));
    let address = (
        select(vec!["IpAddress", "NotIpAddress", "IpAddressIfExists"]),
        select(vec![json!("10.0.0.0/8"), json!(["203.0.113.0/24", "2001:db8::/32"])]),
    )
        .prop_map(|(operator, values)| json!({operator: {"aws:SourceIp": values}}));
    let date = (
        select(vec![
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
            "DateGreaterThanIfExists",
        ]),
        select(vec![json!("2026-07-03T00:00:00Z"), json!(["2026-07-02T00:00:00Z", "2026-07-04T00:00:00Z"])]),
    )
        .prop_map(|(operator, values)| json!({operator: {"aws:CurrentTime": values}}));
    let arn = (
        select(vec!["ArnLike", "ArnNotLike", "ArnLikeIfExists"]),
        select(vec![json!("arn:aws:sns:*:111122223333:t?pic"), json!([TOPIC, "arn:aws:sns:eu-west-1:*:*"])]),
    )
        .prop_map(|(operator, values)| json!({operator: {"aws:SourceArn": values}}));
    let other = select(vec![
        json!({}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"BoolIfExists": {"aws:SecureTransport": "false"}}),
        json!({"Null": {"aws:username": "true"}}),
        json!({"Null": {"aws:TagKeys": "false"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "red"}, "Bool": {"aws:SecureTransport": "true"}}),
    ]);
    prop_oneof![string, set, numeric, address, date, arn, other]
}

fn statement() -> impl Strategy<Value = Value> {
    let actions =
        prop::collection::vec(select(vec!["*", "s3:*", "S3:get*", "s3:GetObject", "s3:?utObject", "ec2:*"]), 1..3);
    let resources = prop::collection::vec(
        select(vec![
            "*",
            "arn:aws:s3:::bucket/*",
            "arn:aws:s3:::bucket/home/a?a/x",
            "arn:aws:s3:::bucket/home/*/x",
            "arn:aws:s3:::other*",
        ]),
        1..3,
    );
    (select(vec!["Allow", "Allow", "Deny"]), any::<[bool; 2]>(), actions, resources, condition()).prop_map(
        |(effect, [not_action, not_resource], actions, resources, condition)| {
            let action = if not_action { "NotAction" } else { "Action" };
            let resource = if not_resource { "NotResource" } else { "Resource" };
            json!({"Effect": effect, action: actions, resource: resources, "Condition": condition})
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    (
        prop::collection::vec(statement(), 1..5),
        select(vec!["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "ec2:RunInstances"]),
        select(vec!["arn:aws:s3:::bucket/home/ada/x", "arn:aws:s3:::bucket/x", "arn:aws:s3:::other-bucket"]),
        context(),
    )
        .prop_map(|(statements, action, resource, context)| {
            let document = json!({"Version": "2012-10-17", "Statement": statements});
            Case { document, action, resource, context }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn both_decide_alike(case in case()) {
        prop_assert_eq!(case.ours(), case.theirs());
    }
}

/// One allow statement, and one request.
fn single(statement: Value, resource: &'static str, context: Vec<(&'static str, Given)>) -> Case {
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    Case { document, action: "s3:GetObject", resource, context }
}

fn under(condition: Value, context: Vec<(&'static str, Given)>) -> Case {
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
    single(statement, "arn:aws:s3:::bucket/x", context)
}

const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:topic";

/// Ours follows the IAM user guide where the two part.
#[test]
fn where_they_differ_ours_follows_the_guide() {
    let home = json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::bucket/${aws:username}/*"});
    let open = json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::bucket/${aws:username}*"});
    let text = Given::Text;
    // What it shows, the case, our answer, theirs.
    let rows = [
        (
            "a user named * has the star for itself alone",
            single(home, "arn:aws:s3:::bucket/bob/x", vec![("aws:username", text("*"))]),
            false,
            true,
        ),
        ("a variable without a value grants nothing", single(open, "arn:aws:s3:::bucket/bob/x", vec![]), false, true),
        (
            "of several values a negated operator wants none to match",
            under(
                json!({"StringNotEquals": {"aws:TagKeys": "env"}}),
                vec![("aws:TagKeys", Given::List(vec!["env", "team"]))],
            ),
            false,
            true,
        ),
        (
            "ArnEquals takes wildcards as ArnLike does",
            under(
                json!({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}}),
                vec![("aws:SourceArn", text(TOPIC))],
            ),
            true,
            false,
        ),
        (
            "a wildcard in ArnLike stays within its component",
            under(
                json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:999999999999:topic"}}),
                vec![("aws:SourceArn", text("arn:aws:sns:us-east-1:111122223333:x:999999999999:topic"))],
            ),
            false,
            true,
        ),
        (
            "base64 is compared as the bytes it stands for",
            under(json!({"BinaryEquals": {"aws:key": "QUJD"}}), vec![("aws:key", text("qujd"))]),
            false,
            true,
        ),
        (
            "a set of an empty string is an empty set",
            under(json!({"ForAllValues:StringEquals": {"aws:TagKeys": "env"}}), vec![("aws:TagKeys", text(""))]),
            true,
            false,
        ),
        (
            "letters beyond ASCII have cases too",
            under(json!({"StringEqualsIgnoreCase": {"aws:username": "ÅSA"}}), vec![("aws:username", text("åsa"))]),
            true,
            false,
        ),
    ];
    for (what, case, ours, theirs) in rows {
        assert_eq!((case.ours(), case.theirs()), (ours, theirs), "{what}");
    }
}
