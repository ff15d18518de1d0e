//! The examples of the CloudWatch Logs user guide ("Filter pattern syntax" of 2023 and "Supported regular expressions",
//! "… to match terms in JSON log events", "… in space-delimited log events" of today), on events of our own.

use super::tests::{extracted, matches, pairs};

/// One pattern on messages, each with whether it matches.
fn on(pattern: &str, messages: &[(&str, bool)]) {
    for (message, expected) in messages {
        assert_eq!(matches(pattern, message), *expected, "{pattern} on {message}");
    }
}

#[test]
fn terms() {
    on("ERROR", &[("[ERROR] disk full", true), ("stopped with ERRORCODE: -1", true), ("error", false)]);
    on("ERROR Exception", &[("[ERROR] Caught IOException", true), ("[ERROR] disk full", false)]);
    on(
        "Failed to process the request",
        &[("[WARN] Failed to process the request", true), ("the request to Failed", false)],
    );
    on("\"INTERNAL SERVER ERROR\"", &[("500 INTERNAL SERVER ERROR", true), ("ERROR INTERNAL SERVER", false)]);
    on("\"ERROR\" - \"Exiting\"", &[("Exiting with ERRORCODE: -1", false), ("ERROR 7", true)]);
    on("ERROR WARN", &[("ERROR WARN message", true), ("ERROR message", false), ("WARN message", false)]);
    on(
        "?ERROR ?WARN",
        &[("ERROR WARN message", true), ("ERROR message", true), ("WARN message", true), ("INFO", false)],
    );
    on("ERROR -WARN", &[("ERROR WARN message", false), ("ERROR message", true)]);
    for everything in ["\" \"", "\"\"", ""] {
        on(everything, &[("anything", true), ("", true)]);
    }
}

#[test]
fn regular_expressions() {
    on(
        "%AUTHORIZED%",
        &[("[ERROR 401] UNAUTHORIZED", true), ("[SUCCESS 200] AUTHORIZED", true), ("authorized", false)],
    );
    on("%[Ee]rror|[Ff]ail%", &[("an error", true), ("Failed", true), ("ERROR", false)]);
    on("%\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}%", &[("from 10.20.30.40 on", true), ("v1.2.3", false)]);
    on("%^[hc]at%", &[("hat trick", true), ("cat", true), ("a cat", false)]);
    on("%[hc]at$%", &[("a hat", true), ("hats", false)]);
    on("%colou?r%", &[("color", true), ("colour", true), ("colouur", false)]);
    on("%^[abc]$%", &[("b", true), ("d", false)]);
    on("%^[a-z]$%", &[("q", true), ("Q", false)]);
    on("%^[abcx-z]$%", &[("y", true), ("d", false)]);
    on("%^[^abc]$%", &[("d", true), ("a", false)]);
    on("%^a{3,5}$%", &[("aa", false), ("aaa", true), ("aaaaa", true), ("aaaaaa", false)]);
    on("%gray|grey%", &[("gray", true), ("grey", true), ("graey", false)]);
    on("%10\\.10\\.0\\.1%", &[("at 10.10.0.1", true), ("at 10x10x0x1", false)]);
    on("%\\[INFO\\]%", &[("[INFO] up", true), ("INFO", false)]);
    on("%ab*c%", &[("ac", true), ("abbbc", true), ("adc", false)]);
    on("%^ab[0-9]*$%", &[("ab", true), ("ab12", true), ("abx", false)]);
    on("%ab+c%", &[("ac", false), ("abbc", true)]);
    on("%^.at$%", &[("hat", true), ("4at", true), ("at", false)]);
    on("%^\\d$%", &[("7", true), ("x", false)]);
    on("%^\\D$%", &[("x", true), ("7", false)]);
    on("%^\\s$%", &[("\t", true), ("x", false)]);
    on("%^\\S$%", &[("x", true), (" ", false)]);
    on("%^\\w$%", &[("_", true), ("-", false)]);
    on("%^\\W$%", &[("-", true), ("_", false)]);
    on("%\\x3B%", &[("a;b", true), ("a:b", false)]);
    on("%key=.*@.*/;#,-_:%", &[("key=me@host/;#,-_:", true), ("key=me", false)]);
}

const RECORD: &str = r#"{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"], "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": null, "cluster.name": "c", "ThisFlag": true, "errorCode": 400, "latency": 1500, "bandwidth": 80,
    "refundAmount": 60.0, "numbers": [0.005, 7], "processes": [0, 0, 0, 0, {"averageRuntime": 55.5}],
    "eventName": "UpdateTrail", "recipientAccountId": "123456789012", "users": [1, 2, 3]}"#;

