//! Operators, qualifiers, missing keys and several values.

use keeptrail_policy::PolicySet;
use serde_json::{Value, json};

use crate::support::{ask_about, identity, user};

/// Whether a condition is met, is not, or cannot be evaluated: an `Allow` and a `Deny` with it tell the three apart.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Met,
    NotMet,
    Unknown,
}

use Outcome::{Met, NotMet, Unknown};

fn outcome(condition: &Value, pairs: &[(&str, &str)]) -> Outcome {
    let statement = |effect: &str| json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition});
    let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let allows = |statements: Value| {
        let policies = [identity(&statements)];
        ask_about(&user(), "s3:GetObject", None, pairs, &PolicySet { identity: &policies, ..PolicySet::default() })
            .allowed
    };
    match (allows(json!([statement("Allow")])), allows(json!([everything, statement("Deny")]))) {
        (true, false) => Met,
        (false, true) => NotMet,
        (false, false) => Unknown,
        (true, true) => panic!("both allows and does not deny"),
    }
}

/// One key with one operator.
fn test(operator: &str, wanted: &Value, values: &[&str]) -> Outcome {
    let pairs: Vec<_> = values.iter().map(|value| ("aws:key", *value)).collect();
    outcome(&json!({operator: {"AWS:Key": wanted}}), &pairs)
}

#[test]
fn every_operator_compares_as_documented() {
    let rows = [
        ("StringEquals", json!("Ada"), "Ada", Met),
        ("StringEquals", json!("Ada"), "ada", NotMet),
        ("StringEquals", json!("A*"), "Ada", NotMet),
        ("StringEquals", json!(["Bob", "Ada"]), "Ada", Met),
        ("StringNotEquals", json!("Ada"), "ada", Met),
        ("StringNotEquals", json!(["Bob", "Ada"]), "Ada", NotMet),
        ("StringEqualsIgnoreCase", json!("aDA"), "Ada", Met),
        ("StringNotEqualsIgnoreCase", json!("aDA"), "Ada", NotMet),
        ("StringLike", json!("A?a*"), "Ada Lovelace", Met),
        ("StringLike", json!("a*"), "Ada", NotMet),
        ("StringNotLike", json!(["B*", "C*"]), "Ada", Met),
        ("StringNotLike", json!(["B*", "A*"]), "Ada", NotMet),
        ("NumericEquals", json!(10), "10.0", Met),
        ("NumericNotEquals", json!("10"), "11", Met),
        ("NumericLessThan", json!("10"), "9.99", Met),
        ("NumericLessThan", json!("10"), "10", NotMet),
        ("NumericLessThanEquals", json!("10"), "10", Met),
        ("NumericGreaterThan", json!("10"), "9", NotMet),
        ("NumericGreaterThan", json!("10"), "100", Met),
        ("NumericGreaterThanEquals", json!("10"), "10", Met),
        ("NumericEquals", json!("10"), "ten", Unknown),
        ("NumericNotEquals", json!("10"), "ten", Unknown),
        ("DateEquals", json!("2026-07-03T00:00:00Z"), "2026-07-03", Met),
        ("DateNotEquals", json!("2026-07-03T00:00:00Z"), "2026-07-03T00:00:01Z", Met),
        ("DateLessThan", json!("2026-07-03T00:00:00Z"), "1783036799", Met),
        ("DateLessThanEquals", json!(1_783_036_800), "2026-07-03T02:00:00+02:00", Met),
        ("DateGreaterThan", json!("2026-07-03"), "2026-07-03T00:00:00Z", NotMet),
        ("DateGreaterThanEquals", json!("2026-07-03"), "2026-07-03T00:00:00Z", Met),
        ("DateGreaterThan", json!("2026-07-03"), "soon", Unknown),
        ("Bool", json!("true"), "True", Met),
        ("Bool", json!(false), "true", NotMet),
        ("Bool", json!(["true", "false"]), "false", Met),
        ("Bool", json!("false"), "0", Unknown),
        ("BinaryEquals", json!("QmluYXJ5"), "QmluYXJ5", Met),
        ("BinaryEquals", json!("QmluYXJ5"), "qmluyxj5", NotMet),
        ("BinaryEquals", json!("QmluYXJ5"), "?", Unknown),
        ("IpAddress", json!("203.0.113.0/24"), "203.0.113.9", Met),
        ("IpAddress", json!(["203.0.113.0/24", "2001:DB8::/32"]), "2001:db8::9", Met),
        ("IpAddress", json!("203.0.113.0/24"), "203.0.114.9", NotMet),
        ("NotIpAddress", json!(["203.0.113.0/24", "198.51.100.0/24"]), "198.51.100.1", NotMet),
        ("NotIpAddress", json!(["203.0.113.0/24"]), "198.51.100.1", Met),
        ("NotIpAddress", json!(["203.0.113.0/24"]), "AWS Internal", Unknown),
        ("ArnEquals", json!("arn:aws:sns:*:111122223333:t*"), "arn:aws:sns:us-east-1:111122223333:topic", Met),
        ("ArnLike", json!("arn:aws:sns:*:*:*:topic"), "arn:aws:sns:us-east-1:111122223333:topic", NotMet),
        ("ArnNotEquals", json!("arn:aws:sns:*:*:topic"), "arn:aws:sns:us-east-1:111122223333:topic", NotMet),
        ("ArnNotLike", json!("arn:aws:sns:*:*:topic"), "arn:aws:sqs:us-east-1:111122223333:topic", Met),
        ("ArnNotLike", json!("arn:aws:sns:*:*:topic"), "topic", Unknown),
    ];
    for (operator, wanted, value, expected) in rows {
        assert_eq!(test(operator, &wanted, &[value]), expected, "{operator} {wanted} {value}");
    }
}

