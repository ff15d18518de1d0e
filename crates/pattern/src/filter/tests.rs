//! Every example of the CloudWatch Logs guide, the patterns people run on CloudTrail, and what is refused.

use proptest::prelude::*;
use serde_json::json;

use super::*;

pub(super) fn matches(pattern: &str, message: &str) -> bool {
    match FilterPattern::parse(pattern) {
        Ok(pattern) => pattern.matches(message).is_some(),
        Err(error) => panic!("{pattern}: {error}"),
    }
}

fn refusal(pattern: &str) -> (usize, String) {
    match FilterPattern::parse(pattern) {
        Ok(_) => panic!("{pattern} was accepted"),
        Err(error) => (error.position, error.reason),
    }
}

pub(super) fn extracted(pattern: &str, message: &str) -> Vec<(String, String)> {
    FilterPattern::parse(pattern).unwrap().matches(message).unwrap().extracted_values()
}

pub(super) fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn terms_of_the_guide() {
    let (bad, unauthorized) = ("[ERROR 400] BAD REQUEST", "[ERROR 401] UNAUTHORIZED REQUEST");
    let (missing, invalid) = ("[ERROR 419] MISSING ARGUMENTS", "[ERROR 420] INVALID ARGUMENTS");
    for (pattern, expected) in [
        ("ERROR", [true, true, true, true]),
        ("error", [false; 4]),
        ("ERROR ARGUMENTS", [false, false, true, true]),
        ("?ERROR ?ARGUMENTS", [true, true, true, true]),
        ("?BAD ?MISSING", [true, false, true, false]),
        ("ERROR -ARGUMENTS", [true, true, false, false]),
        ("-ARGUMENTS", [true, true, false, false]),
        ("\"ERROR 4\" -\"419\"", [true, true, false, true]),
        ("\"ERROR\" - \"ARGUMENTS\"", [true, true, false, false]),
        ("\"INVALID ARGUMENTS\"", [false, false, false, true]),
        ("\"ARGUMENTS INVALID\"", [false; 4]),
        ("%AUTHORIZED%", [false, true, false, false]),
        ("%ERROR\\s4[02]%", [true, true, false, true]),
        ("", [true; 4]),
        ("\"\"", [true; 4]),
        ("\" \"", [true; 4]),
        // Beside other terms the question marks are ignored.
        ("?BAD ARGUMENTS", [false, false, true, true]),
        ("?BAD -MISSING", [true, true, false, true]),
    ] {
        let found = [bad, unauthorized, missing, invalid].map(|message| matches(pattern, message));
        assert_eq!(found, expected, "{pattern}");
    }
}

