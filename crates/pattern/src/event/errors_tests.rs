//! Messages recorded from AWS, and those its matcher's source gives.

use super::*;

fn reason(pattern: &str) -> String {
    match EventPattern::parse(pattern) {
        Ok(_) => panic!("{pattern} was accepted"),
        Err(error) => error.reason,
    }
}

/// A pattern, AWS's message, and the column it names.
const RECORDED: [(&str, &str, usize); 17] = [
    (r#"{"int": 42}"#, r#""int" must be an object or an array"#, 11),
    (r#"{"string": "my-value"}"#, r#""string" must be an object or an array"#, 13),
    (r#"{"detail": {"equal": [{"NUMERIC": ["=", 5]}]}}"#, "Unrecognized match type NUMERIC", 36),
    (r#"{"my_key": [{"EXISTS": true}]}"#, "Unrecognized match type EXISTS", 28),
    (r#"{"resources": []}"#, "Empty arrays are not allowed", 17),
    (r#"{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}"#, "Bad numeric range operator: >", 49),
    (r#"{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}"#, "Value of < must be numeric", 50),
    (
        r#"{"detail-type": [{"equals-ignore-case": ["ec2 instance state-change notification"]}]}"#,
        "equals-ignore-case match pattern must be a string",
        42,
    ),
    (
        r#"{"detail": {"state": [{"anything-but": {"equals-ignore-case": 123}}]}}"#,
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        66,
    ),
    (r#"{"EventBusArn": [{"wildcard": 123}]}"#, "wildcard match pattern must be a string", 34),
    (
        r#"{"EventBusArn": [{"wildcard": "arn:aws:events:us-east-1:**:event-bus/*"}]}"#,
        "Consecutive wildcard characters at pos 26",
        72,
    ),
    (r#"{"time": [{"prefix": ["2022-07-13"]}]}"#, "prefix match pattern must be a string", 23),
    (r#"{"FileName": [{"suffix": 123}]}"#, "suffix match pattern must be a string", 29),
    (
        r#"{"detail": {"state": [{"anything-but": {"prefix": 123}}]}}"#,
        "prefix/suffix match pattern must be a string",
        54,
    ),
    (
        r#"{"detail": {"FileName": [{"anything-but": {"suffix": {"equals-ignore-case": ".png"}}}]}}"#,
        "Value of anything-but must be an array or single string/number value.",
        55,
    ),
    (r#"{"detail": {"sourceIPAddress": [{"cidr": ["bad-type"]}]}}"#, "prefix match pattern must be a string", 43),
    (r#"["not", "a", "dict", "but valid json"]"#, "Filter is not an object", 2),
];

#[test]
fn structural_errors_name_their_place() {
    for (pattern, message, column) in RECORDED {
        let expected = format!("{message}\n at [Source: (String)\"{pattern}\"; line: 1, column: {column}]");
        assert_eq!(reason(pattern), expected);
    }
}

#[test]
fn errors_inside_the_lists_of_anything_but_name_it_twice() {
    for (pattern, message, column) in [
        (
            r#"{"detail": {"state": [{"anything-but": {"equals-ignore-case": [123, 456]}}]}}"#,
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
            67,
        ),
        (
            r#"{"detail": {"state": [{"anything-but": {"wildcard": [123, "*/dir/*"]}}]}}"#,
            "wildcard match pattern must be a string",
            57,
        ),
        (
            r#"{"detail": {"FileName": [{"anything-but": {"suffix": [123, ".txt"]}}]}}"#,
            "prefix/suffix match pattern must be a string",
            58,
        ),
        (
            r#"{"detail": {"state": [{"anything-but": {"prefix": [123, "test"]}}]}}"#,
            "prefix/suffix match pattern must be a string",
            55,
        ),
    ] {
        let place = format!("\n at [Source: (String)\"{pattern}\"; line: 1, column: {column}]");
        assert_eq!(reason(pattern), format!("{message}{place}{place}"));
    }
    let mixed = reason(r#"{"a": [{"anything-but": ["x", null]}]}"#);
    assert!(mixed.starts_with("Inside anything but list, start|null|boolean is not supported.\n at "), "{mixed}");
    assert_eq!(mixed.matches("\n at ").count(), 2);
}

#[test]
fn some_errors_name_no_place() {
    for (pattern, message) in [
        (r#"{"ip": [{"cidr": "10.0.0.0"}]}"#, "Malformed CIDR, one '/' required"),
        (r#"{"ip": [{"cidr": "10.0.0.0/"}]}"#, "Malformed CIDR, one '/' required"),
        (r#"{"ip": [{"cidr": "10.0.0.0/xx"}]}"#, "Malformed CIDR, mask bits must be an integer"),
        (r#"{"ip": [{"cidr": "10.0.0.0/-1"}]}"#, "Malformed CIDR, mask bits must not be negative"),
        (r#"{"ip": [{"cidr": "xx.11.xx/8"}]}"#, "Nonstandard IP address: xx.11.xx"),
        (r#"{"ip": [{"cidr": "xxxx:db8:1234:1a00::/64"}]}"#, "Nonstandard IP address: xxxx:db8:1234:1a00::"),
        (r#"{"ip": [{"cidr": "10.0.0.0/32"}]}"#, "IPv4 mask bits must be < 32"),
        (r#"{"ip": [{"cidr": "::1/128"}]}"#, "IPv6 mask bits must be < 128"),
        (
            r#"{"EventBusArn": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}"#,
            "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character",
        ),
        (r#"{"a": [{"anything-but": 12345678901234567890123}]}"#, "Cannot compare number : 12345678901234567890123"),
    ] {
        assert_eq!(reason(pattern), message, "{pattern}");
    }
    let whole = EventPattern::parse(r#"{"ip": [{"cidr": "10.0.0.0"}]}"#).unwrap_err().to_string();
    assert_eq!(whole, "Event pattern is not valid. Reason: Malformed CIDR, one '/' required");
}

#[test]
fn json_errors_are_in_the_words_of_awss_reader() {
    let expected = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    for (pattern, message, column) in [
        ("this is valid json but not a dict", format!("Unrecognized token 'this': {expected}"), 5),
        (
            "{'bad': 'quotation'}",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name".to_owned(),
            2,
        ),
        ("{\"not\": closed mark\"", format!("Unrecognized token 'closed': {expected}"), 15),
        (
            r#"{"a" ["b"]}"#,
            "Unexpected character ('[' (code 91)): was expecting a colon to separate field name and value".to_owned(),
            6,
        ),
        (
            r#"{"a": ["b" "c"]}"#,
            "Unexpected character ('\"' (code 34)): was expecting comma to separate Array entries".to_owned(),
            12,
        ),
        (r#"{"a": [01]}"#, "Invalid numeric value: Leading zeroes not allowed".to_owned(), 8),
    ] {
        let place = format!("\n at [Source: (String)\"{pattern}\"; line: 1, column: {column}]");
        assert_eq!(reason(pattern), format!("{message}{place}"));
    }
    assert_eq!(
        reason("{"),
        "Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)\"{\"; line: 1, column: 1])\n at [Source: (String)\"{\"; line: 1, column: 2]"
    );
}

#[test]
fn errors_of_the_matchers_source() {
    for (pattern, message) in [
        ("{}", "Empty objects are not allowed"),
        (r#"{"a": {}}"#, "Empty objects are not allowed"),
        (r#"{"a": [[1]]}"#, "Match value must be String, number, true, false, or null"),
        (r#"{"a": [{}]}"#, "Match expression name not found"),
        (r#"{"a": [{"prefix": "x", "suffix": "y"}]}"#, "Only one key allowed in match expression"),
        (r#"{"a": [{"exists": "x"}]}"#, "exists match pattern must be either true or false."),
        (r#"{"a": [{"numeric": 5}]}"#, "Value of numeric must be an array."),
        (r#"{"a": [{"numeric": []}]}"#, "Invalid member in numeric match: ]"),
        (r#"{"a": [{"numeric": ["="]}]}"#, "Value of equals must be numeric"),
        (r#"{"a": [{"numeric": ["=", "5"]}]}"#, "Value of equals must be numeric"),
        (r#"{"a": [{"numeric": ["=", 5, 6]}]}"#, "Too many elements in numeric expression"),
        (r#"{"a": [{"numeric": ["<", 5, ">", 3]}]}"#, "Too many elements in numeric expression"),
        (r#"{"a": [{"numeric": [">", 5, "<", 3]}]}"#, "Bottom must be less than top"),
        (r#"{"a": [{"numeric": [">=", 5, "<=", 5]}]}"#, "Bottom must be less than top"),
        (r#"{"a": [{"numeric": [">", 5, 6]}]}"#, "Bad value in numeric range: 6"),
        (r#"{"a": [{"numeric": [">", 1, "<", 3, "<", 4]}]}"#, "Too many terms in numeric range expression"),
        (r#"{"a": [{"numeric": ["!=", 5]}]}"#, "Unrecognized numeric range operator: !="),
        (r#"{"a": [{"numeric": [">", 1e999]}]}"#, "Cannot compare number : 1e999"),
        (r#"{"a": [{"prefix": {"wildcard": "x"}}]}"#, "Unsupported prefix pattern: wildcard"),
        (r#"{"a": [{"suffix": {"equals-ignore-case": 5}}]}"#, "equals-ignore-case match pattern must be a string"),
        (r#"{"a": [{"anything-but": true}]}"#, "Value of anything-but must be an array or single string/number value."),
        (r#"{"a": [{"anything-but": {"exists": true}}]}"#, "Unsupported anything-but pattern: exists"),
        (r#"{"a": [{"anything-but": {}}]}"#, "Anything-But expression name not found"),
        (r#"{"a": [{"anything-but": {"prefix": ""}}]}"#, "Null prefix/suffix not allowed"),
        (
            r#"{"a": [{"anything-but": ["x", 5]}]}"#,
            "Inside anything but list, either all values are number or string, mixed type is not supported",
        ),
        (r#"{"a": [{"wildcard": "a\\b"}]}"#, "Invalid escape character at pos 2"),
        (r#"{"$or": [{"a": [1]}]}"#, "There must have at least 2 Objects in $or relationship."),
        (
            r#"{"$or": [{"a": {"prefix": ["x"]}}, {"b": [1]}]}"#,
            "prefix is Ruler reserved fieldName which cannot be used inside $or.",
        ),
    ] {
        let reason = reason(pattern);
        assert!(reason.starts_with(&format!("{message}\n at [Source: (String)\"")), "{pattern}: {reason}");
    }
}

#[test]
fn long_patterns_are_quoted_in_part_and_lines_are_counted() {
    let pattern = format!("{{\n  \"a\": [\"{}\"],\n  \"b\": 5}}", "x".repeat(600));
    let quoted: String = pattern.chars().take(500).collect();
    assert_eq!(
        reason(&pattern),
        format!(
            "\"b\" must be an object or an array\n at [Source: (String)\"{quoted}\"[truncated 124 chars]; line: 3, column: 9]"
        )
    );
}

#[test]
fn size_nesting_and_multiplication_are_bounded() {
    assert_eq!(reason(&" ".repeat(MAX_LENGTH + 1)), "Event pattern must have at most 4096 characters");
    let deep = format!("{}{}{}", "{\"a\":".repeat(150), "[1]", "}".repeat(150));
    assert!(reason(&deep).starts_with("Document nesting depth (101) exceeds the maximum allowed (100)\n at "));
    assert!(reason(&"[".repeat(3000)).starts_with("Filter is not an object"));
    // Twice two alternatives are four; ten times are 1,024.
    let or = |times: usize| format!("{{{}\"z\":[1]}}", r#""$or":[{"a":[1]},{"b":[1]}],"#.repeat(times));
    assert_eq!(EventPattern::parse(&or(9)).unwrap().branches().len(), 512);
    assert_eq!(reason(&or(10)), "Rule is too complex - $or makes more than 1000 combinations");
    assert!(reason(&or(100)).starts_with("Rule is too complex"));
}
