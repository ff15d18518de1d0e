//! What a decision takes from the heap.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use keeptrail_policy::{Context, NamedPolicy, Policy, PolicyKind, PolicySet, Principal, Request, evaluate};
use serde_json::{Value, json};

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:ada/db-a1B2c3";

/// Allocations of one decision of a policy of one statement, and whether it allows.
fn decide(changes: &Value) -> (u64, bool) {
    let mut statement = json!({"Effect": "Allow", "Action": "secretsmanager:Get*", "Resource": "*"});
    statement.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let document = json!({"Version": "2012-10-17", "Statement": statement});
    let policy =
        [NamedPolicy::new("policy", Arc::new(Policy::parse(&document.to_string(), PolicyKind::Identity).unwrap()))];
    let user = Principal::User { account: "111122223333".into(), arn: "arn:aws:iam::111122223333:user/ada".into() };
    let mut context = Context::for_principal(&user);
    for (key, value) in [
        ("aws:SourceIp", "203.0.113.7"),
        ("aws:CurrentTime", "2026-07-03T12:00:00Z"),
        ("aws:SecureTransport", "true"),
        ("aws:ResourceTag/owner", "ADA"),
        ("aws:TagKeys", "env"),
        ("aws:TagKeys", "team"),
    ] {
        context.push(key, value);
    }
    let request = Request {
        principal: &user,
        action: "secretsmanager:GetSecretValue",
        resource: Some(SECRET),
        resource_account: None,
        context: &context,
    };
    let set = PolicySet { identity: &policy, ..PolicySet::default() };
    let mut allowed = false;
    let counted = allocation_counter::measure(|| allowed = evaluate(&request, &set).allowed);
    (counted.count_total, allowed)
}

#[test]
fn a_decision_allocates_nothing_in_the_common_case() {
    for (changes, allowed) in [
        (json!({}), true),
        (json!({"Action": "secretsmanager:Put*"}), false),
        (json!({"Resource": "arn:aws:secretsmanager:*:*:secret:a?a/*-??????"}), true),
        (json!({"Resource": "arn:aws:secretsmanager:us-east-1:111122223333:secret:${aws:username}/*"}), true),
        (
            json!({"Resource": "arn:aws:secretsmanager:us-east-1:111122223333:*/${aws:PrincipalTag/x, 'db'}-??????"}),
            true,
        ),
        (
            json!({"Condition": {"StringLike": {"aws:SourceIp": "203.*.7"}, "DateLessThan": {"aws:CurrentTime": "2027-01-01"}}}),
            true,
        ),
        (json!({"Condition": {"StringEqualsIgnoreCase": {"aws:ResourceTag/owner": "${aws:username}"}}}), true),
        (json!({"Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["env", "team"]}}}), true),
        (
            json!({"Condition": {"IpAddress": {"AWS:SourceIP": ["10.0.0.0/8", "203.0.113.0/24"]}, "Null": {"aws:age": "true"}}}),
            true,
        ),
        (
            json!({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/${aws:username}"}, "Bool": {"aws:SecureTransport": "true"}}}),
            true,
        ),
    ] {
        let (allocations, answer) = decide(&changes);
        assert_eq!((answer, allocations), (allowed, 0), "{changes}");
    }
}

#[test]
fn variables_between_stars_and_without_a_value_are_the_exceptions() {
    for (resource, allowed) in [(":${aws:username}/*", true), (":${aws:PrincipalTag/x}", false)] {
        let (allocations, answer) =
            decide(&json!({"Resource": format!("arn:aws:secretsmanager:us-east-1:111122223333:*{resource}")}));
        assert!(allocations > 0 && answer == allowed, "{resource}: {allocations}");
    }
}