#[test]
fn terms_may_hold_quoted_marks_and_other_scripts() {
    assert!(matches(r#""said \"no\"""#, r#"she said "no" again"#));
    assert!(matches(r#""C:\temp""#, r"in C:\temp\x"));
    assert!(matches("fehlgeschlagen größe", "größe: fehlgeschlagen"));
}

pub(super) const TRAIL: &str = r#"{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": null, "ThisFlag": true, "OtherFlag": false,
    "latency": 50, "bandwidth": 75.5, "errorCode": 400, "numbers": [1e-3, -1000, 12345678901234567890],
    "recipientAccountId": "123456789012", "a.b": {"c d": "dotted"}, "quote": "say \"x\" *"}"#;

#[test]
fn json_conditions_of_the_guide() {
    for (pattern, expected) in [
        (r#"{ $.eventType = "UpdateTrail" }"#, true),
        (r#"{$.eventType="UpdateTrail"}"#, true),
        ("{ $.eventType = UpdateTrail }", true),
        (r#"{ $.eventType = "updatetrail" }"#, false),
        (r#"{ $.eventType = "Update*" }"#, true),
        (r#"{ $.eventType = "*Trail" }"#, true),
        (r#"{ $.eventType = "*date*" }"#, true),
        (r#"{ $.eventType = "Up*Tr*l" }"#, true),
        (r#"{ $.eventType = "*" && $.sourceIPAddress != 123.123.* }"#, true),
        ("{ $.sourceIPAddress != 123.123.* }", true),
        ("{ $.sourceIPAddress != 111.111.* }", false),
        (r#"{ $.arrayKey[0] = "value" }"#, true),
        (r#"{ $.arrayKey[1] = "value" }"#, false),
        (r#"{ $.arrayKey[2] = "value" }"#, false),
        ("{ $.objectList[1].id = 2 }", true),
        ("{ $.objectList[1].name = b }", true),
        ("{ $.SomeObject IS NULL }", true),
        ("{ $.eventType IS NULL }", false),
        ("{ $.SomeOtherObject IS NULL }", false),
        ("{ $.SomeOtherObject NOT EXISTS }", true),
        ("{ $.SomeOtherObject.deeper[3].still NOT EXISTS }", true),
        ("{ $.SomeObject NOT EXISTS }", false),
        ("{ $.arrayKey NOT EXISTS }", false),
        ("{ $.ThisFlag IS TRUE }", true),
        ("{ $.ThisFlag IS FALSE }", false),
        ("{ $.OtherFlag IS FALSE }", true),
        ("{ $.eventType IS TRUE }", false),
        ("{ $.eventType = %[Uu]pdate% }", true),
        ("{ $.eventType = %^Trail% }", false),
        ("{ $.eventType != %^Trail% }", true),
        ("{ $.errorCode = %^4\\d\\d$% }", true),
        ("{ $.errorCode = 4* }", true),
        ("{ $.errorCode = 400 }", true),
        ("{ $.errorCode = 4e2 }", true),
        ("{ $.errorCode = \"400\" }", true),
        ("{ $.errorCode != 500 }", true),
        ("{ $.errorCode != 400.0 }", false),
        ("{ $.latency < 50 }", false),
        ("{ $.latency <= 50 }", true),
        ("{ $.latency >= 50 }", true),
        ("{ $.latency > +49.99 }", true),
        ("{ $.bandwidth > 75 }", true),
        ("{ $.numbers[0] = 1e-3 }", true),
        ("{ $.numbers[0] != 1e+3 }", true),
        ("{ $.numbers[1] < -999.9 }", true),
        ("{ $.numbers[2] = 12345678901234567891 }", false),
        ("{ $.numbers[2] > 12345678901234567889 }", true),
        ("{ $.latency = * }", true),
        ("{ $.missing = * }", false),
        ("{ $.recipientAccountId = 123456789012 }", true),
        ("{ $.recipientAccountId != 123456789012 }", false),
        ("{ $.recipientAccountId > 1 }", false),
        ("{ $.eventType > 1 }", false),
        // Arrays, objects, null and absent fields compare with nothing.
        ("{ $.arrayKey = 1 }", false),
        ("{ $.arrayKey != 1 }", false),
        ("{ $.objectList[0] != 1 }", false),
        ("{ $.SomeObject != 1 }", false),
        ("{ $.missing != 1 }", false),
        ("{ $.eventType.deeper != 1 }", false),
        // Keys that are no plain names.
        (r#"{ $.['a.b'].['c d'] = "dotted" }"#, true),
        (r#"{ $['a.b']["c d"] = "dotted" }"#, true),
        ("{ $.a.b NOT EXISTS }", true),
        (r#"{ $.quote = "say \"x\" \*" }"#, true),
        (r#"{ $.quote = "say \"y\" \*" }"#, false),
        ("{ $.ThisFlag = true }", true),
    ] {
        assert_eq!(matches(pattern, TRAIL), expected, "{pattern}");
    }
}

#[test]
fn json_compound_expressions_of_the_guide() {
    let event = r#"{"user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
        "actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]]}"#;
    for (pattern, expected) in [
        (r#"{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }"#, true),
        (r#"{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }"#, false),
        (
            r#"{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }"#,
            true,
        ),
        (
            r#"{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }"#,
            false,
        ),
        ("{ $.coordinates[2][0] = 7 }", true),
        ("{ ((($.user.id = 1))) }", true),
    ] {
        assert_eq!(matches(pattern, event), expected, "{pattern}");
    }
}

#[test]
fn text_that_is_not_json_matches_no_json_pattern() {
    for message in ["", "ERROR", "{", "{\"a\": 1} trailing"] {
        assert!(!matches("{ $.a NOT EXISTS }", message), "{message}");
    }
    assert!(matches("{ $.a NOT EXISTS }", "[1]"));
    assert!(matches("{ $[0] = 1 }", "[1]"));
}

/// The patterns of the CIS benchmark for AWS, each with a record that must fire it.
#[test]
fn benchmark_patterns_on_cloudtrail_records() {
    for (pattern, record) in [
        (
            r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#,
            json!({"errorCode": "Client.UnauthorizedOperation"}),
        ),
        (
            r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#,
            json!({"eventName": "ConsoleLogin", "additionalEventData": {"MFAUsed": "No"}}),
        ),
        (
            r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#,
            json!({"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall"}),
        ),
        (
            "{($.eventName=DeleteGroupPolicy)||($.eventName=DeleteRolePolicy)||($.eventName=DeleteUserPolicy)}",
            json!({"eventName": "DeleteRolePolicy"}),
        ),
        (
            "{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }",
            json!({"eventSource": "kms.amazonaws.com", "eventName": "ScheduleKeyDeletion"}),
        ),
        (
            r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#,
            json!({"eventName": "ConsoleLogin", "errorMessage": "Failed authentication"}),
        ),
    ] {
        let pattern = FilterPattern::parse(pattern).unwrap();
        assert!(pattern.matches_json(&record).is_some(), "{}", pattern.source());
        assert!(pattern.matches(&record.to_string()).is_some(), "{}", pattern.source());
    }
}

/// What the product is for: reads of deployment secrets by anybody but the deployment itself.
#[test]
fn reads_by_strangers_match_and_those_of_the_instance_role_do_not() {
    let pattern = FilterPattern::parse(
        r#"{ ($.eventName = "GetSecretValue") && ($.requestParameters.secretId = "ethos/*") && ($.userIdentity.arn != "*EthosInstanceRole*") }"#,
    )
    .unwrap();
    let read = |name: &str, secret: &str, arn: &str| json!({"eventName": name, "requestParameters": {"secretId": secret}, "userIdentity": {"arn": arn}});
    let stranger = "arn:aws:iam::123456789012:user/laptop";
    let instance = "arn:aws:sts::123456789012:assumed-role/EthosInstanceRole/i-0abc";
    let secret = "ethos/prod/providers/anthropic/apiKey";
    assert!(pattern.matches_json(&read("GetSecretValue", secret, stranger)).is_some());
    assert!(pattern.matches_json(&read("GetSecretValue", secret, instance)).is_none());
    assert!(pattern.matches_json(&read("GetSecretValue", "other/key", stranger)).is_none());
    assert!(pattern.matches_json(&read("DescribeSecret", secret, stranger)).is_none());

    let deleted = FilterPattern::parse(
        r#"{ $.eventName = "GetSecretValue" && $.errorMessage = "*secret because it was marked for deletion*" }"#,
    )
    .unwrap();
    let record = json!({"eventName": "GetSecretValue", "errorMessage":
        "You can't perform this operation on the secret because it was marked for deletion."});
    assert!(deleted.matches_json(&record).is_some());
    assert!(deleted.matches_json(&json!({"eventName": "GetSecretValue"})).is_none());
}

#[test]
fn malformed_patterns_are_refused_where_they_go_wrong() {
    for (pattern, position, reason) in [
        ("user@example", 4, "a term with `@` in it must stand in quotation marks"),
        ("ERROR \"open", 6, "this quotation mark is not closed"),
        ("ERROR -", 6, "a term must follow `?` or `-`"),
        ("? ERROR", 0, "a term must follow `?` or `-`"),
        ("\"a\"b", 3, "a term with `b` in it must stand in quotation marks"),
        ("%a% %b% %c%", 8, "a filter pattern may hold at most 2 regular expressions"),
        ("%something!%", 10, "`!` is not allowed in a regular expression"),
        ("%open", 0, "this regular expression is not closed by `%`"),
        ("{", 1, "expected a selector such as `$.eventName`, found the end of the pattern"),
        ("{}", 1, "expected a selector such as `$.eventName`, found `}`"),
        ("{ eventName = x }", 2, "expected a selector such as `$.eventName`, found `e`"),
        ("{ $ = x }", 3, "a selector names a property: `$.name`"),
        ("{ $. = x }", 4, "expected a property name, found ` `; write others as `['…']`"),
        ("{ $.a }", 6, "expected a comparison such as `=` or `!=`, found `}`"),
        ("{ $.a = }", 8, "expected a value, found `}`"),
        ("{ $.a == 1 }", 7, "expected a value, found `=`; equal is `=`"),
        ("{ $.a = 'x' }", 8, "expected a value, found `'`; a text stands in double quotation marks"),
        ("{ $.a = x", 0, "this brace is not closed"),
        ("{ $.a = x } y", 12, "nothing may follow the closing bracket"),
        ("{ $.a = x $.b = y }", 10, "expected `&&`, `||` or `}`, found `$`"),
        ("{ ($.a = x }", 11, "expected `)`, found `}`"),
        ("{ $.a = a@b }", 9, "a value with `@` in it must stand in quotation marks"),
        ("{ $.a > \"5\" }", 8, "`<`, `<=`, `>` and `>=` compare with a number"),
        ("{ $.a >= 5* }", 9, "`<`, `<=`, `>` and `>=` compare with a number"),
        ("{ $.a IS NOT NULL }", 6, "`IS NOT` is not supported"),
        ("{ $.a IS 5 }", 9, "`IS` is followed by `NULL`, `TRUE` or `FALSE`"),
        ("{ $.a EXISTS }", 6, "`EXISTS` is not supported: write `= *`"),
        ("{ $.a NOT NULL }", 10, "`NOT` is followed by `EXISTS`"),
        ("{ $.a[*] = 1 }", 6, "`[*]` is not supported: name one element, as in `[0]`"),
        ("{ $.a[x] = 1 }", 6, "expected the number of an element or a quoted key"),
        ("{ $.a[99999999999999999999] = 1 }", 6, "expected the number of an element or a quoted key"),
        ("{ $.é = 1 }", 4, "expected a property name, found `é`; write others as `['…']`"),
        ("[]", 0, "the pattern names no field"),
        ("[a, b", 0, "this bracket is not closed"),
        ("[..., a, ...]", 9, "a pattern may hold one `...`"),
        ("[a = 1 && c = 2, b = 1]", 10, "no field of the pattern is named `c`"),
        ("[a = 1 && b = 2 && c = 2]", 19, "no field of the pattern is named `c`"),
        ("[w1=!ERROR, w2]", 4, "expected a value, found `!`; unequal is `!=`"),
        ("[a b]", 3, "expected a comparison such as `=` or `!=`, found `b`"),
        ("größe ä!", 7, "a term with `!` in it must stand in quotation marks"),
    ] {
        assert_eq!(refusal(pattern), (position, reason.to_owned()), "{pattern}");
    }
    let message = FilterPattern::parse("user@example").unwrap_err().to_string();
    assert_eq!(message, "at character 5: a term with `@` in it must stand in quotation marks");
}

#[test]
fn length_and_nesting_are_bounded() {
    assert!(FilterPattern::parse(&"é".repeat(MAX_LENGTH)).is_ok());
    assert_eq!(refusal(&"é".repeat(MAX_LENGTH + 1)).0, MAX_LENGTH);
    let nested = |depth: usize| format!("{{ {}$.a = 1{} }}", "(".repeat(depth), ")".repeat(depth));
    assert!(FilterPattern::parse(&nested(64)).is_ok());
    assert_eq!(refusal(&nested(65)), (66, "parentheses nest too deeply".to_owned()));
}

/// Wildcards and regular expressions that ruin backtracking matchers.
#[test]
fn pathological_patterns_stay_linear() {
    let pattern = format!("{{ $.a = \"{}b\" }}", "a*".repeat(500));
    assert!(!matches(&pattern, &json!({"a": "a".repeat(200_000)}).to_string()));
    let regex = format!("%{}{}%", "a?".repeat(60), "a".repeat(60));
    assert!(matches(&regex, &"a".repeat(100_000)));
    assert!(!matches("%a*a*a*a*a*a*b%", &"a".repeat(100_000)));
    let quotes = "[x \"y".repeat(50_000);
    assert!(!matches("[a, b]", &quotes));
}

proptest! {
    #[test]
    fn parsing_and_matching_are_total(pattern in any::<String>(), message in any::<String>()) {
        if let Ok(pattern) = FilterPattern::parse(&pattern)
            && let Some(found) = pattern.matches(&message)
        {
            found.extracted_values();
        }
    }

    #[test]
    fn near_patterns_do_no_harm(
        pattern in "[{\\[]( ?(\\$\\.a|\\$|=|!=|>|\"|%|&&|\\|\\||\\(|\\)|,|\\.\\.\\.|w1|IS|NOT|EXISTS|5|\\*|\\\\)){0,8}[}\\]]?",
        message in r#"(\{"a": (1|"w1"|null|\[\])\}|w1 5|\[w1\])"#,
    ) {
        if let Ok(pattern) = FilterPattern::parse(&pattern) {
            let direct = pattern.matches(&message).map(|found| found.extracted_values());
            let shared = Message::new(&message);
            prop_assert_eq!(direct, pattern.matches_message(&shared).map(|found| found.extracted_values()));
        }
    }

    /// Conjunction, disjunction and their precedence are those of boolean algebra.
    #[test]
    fn expressions_follow_boolean_algebra(values in proptest::collection::vec(any::<bool>(), 4)) {
        let event = json!({"a": values[0], "b": values[1], "c": values[2], "d": values[3]}).to_string();
        let (a, b, c, d) = (values[0], values[1], values[2], values[3]);
        prop_assert_eq!(matches("{ $.a IS TRUE || $.b IS TRUE && $.c IS TRUE || $.d IS TRUE }", &event), a || b && c || d);
        prop_assert_eq!(matches("{ ($.a IS TRUE || $.b IS TRUE) && ($.c IS TRUE || $.d IS TRUE) }", &event), (a || b) && (c || d));
    }

    #[test]
    fn numbers_compare_as_numbers(left in -1000i64..1000, right in -1000i64..1000, scale in 0u32..3) {
        let event = format!(r#"{{"n": {left}e{scale}}}"#);
        let left = left * 10i64.pow(scale);
        for (operator, expected) in [
            ("=", left == right), ("!=", left != right), ("<", left < right),
            ("<=", left <= right), (">", left > right), (">=", left >= right),
        ] {
            let pattern = format!("{{ $.n {operator} {right} }}");
            prop_assert_eq!(matches(&pattern, &event), expected, "{} on {}", pattern, event);
        }
    }
}