#[test]
fn a_missing_key_fails_plain_operators_and_meets_negated_ones() {
    let rows = [
        ("StringEquals", json!("x"), NotMet),
        ("StringLike", json!("*"), NotMet),
        ("StringNotEquals", json!("x"), Met),
        ("StringNotLike", json!("*"), Met),
        ("NumericLessThan", json!("1"), NotMet),
        ("NumericNotEquals", json!("1"), Met),
        ("DateLessThan", json!("2026-01-01"), NotMet),
        ("DateNotEquals", json!("2026-01-01"), Met),
        ("Bool", json!("false"), NotMet),
        ("BinaryEquals", json!(""), NotMet),
        ("IpAddress", json!("0.0.0.0/0"), NotMet),
        ("NotIpAddress", json!("0.0.0.0/0"), Met),
        ("ArnLike", json!("*"), NotMet),
        ("ArnNotLike", json!("*"), Met),
    ];
    for (operator, wanted, expected) in rows {
        assert_eq!(test(operator, &wanted, &[]), expected, "{operator}");
        assert_eq!(test(&format!("{operator}IfExists"), &wanted, &[]), Met, "{operator}IfExists");
        assert_eq!(test(&format!("ForAllValues:{operator}"), &wanted, &[]), Met, "ForAllValues:{operator}");
        assert_eq!(test(&format!("ForAnyValue:{operator}"), &wanted, &[]), NotMet, "ForAnyValue:{operator}");
        assert_eq!(
            test(&format!("ForAnyValue:{operator}IfExists"), &wanted, &[]),
            Met,
            "ForAnyValue:{operator}IfExists"
        );
    }
}

#[test]
fn if_exists_changes_nothing_for_a_key_that_is_there() {
    assert_eq!(test("StringEqualsIfExists", &json!("x"), &["x"]), Met);
    assert_eq!(test("StringEqualsIfExists", &json!("x"), &["y"]), NotMet);
    assert_eq!(test("StringNotEqualsIfExists", &json!("x"), &["x"]), NotMet);
}

#[test]
fn null_tests_for_presence() {
    assert_eq!(test("Null", &json!("true"), &[]), Met);
    assert_eq!(test("Null", &json!(true), &["x"]), NotMet);
    assert_eq!(test("Null", &json!("false"), &["x"]), Met);
    assert_eq!(test("Null", &json!("false"), &[""]), Met);
    assert_eq!(test("Null", &json!("false"), &[]), NotMet);
    assert_eq!(test("Null", &json!(["true", "false"]), &[]), Met);
}

#[test]
fn for_all_values_wants_every_value_of_the_request_to_match() {
    let wanted = json!(["env", "team"]);
    assert_eq!(test("ForAllValues:StringEquals", &wanted, &["env"]), Met);
    assert_eq!(test("ForAllValues:StringEquals", &wanted, &["team", "env"]), Met);
    assert_eq!(test("ForAllValues:StringEquals", &wanted, &["env", "cost"]), NotMet);
    assert_eq!(test("ForAllValues:StringNotEquals", &wanted, &["cost", "owner"]), Met);
    assert_eq!(test("ForAllValues:StringNotEquals", &wanted, &["cost", "env"]), NotMet);
    assert_eq!(test("ForAllValues:StringLike", &json!("e*"), &["env", "else"]), Met);
    assert_eq!(test("ForAllValues:NumericLessThan", &json!("5"), &["1", "x"]), Unknown);
    assert_eq!(test("ForAllValues:NumericLessThan", &json!("5"), &["9", "x"]), NotMet);
}

#[test]
fn for_any_value_wants_one_value_of_the_request_to_match() {
    let wanted = json!(["env", "team"]);
    assert_eq!(test("ForAnyValue:StringEquals", &wanted, &["cost", "env"]), Met);
    assert_eq!(test("ForAnyValue:StringEquals", &wanted, &["cost"]), NotMet);
    assert_eq!(test("ForAnyValue:StringNotEquals", &wanted, &["env", "cost"]), Met);
    assert_eq!(test("ForAnyValue:StringNotEquals", &wanted, &["env", "team"]), NotMet);
}

