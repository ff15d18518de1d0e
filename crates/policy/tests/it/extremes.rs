//! The largest policies and the worst patterns: each is taken or refused, and what is taken is decided. Nothing is timed;
//! what does not end in linear time does not end here.

use keeptrail_policy::{Policy, PolicyKind, PolicySet};
use serde_json::{Value, json};

use crate::support::{allow, ask, ask_about, deny, document, identity, user};

const MAX_BYTES: usize = 131_072;
const MAX_STATEMENTS: usize = 1_024;

fn object_of(length: usize) -> String {
    format!("arn:aws:s3:::bucket/{}", "a".repeat(length))
}

fn on(resources: Value) -> Value {
    json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources})
}

fn may_get(statement: &Value, object: &str, pairs: &[(&str, &str)]) -> bool {
    let mine = [identity(statement)];
    ask_about(&user(), "s3:GetObject", Some(object), pairs, &PolicySet { identity: &mine, ..PolicySet::default() })
        .allowed
}

#[test]
fn the_longest_document_is_read_and_one_byte_more_is_not() {
    let of_length = |length: usize| {
        let empty = document(&on(json!("arn:aws:s3:::"))).to_string();
        document(&on(json!(format!("arn:aws:s3:::{}", "a".repeat(length - empty.len()))))).to_string()
    };
    let longest = of_length(MAX_BYTES);
    assert_eq!(longest.len(), MAX_BYTES);
    assert!(Policy::parse(&longest, PolicyKind::Identity).is_ok());
    let error = Policy::parse(&of_length(MAX_BYTES + 1), PolicyKind::Identity).unwrap_err();
    assert_eq!(error.detail(), "longer than 131072 bytes");
}

#[test]
fn of_the_most_statements_the_last_one_counts() {
    let statements = |count: usize, last: Value| {
        let mut statements = vec![json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}); count - 1];
        statements.push(last);
        json!(statements)
    };
    for (last, allowed) in [(allow("sqs:*"), true), (deny("sqs:*"), false), (allow("sns:*"), false)] {
        let mine = [identity(&statements(MAX_STATEMENTS, last))];
        let decision = ask(&user(), "sqs:SendMessage", &PolicySet { identity: &mine, ..PolicySet::default() });
        assert_eq!(decision.allowed, allowed);
    }
    let more = document(&statements(MAX_STATEMENTS + 1, allow("*"))).to_string();
    assert_eq!(Policy::parse(&more, PolicyKind::Identity).unwrap_err().detail(), "more than 1024 statements");
}

#[test]
fn patterns_that_ruin_backtracking() {
    let stars = format!("{}b", "*a".repeat(5_000));
    let searched = format!("*{}b*", "a?".repeat(250));
    for pattern in [stars, searched, format!("*{}", "*?".repeat(5_000)), format!("{}b", "a*".repeat(5_000))] {
        let statement = on(json!([format!("arn:aws:s3:::bucket/{pattern}")]));
        let ends_in_b = format!("{}b", object_of(20_000));
        assert!(may_get(&statement, &ends_in_b, &[]), "{}", pattern.len());
        assert_eq!(may_get(&statement, &object_of(20_000), &[]), pattern.ends_with('?'), "{}", pattern.len());
    }
}

#[test]
fn a_segment_with_holes_that_is_too_long_to_be_searched_is_refused() {
    let pattern = |holes: usize| on(json!(format!("arn:aws:s3:::bucket/*{}*", "a?".repeat(holes))));
    assert!(Policy::parse(&document(&pattern(256)).to_string(), PolicyKind::Identity).is_ok());
    let error = Policy::parse(&document(&pattern(257)).to_string(), PolicyKind::Identity).unwrap_err();
    assert!(error.detail().ends_with("a part between two stars is too long"), "{}", error.detail());
}

/// A variable may bring the length that the document could not have.
#[test]
fn a_segment_that_a_variable_makes_too_long_never_grants_and_always_denies() {
    let allowing = on(json!("arn:aws:s3:::bucket/*${aws:username}?*"));
    let denying =
        json!([allow("*"), {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::bucket/*${aws:username}?*"}]);
    for (length, certain) in [(511, true), (512, false)] {
        let name = "a".repeat(length);
        let pairs = [("aws:username", name.as_str())];
        assert_eq!(may_get(&allowing, &object_of(600), &pairs), certain, "{length}");
        assert!(!may_get(&denying, &object_of(600), &pairs), "{length}");
        assert_eq!(may_get(&denying, &object_of(100), &pairs), certain, "{length}");
    }
}

#[test]
fn a_thousand_values_of_a_key_against_a_thousand_wanted() {
    let names = |count: usize| (0..count).map(|number| format!("key-{number}")).collect::<Vec<_>>();
    let (wanted, given) = (names(1_000), names(1_001));
    let mine = [identity(&json!({"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"ForAllValues:StringLike": {"aws:TagKeys": wanted}}}))];
    let set = PolicySet { identity: &mine, ..PolicySet::default() };
    for (count, allowed) in [(1_000, true), (1_001, false)] {
        let pairs: Vec<(&str, &str)> = given.iter().take(count).map(|key| ("aws:TagKeys", key.as_str())).collect();
        assert_eq!(ask_about(&user(), "secretsmanager:TagResource", None, &pairs, &set).allowed, allowed);
    }
}
