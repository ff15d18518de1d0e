//! The operators by AWS's documentation and recorded verdicts, and the matcher against its definition.

use proptest::prelude::*;
use serde_json::json;

use crate::document::Scalar;

use super::*;

pub(super) fn matches(pattern: &str, event: &str) -> bool {
    let pattern = EventPattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    let value: Value = serde_json::from_str(event).unwrap();
    let verdict = pattern.matches_document(&Document::parse(event).unwrap());
    assert_eq!(pattern.matches(&value), verdict, "{} on {event}", pattern.source());
    verdict
}

/// `{"x": [ALTERNATIVES]}` on `{"x": VALUE}`.
fn value_matches(alternatives: &str, value: &str) -> bool {
    matches(&format!("{{\"x\": [{alternatives}]}}"), &format!("{{\"x\": {value}}}"))
}

#[test]
fn values_match_by_type_and_value() {
    for (alternatives, value, expected) in [
        ("\"\"", "\"\"", true),
        ("\"\"", "null", false),
        ("null", "null", true),
        ("null", "\"\"", false),
        ("null", "\"null\"", false),
        ("null", "[]", false),
        ("5", "5", true),
        ("5", "\"5\"", false),
        ("\"5\"", "5", false),
        ("300", "3.0e2", true),
        ("3e2", "300", true),
        ("300", "300.0000001", false),
        ("0", "-0.0", true),
        ("true", "true", true),
        ("true", "\"true\"", false),
        ("false", "true", false),
        ("\"a\", \"b\"", "\"b\"", true),
        ("\"A\"", "\"a\"", false),
        ("\"a\"", "[\"b\", \"a\"]", true),
        ("\"a\"", "[[[\"a\"]]]", true),
        ("\"a\"", "{\"y\": \"a\"}", false),
        ("\"caf\\u00e9\"", "\"café\"", true),
        // More than 17 digits do not compare as numbers, only as they are written.
        ("\"2001:db8::1\"", "\"2001:0DB8:0:0:0:0:0:1\"", true),
        ("\"10.0.0.1\"", "\"10.0.0.1\"", true),
        ("\"10.0.0.1\"", "\"10.0.0.11\"", false),
    ] {
        assert_eq!(value_matches(alternatives, value), expected, "{alternatives} on {value}");
    }
}

#[test]
fn numbers_of_many_digits_are_equal_only_as_text() {
    let on = |alternative: &str, value: &str| {
        let pattern = EventPattern::parse(&format!("{{\"x\": [{alternative}]}}")).unwrap();
        pattern.matches_document(&Document::parse(&format!("{{\"x\": {value}}}")).unwrap())
    };
    assert!(on("123456789012345678901", "123456789012345678901"));
    assert!(!on("123456789012345678901", "123456789012345678902"));
    assert!(!on("123456789012345678901", "123456789012345678901.0"));
    assert!(!on("{\"numeric\": [\">\", 0]}", "123456789012345678901"));
    assert!(on("{\"numeric\": [\"=\", 0.1]}", "1.0E-1"));
}