#[test]
fn a_set_of_empty_strings_is_an_empty_set() {
    assert_eq!(test("ForAllValues:StringEquals", &json!("env"), &[""]), Met);
    assert_eq!(test("ForAnyValue:StringLike", &json!("*"), &[""]), NotMet);
    assert_eq!(test("StringEquals", &json!(""), &[""]), Met);
    // One text that is not empty makes it a set of all its values.
    assert_eq!(test("ForAnyValue:StringEquals", &json!("env"), &["", "env"]), Met);
    assert_eq!(test("ForAllValues:StringEquals", &json!("env"), &["", "env"]), NotMet);
}

#[test]
fn without_a_qualifier_one_of_several_values_is_enough_and_negation_is_its_opposite() {
    assert_eq!(test("StringEquals", &json!("env"), &["cost", "env"]), Met);
    assert_eq!(test("StringNotEquals", &json!("env"), &["cost", "env"]), NotMet);
    assert_eq!(test("StringNotEquals", &json!("env"), &["cost", "team"]), Met);
}

#[test]
fn an_empty_list_of_wanted_values_matches_nothing() {
    assert_eq!(test("StringEquals", &json!([]), &["x"]), NotMet);
    assert_eq!(test("StringNotEquals", &json!([]), &["x"]), Met);
}

#[test]
fn conditions_are_joined_by_and_values_by_or() {
    let condition = json!({
        "StringEquals": {"aws:PrincipalTag/team": ["red", "blue"], "aws:RequestedRegion": "us-east-1"},
        "Bool": {"aws:SecureTransport": "true"},
    });
    let base =
        [("aws:PrincipalTag/team", "blue"), ("aws:RequestedRegion", "us-east-1"), ("aws:SecureTransport", "true")];
    assert_eq!(outcome(&condition, &base), Met);
    for (index, wrong) in ["green", "eu-west-1", "false"].into_iter().enumerate() {
        let mut pairs = base;
        pairs[index].1 = wrong;
        assert_eq!(outcome(&condition, &pairs), NotMet, "{wrong}");
    }
    assert_eq!(outcome(&json!({}), &[]), Met);
}

#[test]
fn a_false_condition_hides_one_that_cannot_be_evaluated() {
    let condition = json!({"NumericLessThan": {"aws:age": "10"}, "StringEquals": {"aws:team": "red"}});
    assert_eq!(outcome(&condition, &[("aws:age", "x"), ("aws:team", "red")]), Unknown);
    assert_eq!(outcome(&condition, &[("aws:age", "x"), ("aws:team", "blue")]), NotMet);
}

#[test]
fn a_value_that_matches_counts_before_one_that_cannot_be_told() {
    let wanted = json!(["${aws:PrincipalTag/x}", "ada"]);
    assert_eq!(test("StringEquals", &wanted, &["ada"]), Met);
    assert_eq!(test("StringLike", &wanted, &["ada"]), Met);
    assert_eq!(test("StringNotEquals", &wanted, &["ada"]), NotMet);
    assert_eq!(test("StringEquals", &wanted, &["bob"]), Unknown);
    assert_eq!(test("ForAnyValue:NumericLessThan", &json!("10"), &["x", "5"]), Met);
    assert_eq!(test("ForAllValues:NumericLessThan", &json!("10"), &["x", "50"]), NotMet);
}

#[test]
fn variables_work_in_string_arn_and_bool_operators() {
    let pairs = [("aws:ResourceTag/owner", "ada"), ("aws:username", "ada"), ("aws:flag", "true")];
    let test = |condition: Value| outcome(&condition, &pairs);
    assert_eq!(test(json!({"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}})), Met);
    assert_eq!(test(json!({"StringNotEquals": {"aws:ResourceTag/owner": "${aws:username}"}})), NotMet);
    assert_eq!(test(json!({"StringLike": {"aws:ResourceTag/owner": "${aws:username}*"}})), Met);
    assert_eq!(test(json!({"Bool": {"aws:flag": "${aws:flag}"}})), Met);
    assert_eq!(test(json!({"StringEquals": {"aws:username": "${aws:PrincipalTag/x, 'ada'}"}})), Met);
    // No value: a match cannot be told, a mismatch can.
    assert_eq!(test(json!({"StringEquals": {"aws:username": "${aws:PrincipalTag/x}"}})), Unknown);
    assert_eq!(test(json!({"StringNotEquals": {"aws:username": "${aws:PrincipalTag/x}"}})), Unknown);
    assert_eq!(test(json!({"StringLike": {"aws:username": "team-${aws:PrincipalTag/x}"}})), NotMet);
}
