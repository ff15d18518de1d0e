//! The index against each pattern on its own.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::event::EventPattern;
use crate::filter::FilterPattern;
use crate::selector::{AdvancedEventSelector, Selectors};

use super::*;

#[derive(Clone, Debug)]
enum Owned {
    Event(EventPattern),
    Filter(FilterPattern),
    Selectors(Selectors),
}

impl Owned {
    fn watch(&self) -> Watch<'_> {
        match self {
            Self::Event(pattern) => pattern.into(),
            Self::Filter(pattern) => pattern.into(),
            Self::Selectors(selectors) => selectors.into(),
        }
    }

    fn matches(&self, event: &str) -> bool {
        match self {
            Self::Event(pattern) => Document::parse(event).is_ok_and(|event| pattern.matches_document(&event)),
            Self::Filter(pattern) => pattern.matches(event).is_some(),
            Self::Selectors(selectors) => Document::parse(event).is_ok_and(|event| selectors.selects_document(&event)),
        }
    }
}

fn event_pattern(pattern: &str) -> Owned {
    Owned::Event(EventPattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")))
}

fn filter(pattern: &str) -> Owned {
    Owned::Filter(FilterPattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")))
}

fn found(index: &Index<usize>, event: &str, scratch: &mut Scratch) -> Vec<usize> {
    let mut found: Vec<usize> = index.matching_with(event, scratch).copied().collect();
    found.sort_unstable();
    found
}

fn expected(patterns: &[(usize, Owned)], event: &str) -> Vec<usize> {
    patterns.iter().filter(|(_, pattern)| pattern.matches(event)).map(|(key, _)| *key).collect()
}

#[test]
fn one_scan_answers_rules_filters_and_trails() {
    let mut index = Index::new();
    index.insert("rule", &EventPattern::parse(r#"{"eventName": [{"prefix": "Get"}], "readOnly": [true]}"#).unwrap());
    index.insert(
        "metric",
        &FilterPattern::parse(r#"{ $.eventName = "GetSecretValue" && $.errorCode NOT EXISTS }"#).unwrap(),
    );
    index.insert("text", &FilterPattern::parse("Secret -Delete").unwrap());
    index.insert("trail", &Selectors::default());
    let record = r#"{"eventName": "GetSecretValue", "readOnly": true}"#;
    let mut matching = index.matching(record);
    matching.sort_unstable();
    assert_eq!(matching, [&"metric", &"rule", &"text", &"trail"]);
    assert_eq!(index.matching("a Secret in plain text"), [&"text"]);
    assert!(index.remove(&"metric"));
    assert!(!index.remove(&"metric"));
    assert_eq!(index.len(), 3);
    assert!(!index.matching(record).contains(&&"metric"));
}

#[test]
fn a_key_is_given_once_and_replaced_by_inserting_again() {
    let mut index = Index::new();
    let either = EventPattern::parse(r#"{"$or": [{"a": [1]}, {"b": [2]}, {"a": [1], "b": [2]}]}"#).unwrap();
    index.insert(7, &either);
    assert_eq!(index.matching(r#"{"a": 1, "b": 2}"#), [&7]);
    index.insert(7, &EventPattern::parse(r#"{"a": [3]}"#).unwrap());
    assert!(index.matching(r#"{"a": 1, "b": 2}"#).is_empty());
    assert_eq!(index.matching(r#"{"a": 3}"#), [&7]);
    assert_eq!(index.len(), 1);
}

#[test]
fn removing_everything_leaves_nothing_behind() {
    let mut index = Index::new();
    for round in 0..3 {
        for key in 0..200usize {
            let pattern = format!(
                r#"{{"a{}": {{"b": ["x{key}", {{"prefix": "p{key}"}}, {{"numeric": [">", {key}]}}]}}}}"#,
                key % 7
            );
            index.insert(key, &EventPattern::parse(&pattern).unwrap());
            let pattern = format!("{{ $.a[{}].b = \"*k{key}*\" || $.c = {key} }}", key % 5);
            index.insert(1000 + key, &FilterPattern::parse(&pattern).unwrap());
        }
        let places = (index.paths.len(), index.predicates.len(), index.entries.len());
        assert_eq!(places, (27, 600, 400), "round {round} uses the places of the one before");
        for key in 0..200 {
            assert!(index.remove(&key));
            assert!(index.remove(&(1000 + key)));
        }
        assert!(index.is_empty());
        assert!(!index.entries.has_conditions());
        assert!(!index.paths.get(paths::ROOT).unwrap().has_children());
    }
}

/// Thousands of rules share source and detail type; one value tells them apart.
#[test]
fn rules_that_share_what_is_common_are_filed_under_what_is_not() {
    let mut index = Index::new();
    for key in 0..5_000usize {
        let pattern = format!(
            r#"{{"source": ["aws.secretsmanager"], "detail-type": ["AWS API Call via CloudTrail"], "detail": {{"eventName": ["GetSecretValue"], "requestParameters": {{"secretId": ["secret/{key}"]}}}}}}"#
        );
        index.insert(key, &EventPattern::parse(&pattern).unwrap());
    }
    let event = r#"{"source": "aws.secretsmanager", "detail-type": "AWS API Call via CloudTrail", "detail": {"eventName": "GetSecretValue", "requestParameters": {"secretId": "secret/4711"}}}"#;
    let mut scratch = Scratch::default();
    assert_eq!(found(&index, event, &mut scratch), [4711]);
    assert_eq!(scratch.candidates.len(), 1, "only the rule that matches was checked");
}

#[test]
fn a_crowded_bucket_is_emptied_when_something_rarer_is_known() {
    let mut index = Index::new();
    // At first only the shared name; it is the better choice until it crowds.
    for key in 0..500usize {
        let pattern = format!(r#"{{"a": {{"b": {{"c": ["same"]}}}}, "d": [{{"prefix": "k{key:03}"}}]}}"#);
        index.insert(key, &EventPattern::parse(&pattern).unwrap());
    }
    let mut scratch = Scratch::default();
    assert_eq!(found(&index, r#"{"a": {"b": {"c": "same"}}, "d": "k123-x"}"#, &mut scratch), [123]);
    assert!(scratch.candidates.len() < 130, "{} candidates", scratch.candidates.len());
}

#[test]
fn members_named_twice_count_once_and_escapes_are_read() {
    let patterns: Vec<(usize, Owned)> = [
        event_pattern(r#"{"a": {"b": [1]}}"#),
        event_pattern(r#"{"a": {"b": [2]}}"#),
        filter("{ $.a.b = 1 }"),
        filter("{ $.a.b = 2 }"),
        event_pattern(r#"{"s": ["x\"y"]}"#),
        filter(r#"{ $.s = "x\"*" }"#),
        filter("{ $.['a.b'] = 3 }"),
        event_pattern(r#"{"a.b": [3]}"#),
        event_pattern(r#"{"l": {"k": [2]}}"#),
    ]
    .into_iter()
    .enumerate()
    .collect();
    let mut index = Index::new();
    for (key, pattern) in &patterns {
        index.insert(*key, pattern.watch());
    }
    let mut scratch = Scratch::default();
    for event in [
        r#"{"a": {"b": 1}, "a": {"b": 2}}"#,
        r#"{"a": {"b": 1, "b": 2}}"#,
        r#"{"a": {"b": 2}, "\u0061": {"\u0062": 1}}"#,
        r#"{"a.b": 3, "a": null, "a": null}"#,
        r#"{"a.b": 1, "a.b": 3}"#,
        r#"{"a.b": 3, "a\u002eb": 1}"#,
        r#"{"a": {"b": 1}, "a.b": 3, "a": {"b": 2}}"#,
        r#"{"a": {"b": 1}, "c": {"b": 1}, "a": {}}"#,
        r#"{"s": "x\u0022y"}"#,
        r#"{"s": "x\\", "a.b": 3}"#,
        r#"{"l": [{"k": 2, "k": 1}]}"#,
        r#"{"l": [{"k": 1, "k": 2}]}"#,
        "{}",
        "[]",
        "5",
        "",
        "{",
        "not json",
    ] {
        assert_eq!(found(&index, event, &mut scratch), expected(&patterns, event), "{event}");
    }
}

/// Once every path was seen the rest is only searched for the names that could still matter.
#[test]
fn the_rest_of_an_event_counts_only_where_it_can() {
    let mut index = Index::new();
    index.insert(1, &EventPattern::parse(r#"{"a": {"b": [1]}}"#).unwrap());
    index.insert(2, &EventPattern::parse(r#"{"a": {"b": [2]}}"#).unwrap());
    let padding = format!("\"c\": \"{}\"", "x".repeat(300));
    for (event, expected) in [
        (format!(r#"{{"a": {{"b": 1, {padding}}}, {padding}}}"#), &[&1][..]),
        (format!(r#"{{"a": {{"b": 1, {padding}, "b": 2}}}}"#), &[&2]),
        (format!(r#"{{"a": {{"b": 1, {padding}}}, "a": {{"b": 2}}}}"#), &[&2]),
        (format!(r#"{{"a": {{"b": 1, {padding}}}, "a": {{}}}}"#), &[]),
        (format!(r#"{{"a": {{"b": 1, {padding}}}, "a.b": 2}}"#), &[&1, &2]),
        (format!(r#"{{"a": {{"b": 1, {padding}}}, "\u0061": {{"b": 2}}}}"#), &[&2]),
        (format!(r#"{{"a": {{"b": 1, {padding}, "d": {{"b": 2, "a": 3}}, "ab": 1}}}}"#), &[&1]),
        (format!(r#"{{"a": [{{"b": 1, {padding}}}, {{"b": 2}}], {padding}}}"#), &[&1, &2]),
        (format!(r#"{{"a": {{"b": 1, {padding}"#), &[]),
    ] {
        let mut found = index.matching(&event);
        found.sort_unstable();
        assert_eq!(found, expected, "{event}");
    }
}

#[test]
fn reading_may_end_below_a_member_of_the_same_name() {
    let mut index = Index::new();
    index.insert(1, &EventPattern::parse(r#"{"a": {"a": [1]}}"#).unwrap());
    let padding = format!("\"c\": \"{}\"", "x".repeat(300));
    assert_eq!(index.matching(&format!(r#"{{"a": {{"a": 1, {padding}}}}}"#)), [&1]);
    assert_eq!(index.matching(&format!(r#"{{"a": {{"a": 2}}, "a": {{"a": 1, {padding}}}}}"#)), [&1]);
}

#[test]
fn deep_events_are_bounded() {
    let mut index = Index::new();
    index.insert(0, &EventPattern::parse(r#"{"a": ["x"]}"#).unwrap());
    for depth in [10, 120, 1_000, 200_000] {
        let event = format!("{{\"a\": {}\"x\"{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(!index.matching(&event).is_empty(), depth < 128, "{depth}");
        let skipped = format!("{{\"b\": {}{}, \"a\": \"x\"}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(index.matching(&skipped), [&0]);
    }
}

// Random patterns on random events.

fn any_event() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(false)),
        "(x|Y|xy|ab|abcdefghij|10\\.0\\.0\\.[1-3]|::1|\"|\\\\|é|É|GetSecretValue|secretsmanager\\.amazonaws\\.com)"
            .prop_map(Value::from),
        (-3i64..4).prop_map(Value::from),
        Just(json!(2.5)),
        Just(json!(1e300)),
        (60usize..400).prop_map(|length| Value::from("p".repeat(length))),
    ];
    let node = leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[abc]", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let name = prop_oneof![8 => "[abc]", 1 => Just("a.b".to_owned()), 1 => Just("eventName".to_owned()), 1 => Just("eventSource".to_owned())];
    proptest::collection::hash_map(name, node, 0..5).prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn any_event_pattern() -> impl Strategy<Value = Owned> {
    let alternative = prop_oneof![
        Just(json!("x")),
        Just(json!("10.0.0.1")),
        Just(json!("\"")),
        Just(json!(1)),
        Just(json!(2.5)),
        Just(json!(null)),
        Just(json!(true)),
        Just(json!({"prefix": "a"})),
        Just(json!({"prefix": ""})),
        Just(json!({"prefix": {"equals-ignore-case": "X"}})),
        Just(json!({"suffix": "y"})),
        Just(json!({"suffix": {"equals-ignore-case": "Y"}})),
        Just(json!({"equals-ignore-case": "y"})),
        Just(json!({"equals-ignore-case": "é"})),
        Just(json!({"wildcard": "a*j"})),
        Just(json!({"wildcard": "*cde*"})),
        Just(json!({"wildcard": "*bcdefghi*"})),
        Just(json!({"wildcard": "*"})),
        Just(json!({"numeric": [">", 1]})),
        Just(json!({"numeric": ["<=", 0]})),
        Just(json!({"numeric": [">=", -1, "<", 2]})),
        Just(json!({"numeric": ["=", 1]})),
        Just(json!({"cidr": "10.0.0.0/30"})),
        Just(json!({"cidr": "::/1"})),
        Just(json!({"exists": true})),
        Just(json!({"exists": false})),
        Just(json!({"anything-but": "x"})),
        Just(json!({"anything-but": [1, 2]})),
        Just(json!({"anything-but": {"suffix": "y"}})),
        Just(json!({"anything-but": {"equals-ignore-case": "Y"}})),
    ];
    let leaf = proptest::collection::vec(alternative, 1..3).prop_map(Value::from);
    let object = |inner: BoxedStrategy<Value>| {
        proptest::collection::hash_map("[abc](\\.[abc])?", inner, 1..4)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    };
    let node = leaf.prop_recursive(3, 12, 3, move |inner| object(inner.boxed()));
    let fields = object(node.boxed()).boxed();
    let whole = prop_oneof![
        3 => fields.clone(),
        1 => (fields.clone(), proptest::collection::vec(fields, 2..4)).prop_map(|(mut fields, alternatives)| {
            if let Value::Object(fields) = &mut fields {
                fields.insert("$or".to_owned(), Value::from(alternatives));
            }
            fields
        }),
    ];
    whole.prop_map(|pattern| event_pattern(&pattern.to_string()))
}

fn any_filter() -> impl Strategy<Value = Owned> {
    let path = "\\$\\.[abc](\\[[012]\\]|\\.[abc]|\\.\\['a\\.b'\\]){0,2}|\\$\\.\\['a\\.b'\\]";
    let test = prop_oneof![
        "(=|!=) (x|\"a\\*\"|\"\\*y\"|\"\\*cde\\*\"|1|2\\.5|\"1\"|true|\\*|%\\^x%|\"\\\\\"\"|10\\.0\\.\\*)",
        "(<|<=|>|>=) (-1|0|1|2\\.5)",
        "IS (NULL|TRUE|FALSE)",
        Just("NOT EXISTS".to_owned()),
    ];
    let condition = (path, test).prop_map(|(path, test)| format!("{path} {test}"));
    let expr = condition.prop_recursive(3, 6, 2, |inner| {
        (inner.clone(), prop_oneof![Just("&&"), Just("||")], inner)
            .prop_map(|(left, join, right)| format!("({left} {join} {right})"))
    });
    prop_oneof![
        8 => expr.prop_map(|expr| format!("{{ {expr} }}")),
        1 => "(x|-x|\\?x \\?y|%[xy]%)",
        1 => Just("[w1 = *a*, ...]".to_owned()),
    ]
    .prop_map(|pattern| filter(&pattern))
}

fn any_selectors() -> impl Strategy<Value = Owned> {
    let fields = json!([{"FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::SecretsManager::Secret"]},
        {"Field": "eventName", "StartsWith": ["Get"]}]}]);
    let selectors: Vec<AdvancedEventSelector> = serde_json::from_value(fields).unwrap();
    prop_oneof![Just(Selectors::default()), Just(Selectors::advanced(&selectors).unwrap())].prop_map(Owned::Selectors)
}

fn any_pattern() -> impl Strategy<Value = Owned> {
    prop_oneof![6 => any_event_pattern(), 4 => any_filter(), 1 => any_selectors()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_index_agrees_with_each_pattern_on_its_own(
        patterns in proptest::collection::vec((any_pattern(), any::<bool>()), 1..24),
        events in proptest::collection::vec((any_event(), any::<bool>()), 1..6),
    ) {
        let mut index = Index::new();
        let mut scratch = Scratch::default();
        let mut kept = Vec::new();
        for (key, (pattern, keep)) in patterns.iter().enumerate() {
            index.insert(key, pattern.watch());
            if *keep {
                kept.push((key, pattern.clone()));
            }
        }
        let all: Vec<(usize, Owned)> = patterns.into_iter().map(|(pattern, _)| pattern).enumerate().collect();
        let events: Vec<String> = events
            .into_iter()
            .map(|(event, pretty)| if pretty { serde_json::to_string_pretty(&event).unwrap() } else { event.to_string() })
            .collect();
        for event in &events {
            prop_assert_eq!(found(&index, event, &mut scratch), expected(&all, event), "{}", event);
        }
        for (key, _) in &all {
            if !kept.iter().any(|(other, _)| other == key) {
                index.remove(key);
            }
        }
        for event in &events {
            prop_assert_eq!(found(&index, event, &mut scratch), expected(&kept, event), "{}", event);
        }
    }

    #[test]
    fn any_text_is_scanned_without_harm(text in any::<String>(), near in "[{\\[\"a:b1,\\]}\\\\ .]{0,40}") {
        let mut index = Index::new();
        index.insert(0, &EventPattern::parse(r#"{"a": {"b": [1, {"exists": false}]}, "b": [{"anything-but": 1}]}"#).unwrap());
        index.insert(1, &FilterPattern::parse("{ $.a[1].b NOT EXISTS || $.b = * }").unwrap());
        index.matching(&text);
        index.matching(&near);
    }
}
