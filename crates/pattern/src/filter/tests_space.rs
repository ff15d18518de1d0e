//! Space-delimited patterns, and the values that patterns extract.

use super::tests::{TRAIL, extracted, matches, pairs};
use super::*;

const ACCESS: &str = r#"127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;

#[test]
fn space_delimited_patterns_of_the_guide() {
    for (pattern, expected) in [
        ("[ip, user, username, timestamp, request, status_code, bytes]", true),
        ("[ip, user, username, timestamp, request, status_code]", false),
        ("[ip, user, username, timestamp, request, status_code, bytes, more]", false),
        ("[ip, user, username, timestamp, request, status_code, bytes > 1000]", true),
        ("[ip, user, username, timestamp, request, status_code, bytes > 2000]", false),
        ("[ip, user, username, timestamp, request, status_code = 200, bytes]", false),
        ("[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]", true),
        ("[ip, user, username, timestamp, request, status_code = 4* && status_code != 403, bytes]", true),
        ("[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]", true),
        ("[..., request =*.html*, status_code = 4*, bytes]", true),
        ("[..., request=*.html*, status_code=4*,]", true),
        ("[..., status_code, bytes]", true),
        // The field that the last condition names follows.
        ("[ip, user, username, timestamp, request, status_code = 4* && bytes > 1000]", true),
        ("[ip, user, username, timestamp, request, status_code = 4* && bytes > 2000]", false),
        ("[ip, user, username, timestamp, request, status_code, bytes > 1000 && more = 1]", false),
        ("[ip=%127\\.0\\.0\\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]", true),
        ("[ip, user, ..., status_code, bytes]", true),
        ("[ip, user, ...]", true),
        ("[...]", true),
        ("[ip = 127.0.0.*, ...]", true),
        ("[ip = \"10.*\", ...]", false),
        ("[ip, ..., bytes = %^1\\d+4$%]", true),
        ("[ip, ..., request = \"GET *\" && (status_code = 404 || status_code = 410), status_code, bytes]", true),
        ("[ip, ..., (status_code = 404 || status_code = 410) && status_code > 400, bytes]", true),
    ] {
        assert_eq!(matches(pattern, ACCESS), expected, "{pattern}");
    }
}

#[test]
fn words_in_order() {
    let (both, error, warn) = ("ERROR WARN message", "ERROR message", "WARN message");
    for (pattern, expected) in [
        ("[w1=ERROR, w2]", [false, true, false]),
        ("[w1=ERROR || w1=WARN, w2]", [false, true, true]),
        ("[w1=ERROR || W1=WARN, w2]", [false, true, true]),
        ("[w1!=ERROR && w1!=WARN, w2]", [false, false, false]),
        ("[w1=ERROR, ...]", [true, true, false]),
        ("[w1=ERROR&&w2=WARN, w2, ...]", [true, false, false]),
        ("[w1=%ERR|WARN%, w2]", [false, true, true]),
    ] {
        assert_eq!([both, error, warn].map(|message| matches(pattern, message)), expected, "{pattern}");
    }
}

#[test]
fn fields_of_an_event() {
    for (event, expected) in [
        ("", &[][..]),
        ("  a   b\tc ", &["a", "b", "c"]),
        (r#"[a b] "c d" e"#, &["a b", "c d", "e"]),
        (r#""" []"#, &["", ""]),
        (r#"[a "b c" d"#, &["[a", "b c", "d"]),
        (r#"say "x"#, &["say", "\"x"]),
        ("it's [x]y", &["it's", "x", "y"]),
    ] {
        assert_eq!(space::fields(event), expected, "{event}");
    }
}

#[test]
fn values_are_extracted_in_the_order_of_the_pattern() {
    assert_eq!(
        extracted("[ip, server, username, timestamp, request, status_code, bytes > 1000]", ACCESS),
        pairs(&[
            ("$ip", "127.0.0.1"),
            ("$server", "Prod"),
            ("$username", "frank"),
            ("$timestamp", "10/Oct/2000:13:25:15 -0700"),
            ("$request", "GET /index.html HTTP/1.0"),
            ("$status_code", "404"),
            ("$bytes", "1534"),
        ])
    );
    assert_eq!(
        extracted("[..., request=*.html*, status_code=4*,]", ACCESS),
        pairs(&[
            ("$1", "127.0.0.1"),
            ("$2", "Prod"),
            ("$3", "frank"),
            ("$4", "10/Oct/2000:13:25:15 -0700"),
            ("$request", "GET /index.html HTTP/1.0"),
            ("$status_code", "404"),
            ("$7", "1534"),
        ])
    );
    assert_eq!(
        extracted("{ $.latency > 1 && ($.eventType = * || $.eventType = x) && $.missing NOT EXISTS }", TRAIL),
        pairs(&[("$.latency", "50"), ("$.eventType", "UpdateTrail")])
    );
    assert_eq!(extracted("Trail", TRAIL), []);
}

#[test]
fn metric_values_and_dimensions_are_looked_up_by_name() {
    let pattern = FilterPattern::parse("{ $.latency = * }").unwrap();
    let found = pattern.matches(TRAIL).unwrap();
    assert_eq!(found.value("$.latency").as_deref(), Some("50"));
    assert_eq!(found.number("$.bandwidth"), Some(75.5));
    assert_eq!(found.value("$.ThisFlag").as_deref(), Some("true"));
    assert_eq!(found.value("$.arrayKey[1]").as_deref(), Some("another value"));
    for name in ["$.SomeObject", "$.arrayKey", "$.missing", "$", "latency", "$.latency "] {
        assert_eq!(found.value(name), None, "{name}");
    }
    assert_eq!(found.number("$.eventType"), None);

    let pattern = FilterPattern::parse("[ip, ..., bytes]").unwrap();
    let found = pattern.matches(ACCESS).unwrap();
    assert_eq!(found.number("$bytes"), Some(1534.0));
    assert_eq!(found.value("$3").as_deref(), Some("frank"));
    assert_eq!(found.value("$9"), None);
    assert_eq!(pattern.names(), ["$ip", "$bytes"]);
}

#[test]
fn one_message_serves_many_patterns() {
    let message = Message::new(TRAIL);
    for pattern in ["{ $.latency = 50 }", "UpdateTrail", "[w1, ...]"] {
        let pattern = FilterPattern::parse(pattern).unwrap();
        let shared = pattern.matches_message(&message).map(|found| found.extracted_values());
        assert_eq!(shared, pattern.matches(TRAIL).map(|found| found.extracted_values()));
        assert!(shared.is_some());
    }
}