#[test]
fn every_operator() {
    for (alternatives, value, expected) in [
        (r#"{"exactly": "a"}"#, r#""a""#, true),
        (r#"{"prefix": "us-"}"#, r#""us-east-1""#, true),
        (r#"{"prefix": "us-"}"#, r#""eu-us-1""#, false),
        (r#"{"prefix": ""}"#, r#""anything""#, true),
        (r#"{"prefix": "1"}"#, "12", false),
        (r#"{"prefix": {"equals-ignore-case": "EventB"}}"#, r#""EVENTBRIDGE""#, true),
        (r#"{"prefix": {"equals-ignore-case": "EventB"}}"#, r#""bevent""#, false),
        (r#"{"suffix": ".png"}"#, r#""a.png""#, true),
        (r#"{"suffix": ".png"}"#, r#""a.PNG""#, false),
        (r#"{"suffix": {"equals-ignore-case": ".png"}}"#, r#""a.PNG""#, true),
        (r#"{"suffix": {"equals-ignore-case": "É"}}"#, r#""café""#, true),
        (r#"{"equals-ignore-case": "ec2 Instance"}"#, r#""EC2 instance""#, true),
        (r#"{"equals-ignore-case": "ec2 Instance"}"#, r#""EC2 instances""#, false),
        (r#"{"equals-ignore-case": ""}"#, r#""""#, true),
        (r#"{"wildcard": "dir/*.png"}"#, r#""dir/a/b.png""#, true),
        (r#"{"wildcard": "dir/*.png"}"#, r#""dir/.png""#, true),
        (r#"{"wildcard": "dir/*.png"}"#, r#""dirb.png""#, false),
        (
            r#"{"wildcard": "/Users/*/dir/dir/dir/dir/dir/doc.txt"}"#,
            r#""/Users/ls_user/dir/dir/dir/dir/dir/doc.txt""#,
            true,
        ),
        (r#"{"wildcard": "a\\*b"}"#, r#""a*b""#, true),
        (r#"{"wildcard": "a\\*b"}"#, r#""axb""#, false),
        (r#"{"wildcard": "*"}"#, r#""""#, true),
        (r#"{"wildcard": "*"}"#, "5", false),
        (r#"{"numeric": ["=", 3.018e2]}"#, "301.8", true),
        (r#"{"numeric": [">", 0, "<=", 5]}"#, "5", true),
        (r#"{"numeric": [">", 0, "<=", 5]}"#, "0", false),
        (r#"{"numeric": [">=", 0, "<", 5]}"#, "0", true),
        (r#"{"numeric": ["<", 10]}"#, "9.999", true),
        (r#"{"numeric": ["<", 10]}"#, "\"9\"", false),
        (r#"{"numeric": ["<", 10]}"#, "null", false),
        (r#"{"numeric": ["<", 10]}"#, "-1e300", true),
        (r#"{"cidr": "10.0.0.0/24"}"#, r#""10.0.0.255""#, true),
        (r#"{"cidr": "10.0.0.0/24"}"#, r#""10.0.1.0""#, false),
        (r#"{"cidr": "10.0.0.0/24"}"#, "10", false),
        (r#"{"cidr": "2001:db8:1234:1a00::/64"}"#, r#""2001:db8:1234:1a00::1""#, true),
        (r#"{"exists": true}"#, "null", true),
        (r#"{"exists": true}"#, "[]", false),
        (r#"{"exists": true}"#, r#"{"y": 1}"#, false),
        (r#"{"exists": false}"#, "1", false),
        (r#"{"exists": false}"#, "[]", true),
        (r#"{"exists": false}"#, r#"{"y": 1}"#, true),
        (r#"{"anything-but": "a"}"#, r#""b""#, true),
        (r#"{"anything-but": "a"}"#, r#""a""#, false),
        (r#"{"anything-but": "a"}"#, "null", true),
        (r#"{"anything-but": "a"}"#, "5", true),
        (r#"{"anything-but": "a"}"#, "[]", false),
        (r#"{"anything-but": ["a", "b"]}"#, r#""b""#, false),
        (r#"{"anything-but": ["a", "b"]}"#, r#"["a", "c"]"#, true),
        (r#"{"anything-but": 5}"#, "5.0", false),
        (r#"{"anything-but": [5, 6]}"#, "7", true),
        (r#"{"anything-but": [5, 6]}"#, "\"5\"", true),
        (r#"{"anything-but": 0}"#, "0", false),
        (r#"{"anything-but": {"prefix": "init"}}"#, r#""initializing""#, false),
        (r#"{"anything-but": {"prefix": "init"}}"#, r#""done""#, true),
        (r#"{"anything-but": {"prefix": ["init", "error"]}}"#, r#""error-1""#, false),
        (r#"{"anything-but": {"prefix": ["init", "error"]}}"#, "123", true),
        (r#"{"anything-but": {"suffix": ".txt"}}"#, r#""a.txt""#, false),
        (r#"{"anything-but": {"suffix": [".txt", ".rtf"]}}"#, r#""a.png""#, true),
        (r#"{"anything-but": {"equals-ignore-case": "Init"}}"#, r#""INIT""#, false),
        (r#"{"anything-but": {"equals-ignore-case": ["a", "b"]}}"#, r#""B""#, false),
        (r#"{"anything-but": {"equals-ignore-case": ["a", "b"]}}"#, "null", true),
        (r#"{"anything-but": {"wildcard": "*/lib/*"}}"#, r#""x/lib/y""#, false),
        (r#"{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}"#, r#""x/etc/y""#, true),
        (r#"{"anything-but": {"wildcard": ""}}"#, r#""x""#, true),
        (r#"{"exists": false}, {"prefix": "a"}"#, r#""ab""#, true),
        (r#"{"anything-but": ["roses"]}, {"exists": false}"#, r#"{}"#, true),
    ] {
        assert_eq!(value_matches(alternatives, value), expected, "{alternatives} on {value}");
    }
    assert!(!matches(r#"{"x": [{"anything-but": "a"}]}"#, r#"{"y": "b"}"#));
    assert!(matches(r#"{"x": [{"exists": false}]}"#, r#"{"y": "b"}"#));
    assert!(!matches(r#"{"x": [{"exists": true}]}"#, r#"{"y": "b"}"#));
}

#[test]
fn fields_are_conjoined_and_names_are_flat() {
    let event = r#"{"source": "aws.ec2", "detail": {"state": "running", "a.b": {"c": 1}}}"#;
    assert!(matches(r#"{"source": ["aws.ec2"], "detail": {"state": ["running", "stopped"]}}"#, event));
    assert!(!matches(r#"{"source": ["aws.s3"], "detail": {"state": ["running"]}}"#, event));
    assert!(!matches(r#"{"Source": ["aws.ec2"]}"#, event));
    for pattern in [
        r#"{"detail.state": ["running"]}"#,
        r#"{"detail": {"a": {"b": {"c": [1]}}}}"#,
        r#"{"detail": {"a.b.c": [1]}}"#,
        r#"{"detail.a": {"b.c": [1]}}"#,
    ] {
        assert!(matches(pattern, event), "{pattern}");
    }
    assert!(matches(r#"{"a": {"b": [1]}}"#, r#"{"a.b": 2, "a": {"b": 1}}"#));
    assert!(matches(r#"{"a": {"b": [1], "c": [2]}}"#, r#"{"a.b": 1, "a": {"c": 2}}"#));
    assert!(matches(r#"{"a": {"b": [1], "c": [2]}}"#, r#"{"a.b": 1, "a": [{"c": 1}, {"c": 2}]}"#));
    for event in [r#"{"a.b": [true], "a": {"b": [["xy"]]}}"#, r#"{"a": {"b": [["xy", null]]}, "a.b": [[1]]}"#] {
        assert!(matches(r#"{"a.b": ["xy"]}"#, event), "{event}");
        assert!(matches(r#"{"a": {"b": [{"suffix": "y"}]}}"#, event), "{event}");
        assert!(!matches(r#"{"a.b": ["x"]}"#, event), "{event}");
    }
    for event in [
        r#"{"a.b": [], "a": {"b": [{"c": 1, "d": 2}]}}"#,
        r#"{"a.b": [{"c": 1}, {"c": 3}], "a": {"b": [{"d": 3}, [{"d": 2}]]}}"#,
        r#"{"a.b": [{"c": 3, "d": 2}, {"c": 1}], "a": [{"b": [{"c": 3}, {"d": 2}]}]}"#,
    ] {
        assert!(matches(r#"{"a": {"b": {"c": [1], "d": [2]}}}"#, event), "{event}");
        assert!(!matches(r#"{"a": {"b": {"c": [3], "d": [1]}}}"#, event), "{event}");
    }
    assert!(matches(r#"{"a.": [1]}"#, r#"{"a": {"": 1}}"#));
    // The last of two values for one field counts.
    assert!(!matches(r#"{"a": ["x"], "a": ["y"]}"#, r#"{"a": "x"}"#));
}

#[test]
fn or_is_an_operator_when_it_can_be_one() {
    let pattern = r#"{"source": ["aws.cloudwatch"], "$or": [
        {"metricName": ["CPUUtilization", "ReadLatency"]},
        {"metricType": ["MetricType"], "namespace": ["AWS/EC2", "AWS/ES"]},
        {"scope": ["Service"]}]}"#;
    for (event, expected) in [
        (json!({"source": "aws.cloudwatch", "metricName": "ReadLatency"}), true),
        (json!({"source": "aws.cloudwatch", "metricType": "MetricType", "namespace": "AWS/ES"}), true),
        (json!({"source": "aws.cloudwatch", "metricType": "MetricType"}), false),
        (json!({"source": "aws.ec2", "scope": "Service"}), false),
        (json!({"source": "aws.cloudwatch"}), false),
    ] {
        assert_eq!(matches(pattern, &event.to_string()), expected, "{event}");
    }
    let nested = r#"{"detail": {"$or": [{"c-count": [{"numeric": [">", 0, "<=", 5]}]}, {"d-count": [{"numeric": ["<", 10]}]},
        {"$or": [{"x": {"y": [1]}}, {"x": {"z": [2]}}]}]}}"#;
    assert!(matches(nested, r#"{"detail": {"x": {"z": 2}}}"#));
    assert!(matches(nested, r#"{"detail": {"c-count": 3}}"#));
    assert!(!matches(nested, r#"{"detail": {"c-count": 6, "d-count": 10}}"#));
    // Alternatives override what stands before, and are overridden by what follows.
    assert!(matches(r#"{"a": [1], "$or": [{"a": [2]}, {"b": [3]}]}"#, r#"{"a": 2}"#));
    assert!(!matches(r#"{"$or": [{"a": [2]}, {"b": [3]}], "a": [1]}"#, r#"{"a": 2}"#));
    // An ordinary field of that name.
    for (pattern, event) in [
        (r#"{"$or": ["x"]}"#, r#"{"$or": "x"}"#),
        (r#"{"$or": [{"prefix": "a"}, {"suffix": "b"}]}"#, r#"{"$or": "cb"}"#),
        (r#"{"$or": {"a": [1]}}"#, r#"{"$or": {"a": 1}}"#),
    ] {
        assert!(matches(pattern, event), "{pattern}");
    }
}

#[test]
fn fields_of_array_elements_match_in_one_element() {
    let event = r#"{"employees": [
        {"firstName": "Anna", "ids": ["a", "b"], "tasks": [{"n": 1, "d": "x"}, {"n": 2, "d": "y"}]},
        {"firstName": "Bob", "ids": ["c"], "tasks": [{"n": 3, "d": "x"}]}]}"#;
    for (pattern, expected) in [
        (r#"{"employees": {"firstName": ["Anna"], "ids": ["b"]}}"#, true),
        (r#"{"employees": {"firstName": ["Anna"], "ids": ["c"]}}"#, false),
        (r#"{"employees": {"firstName": ["Anna", "Bob"], "ids": ["c"]}}"#, true),
        (r#"{"employees": {"firstName": ["Anna"], "tasks": {"n": [2], "d": ["y"]}}}"#, true),
        (r#"{"employees": {"firstName": ["Anna"], "tasks": {"n": [2], "d": ["x"]}}}"#, false),
        (r#"{"employees": {"firstName": ["Bob"], "tasks": {"n": [1]}}}"#, false),
        // Absence is of the whole event.
        (r#"{"employees": {"firstName": ["Bob"], "missing": [{"exists": false}]}}"#, true),
        (r#"{"employees": {"firstName": ["Bob"], "tasks": {"n": [{"exists": false}]}}}"#, false),
    ] {
        assert_eq!(matches(pattern, event), expected, "{pattern}");
    }
    assert!(matches(r#"{"a": ["x"], "b": [1]}"#, r#"{"a": ["y", ["x"]], "b": [2, 1]}"#));
    assert!(matches(r#"{"a": ["x"], "a.b": [1]}"#, r#"{"a": ["x", {"b": 1}]}"#));
    assert!(!matches(r#"{"a": ["x"], "a.b": [1]}"#, r#"{"a": [["x"], {"b": 1}]}"#));
    assert!(matches(r#"{"a": ["x"], "a.b": [1]}"#, r#"{"a": [["x", {"b": 1}]]}"#));
}

#[test]
fn only_objects_are_events() {
    let pattern = EventPattern::parse(r#"{"a": [{"exists": false}]}"#).unwrap();
    for event in [json!([]), json!("x"), json!(null), json!([{"b": 1}])] {
        assert!(!pattern.matches(&event), "{event}");
    }
}

/// Deep and wide events, and values made to ruin backtracking.
#[test]
fn matching_stays_linear() {
    let pattern =
        EventPattern::parse(r#"{"a": {"b": ["x"], "c": ["y"], "d": ["z"]}, "w": [{"wildcard": "*a*a*a*b"}]}"#).unwrap();
    let elements: Vec<Value> = (0..30_000).map(|at| json!({"b": "x", "c": "y", "e": at})).collect();
    assert!(!pattern.matches(&json!({"a": elements, "w": "a".repeat(200_000)})));
    let nested = (0..100).fold(json!({"b": "x"}), |inner, _| json!([inner, inner.is_null()]));
    assert!(!pattern.matches(&json!({"a": nested, "w": "b"})));
}

#[test]
fn one_name_written_in_many_ways_around_arrays_costs_bounded_time() {
    let elements = vec![json!({"x": 0}); 1_000];
    let event = json!({
        "a.b.c": elements,
        "a.b": {"c": elements},
        "a": {"b.c": elements, "b": {"c": elements}},
    });
    let pattern = EventPattern::parse(r#"{"a": {"b": {"c": {"x": [1], "y": [1]}}}}"#).unwrap();
    assert!(!pattern.matches(&event));
}

// The definition: flatten the event to values with their places in arrays, then try every choice of one value for each
// field and ask whether the places agree.

type Membership = Vec<(usize, usize)>;

fn flatten(
    node: &Value,
    path: &str,
    membership: &Membership,
    arrays: &mut usize,
    out: &mut Vec<(String, Value, Membership)>,
) {
    match node {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(value, &path, membership, arrays, out);
            }
        }
        Value::Array(elements) => {
            let array = *arrays;
            *arrays += 1;
            for (index, element) in elements.iter().enumerate() {
                let mut membership = membership.clone();
                if element.is_object() || element.is_array() {
                    membership.push((array, index));
                }
                flatten(element, path, &membership, arrays, out);
            }
        }
        value => out.push((path.to_owned(), value.clone(), membership.clone())),
    }
}

fn scalar(value: &Value) -> Scalar<'_> {
    crate::document::Node::scalar(value).unwrap()
}

fn choose(fields: &[(&String, &Arc<[Operator]>)], values: &[(String, Value, Membership)], so_far: &Membership) -> bool {
    let Some(((name, operators), rest)) = fields.split_first() else { return true };
    let absent = !values.iter().any(|(path, ..)| path == *name);
    if absent && operators.contains(&Operator::Absent) {
        return choose(rest, values, so_far);
    }
    values.iter().any(|(path, value, membership)| {
        path == *name
            && operators.iter().any(|operator| operator.accepts(&scalar(value)))
            && membership.iter().all(|(array, index)| so_far.iter().all(|(other, at)| array != other || index == at))
            && choose(rest, values, &[so_far.as_slice(), membership.as_slice()].concat())
    })
}

fn by_definition(pattern: &EventPattern, event: &Value) -> bool {
    let mut values = Vec::new();
    flatten(event, "", &Vec::new(), &mut 0, &mut values);
    pattern.branches().iter().any(|branch| choose(&branch.iter().collect::<Vec<_>>(), &values, &Vec::new()))
}

fn any_event() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!("x")),
        Just(json!("xy")),
        Just(json!("Y")),
        Just(json!(1)),
        Just(json!(2.5)),
        Just(json!(true)),
    ];
    let node = leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[abc](\\.[abc])?", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    proptest::collection::hash_map("[abc](\\.[abc])?", node, 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn any_pattern() -> impl Strategy<Value = Value> {
    let alternative = prop_oneof![
        Just(json!("x")),
        Just(json!(1)),
        Just(json!(null)),
        Just(json!({"prefix": "x"})),
        Just(json!({"suffix": "y"})),
        Just(json!({"equals-ignore-case": "y"})),
        Just(json!({"wildcard": "*y*"})),
        Just(json!({"numeric": [">", 1]})),
        Just(json!({"exists": true})),
        Just(json!({"exists": false})),
        Just(json!({"anything-but": "x"})),
        Just(json!({"anything-but": {"prefix": "x"}})),
        Just(json!({"anything-but": [1, 2]})),
    ];
    let leaf = proptest::collection::vec(alternative, 1..3).prop_map(Value::from);
    let object = |inner: BoxedStrategy<Value>| {
        proptest::collection::hash_map("[abc](\\.[abc])?", inner, 1..4)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    };
    let node = leaf.prop_recursive(3, 12, 3, move |inner| object(inner.boxed()));
    let fields = object(node.boxed()).boxed();
    prop_oneof![
        3 => fields.clone(),
        1 => (fields.clone(), proptest::collection::vec(fields, 2..4)).prop_map(|(mut fields, alternatives)| {
            if let Value::Object(fields) = &mut fields {
                fields.insert("$or".to_owned(), Value::from(alternatives));
            }
            fields
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_matcher_agrees_with_the_definition(pattern in any_pattern(), event in any_event()) {
        let pattern = EventPattern::parse(&pattern.to_string()).unwrap();
        let expected = by_definition(&pattern, &event);
        prop_assert_eq!(pattern.matches(&event), expected);
        prop_assert_eq!(pattern.matches_document(&Document::from(&event)), expected);
    }
}

proptest! {
    #[test]
    fn parsing_is_total(pattern in any::<String>()) {
        let _ = EventPattern::parse(&pattern);
    }

    #[test]
    fn near_patterns_do_no_harm(
        pattern in "\\{(\"a\"|\"[$]or\"|\"prefix\"|\"numeric\"|\"anything-but\"|:|,|\\[|\\]|\\{|\\}|1|\">\"|null| |\n|é|\\\\){0,16}\\}",
    ) {
        let _ = EventPattern::parse(&pattern);
    }

    #[test]
    fn letters_compare_without_case_in_every_script(text in "\\PC{0,8}") {
        prop_assert_eq!(operators::fold(&text), operators::fold(&text.to_uppercase()));
        prop_assert_eq!(operators::fold(&operators::fold(&text)), operators::fold(&text));
    }
}
