//! The largest patterns and the worst events: each is taken or refused with a reason, and the index agrees with each
//! pattern on its own. What must stay small is counted; nothing is timed.

use serde_json::{Value, json};

use crate::document::Document;
use crate::event::EventPattern;
use crate::filter::FilterPattern;
use crate::selector::{AdvancedEventSelector, Selectors};

use super::*;

fn event_index(patterns: &[String]) -> Index<usize> {
    let mut index = Index::new();
    for (key, pattern) in patterns.iter().enumerate() {
        index.insert(key, &EventPattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")));
    }
    index
}

fn refusal(pattern: &str) -> String {
    EventPattern::parse(pattern).unwrap_err().reason
}

#[test]
fn wildcards_that_ruin_backtracking() {
    let stars = |count: usize| format!(r#"{{"a": [{{"wildcard": "{}b"}}]}}"#, "*a".repeat(count));
    assert!(refusal(&stars(6)).starts_with("Rule is too complex"));
    assert!(refusal(&stars(1_500)).starts_with("Rule is too complex"));
    // Refused ones are not complex when they are negated, for AWS does not count those.
    let negated = format!(r#"{{"a": [{{"anything-but": {{"wildcard": "{}b"}}}}]}}"#, "*a".repeat(1_500));
    let index = event_index(&[stars(4), negated]);
    let event = json!({"a": "a".repeat(200_000)}).to_string();
    assert_eq!(index.matching(&event), [&1]);
}

#[test]
fn many_wildcards_on_one_field_bring_up_only_those_whose_rarest_part_occurs() {
    let patterns: Vec<String> =
        (0..2_000).map(|at| format!(r#"{{"a": [{{"wildcard": "*part-{at:04}*end{at:04}"}}]}}"#)).collect();
    let index = event_index(&patterns);
    let mut scratch = Scratch::default();
    let event = json!({"a": format!("{}part-0042{}end0042", "part-".repeat(20_000), "x".repeat(50_000))}).to_string();
    let found: Vec<usize> = index.matching_with(&event, &mut scratch).copied().collect();
    assert_eq!(found, [42]);
    assert!(scratch.candidates.len() < 10, "{} candidates", scratch.candidates.len());
}

#[test]
fn the_longest_list_of_alternatives() {
    let values: Vec<String> = (0..500).map(|at| format!("\"{at:04}\"")).collect();
    let pattern = format!(r#"{{"a": [{}]}}"#, values.join(","));
    assert!(pattern.len() <= crate::event::MAX_LENGTH);
    let index = event_index(&[pattern]);
    assert_eq!(index.matching(r#"{"a": "0499"}"#), [&0]);
    assert!(index.matching(r#"{"a": "0500"}"#).is_empty());
    assert_eq!(
        refusal(&format!(r#"{{"a": ["{}"]}}"#, "x".repeat(4_096))),
        "Event pattern must have at most 4096 characters"
    );
}

#[test]
fn the_most_combinations() {
    let or = |times: usize| {
        let fields: Vec<String> =
            (0..times).map(|at| format!(r#""f{at}": {{"$or": [{{"a": [1]}}, {{"b": [1]}}]}}"#)).collect();
        format!("{{{}}}", fields.join(","))
    };
    assert!(refusal(&or(10)).starts_with("Rule is too complex - $or makes more than 1000 combinations"));
    let index = event_index(&[or(9)]);
    assert_eq!(index.entries.len(), 512);
    let members: serde_json::Map<String, Value> = (0..9).map(|at| (format!("f{at}"), json!({"b": 1}))).collect();
    assert_eq!(index.matching(&Value::Object(members).to_string()), [&0]);
}

#[test]
fn the_deepest_pattern_and_an_event_deeper_than_that() {
    let nested = |depth: usize, inner: &str| format!("{}{inner}{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let index = event_index(&[nested(99, "[1]")]);
    assert_eq!(index.matching(&nested(99, "1")), [&0]);
    assert!(index.matching(&nested(98, "1")).is_empty());
    assert!(index.matching(&nested(100_000, "1")).is_empty());
    assert!(refusal(&nested(100, "[1]")).starts_with("Document nesting depth (101) exceeds"));
}

#[test]
fn arrays_of_objects_by_the_ten_thousand() {
    let pattern = r#"{"l": {"a": ["x"], "b": ["y"], "c": [{"anything-but": "z"}]}}"#.to_owned();
    let index = event_index(std::slice::from_ref(&pattern));
    let direct = EventPattern::parse(&pattern).unwrap();
    // Every field is satisfied somewhere, and only the last element satisfies them all.
    let mut elements: Vec<Value> = (0..2_000).map(|at| json!({"a": "x", "b": at, "c": "z"})).collect();
    elements.extend((0..2_000).map(|_| json!({"a": "w", "b": "y", "c": "c"})));
    for expected in [false, true] {
        if expected {
            elements.push(json!({"a": "x", "b": "y", "c": "c"}));
        }
        let event = json!({"l": elements}).to_string();
        assert_eq!(!index.matching(&event).is_empty(), expected);
        assert_eq!(direct.matches_document(&Document::parse(&event).unwrap()), expected);
    }
}

/// Arrays beside each other within an array: no element has all, and which agree must be searched.
#[test]
fn arrays_beside_each_other_by_the_thousand() {
    let pattern = r#"{"l": {"m": {"a": ["x"]}, "n": {"b": ["y"]}}}"#.to_owned();
    let index = event_index(std::slice::from_ref(&pattern));
    let mut elements: Vec<Value> = (0..2_000)
        .map(|at| if at % 2 == 0 { json!({"m": [{"a": "x"}], "n": [{"b": 0}]}) } else { json!({"n": [{"b": "y"}]}) })
        .collect();
    assert!(index.matching(&json!({"l": elements}).to_string()).is_empty());
    elements.push(json!({"m": [{"a": 1}, {"a": "x"}], "n": [{"b": "y"}, {"b": 2}]}));
    assert_eq!(index.matching(&json!({"l": elements}).to_string()), [&0]);
}

#[test]
fn regular_expressions_are_bounded_when_they_are_compiled() {
    for (source, taken) in [
        (format!("%{}%", "a?".repeat(500)), true),
        (format!("%{}b%", "a*".repeat(500)), true),
        ("%[a-z]{200}%".to_owned(), true),
        ("%a{9999}%".to_owned(), false),
        ("%a{999}{999}%".to_owned(), false),
        ("%a{10000}%".to_owned(), false),
        (format!("%{}%", "[a-z0-9]{50}".repeat(80)), false),
    ] {
        match FilterPattern::parse(&source) {
            Ok(pattern) => {
                assert!(taken, "{source}");
                pattern.matches(&"a".repeat(50_000));
            }
            Err(error) => assert!(!taken && !error.reason.is_empty(), "{source}: {error}"),
        }
    }
}

#[test]
fn filters_of_full_length() {
    let conditions: Vec<String> = (0..85).map(|at| format!("$.a = x{at:02}")).collect();
    let either = format!("{{{}}}", conditions.join("||"));
    let fields: Vec<String> = (0..200).map(|at| format!("f{at}")).collect();
    for (pattern, message, expected) in [
        (either.clone(), r#"{"a": "x84"}"#.to_owned(), true),
        (either, r#"{"a": "x85"}"#.to_owned(), false),
        ("a ".repeat(512), "b".repeat(100_000), false),
        (format!("[{}]", fields.join(",")), "x ".repeat(200), true),
        (format!("[{}]", fields.join(",")), "x ".repeat(100_000), false),
    ] {
        assert!(pattern.len() <= crate::filter::MAX_LENGTH + 1, "{}", pattern.len());
        let pattern = FilterPattern::parse(&pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        let mut index = Index::new();
        index.insert(0, &pattern);
        assert_eq!(pattern.matches(&message).is_some(), expected, "{}", pattern.source());
        assert_eq!(!index.matching(&message).is_empty(), expected, "{}", pattern.source());
    }
}

#[test]
fn selectors_with_all_the_values_there_may_be() {
    let of = |count: usize| {
        let values: Vec<String> = (0..count).map(|at| format!("{at:0>2048}")).collect();
        let selectors = json!([{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::SecretsManager::Secret"]}, {"Field": "eventName", "NotEquals": values}]}]);
        let selectors: Vec<AdvancedEventSelector> = serde_json::from_value(selectors).unwrap();
        Selectors::advanced(&selectors)
    };
    let record = |name: &str| json!({"eventSource": "secretsmanager.amazonaws.com", "eventName": name});
    assert!(of(498).unwrap().selects(&record("GetSecretValue")));
    assert!(!of(498).unwrap().selects(&record(&format!("{:0>2048}", 497))));
    assert_eq!(of(499).unwrap_err().message, "Advanced event selectors can have at most 500 values in all conditions.");
}