#[test]
fn json_conditions() {
    for (pattern, expected) in [
        ("{ $.eventType = \"UpdateTrail\" }", true),
        ("{ $.sourceIPAddress != 123.123.* }", true),
        ("{ $.arrayKey[0] = \"value\" }", true),
        ("{ $.objectList[1].id = 2 }", true),
        ("{ $.SomeObject IS NULL }", true),
        ("{ $.SomeOtherObject NOT EXISTS }", true),
        ("{ $.ThisFlag IS TRUE }", true),
        ("{ $.ThisFlag IS FALSE }", false),
        ("{ $.bandwidth > 75 }", true),
        ("{ $.latency < 50 }", false),
        ("{ $.refundAmount >= 60 }", true),
        ("{ $.bandwidth <= 75 }", false),
        ("{ $.errorCode = 400 }", true),
        ("{ $.errorCode != 500 }", true),
        ("{ $.numbers[0] < 10e3 }", true),
        ("{ $.numbers[0] < 10e-3 }", true),
        ("{ $.numbers[0] = 1e-3 }", false),
        ("{ $.numbers[0] != 1e+3 }", true),
        ("{ $.processes[4].averageRuntime <= 55.5 }", true),
        ("{ $.latency >= 500 }", true),
        ("{ $.latency > +1000 }", true),
        ("{ $.latency = * }", true),
        ("{ $.eventType = %Trail% }", true),
        ("{ $.arrayKey[0] = %^v.*lue$% }", true),
        ("{ $.sourceIPAddress = %^111\\.111\\.% }", true),
        ("{ $.['cluster.name'] = \"c\" }", true),
        ("{ $.users = 1 }", false),
        ("{ $.users != 1 }", false),
        ("{ ($.eventName = \"UpdateTrail\") && ($.recipientAccountId = 123456789012) }", true),
        ("{ $.eventName = \"*Trail\" }", true),
        ("{ $.eventName = \"Up*Trail\" }", true),
    ] {
        assert_eq!(matches(pattern, RECORD), expected, "{pattern}");
    }
    for (pattern, bar, baz) in
        [("{$.foo = bar}", true, false), ("{$.foo = baz }", false, true), ("{$.foo = bar || $.foo = baz }", true, true)]
    {
        on(pattern, &[(r#"{"foo": "bar"}"#, bar), (r#"{"foo": "baz"}"#, baz)]);
    }
}

#[test]
fn space_delimited() {
    let (ok, broken) = (
        "10.0.0.7 - ana [01/Feb/2026:13:25:15 +0000] \"GET /index.html HTTP/2\" 200 900",
        "10.0.0.7 - ana [01/Feb/2026:13:26:00 +0000] \"GET /shop/index.html HTTP/2\" 404 1534",
    );
    for (pattern, of_ok, of_broken) in [
        ("[ip, user, username, timestamp, request, status_code, bytes]", true, true),
        ("[..., status_code, bytes]", true, true),
        ("[ip, user, ..., status_code, bytes]", true, true),
        ("[ip, user, ...]", true, true),
        ("[ip, user, username, timestamp, request, status_code, bytes > 1000]", false, true),
        ("[ip, user, username, timestamp, request, status_code = 200, bytes]", true, false),
        ("[ip, user, username, timestamp, request, status_code = 4*, bytes]", false, true),
        ("[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]", false, true),
        ("[ip, user, username, timestamp, request, status_code = 4* && bytes > 1000]", false, true),
        ("[ip, user, username, timestamp, request, status_code = 4* && status_code != 403, bytes]", false, true),
        (
            "[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]",
            false,
            true,
        ),
        (
            "[ip=%10\\.0\\.0\\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
            false,
            true,
        ),
    ] {
        on(pattern, &[(ok, of_ok), (broken, of_broken)]);
    }
    on("[w1=ERROR, w2]", &[("ERROR WARN message", false), ("ERROR message", true), ("WARN message", false)]);
    on("[w1=ERROR || w1=WARN, w2]", &[("ERROR WARN message", false), ("ERROR message", true), ("WARN message", true)]);
    on("[w1=%ERR|WARN%, w2]", &[("ERROR message", true), ("WARN message", true), ("INFO message", false)]);
    assert_eq!(
        extracted("[..., request=*.html*, status_code=4*,]", broken),
        pairs(&[
            ("$1", "10.0.0.7"),
            ("$2", "-"),
            ("$3", "ana"),
            ("$4", "01/Feb/2026:13:26:00 +0000"),
            ("$request", "GET /shop/index.html HTTP/2"),
            ("$status_code", "404"),
            ("$7", "1534"),
        ])
    );
}
