//! The examples of the EventBridge user guide ("Comparison operators", "Event patterns", "Arrays", "Null values and empty
//! strings") and of event-ruler's README, on events of our own: what each must match, and what it must not.

use super::tests::matches;

/// One event that a pattern must match, and one that it must not.
fn tells_apart(pattern: &str, matching: &str, other: &str) {
    assert!(matches(pattern, matching), "{pattern} on {matching}");
    assert!(!matches(pattern, other), "{pattern} on {other}");
}

#[test]
fn the_table_of_operators() {
    for (pattern, matching, other) in [
        (
            r#"{"Location": ["New York"], "Day": ["Monday"]}"#,
            r#"{"Location": "New York", "Day": "Monday"}"#,
            r#"{"Location": "New York", "Day": "Friday"}"#,
        ),
        (r#"{"state": [{"anything-but": "initializing"}]}"#, r#"{"state": "running"}"#, r#"{"state": "initializing"}"#),
        (
            r#"{"Region": [{"anything-but": {"prefix": "us-"}}]}"#,
            r#"{"Region": "eu-west-2"}"#,
            r#"{"Region": "us-east-1"}"#,
        ),
        (
            r#"{"FileName": [{"anything-but": {"suffix": ".png"}}]}"#,
            r#"{"FileName": "a.txt"}"#,
            r#"{"FileName": "a.png"}"#,
        ),
        (
            r#"{"state": [{"anything-but": {"equals-ignore-case": "initializing"}}]}"#,
            r#"{"state": "done"}"#,
            r#"{"state": "INITIALIZING"}"#,
        ),
        (
            r#"{"FilePath": [{"anything-but": {"wildcard": "*/lib/*"}}]}"#,
            r#"{"FilePath": "/usr/bin/x"}"#,
            r#"{"FilePath": "/usr/lib/x"}"#,
        ),
        (r#"{"Region": [{"prefix": "us-"}]}"#, r#"{"Region": "us-east-1"}"#, r#"{"Region": "eu-west-2"}"#),
        (
            r#"{"service": [{"prefix": {"equals-ignore-case": "eventb"}}]}"#,
            r#"{"service": "EventBridge"}"#,
            r#"{"service": "myeventb"}"#,
        ),
        (r#"{"LastName": [""]}"#, r#"{"LastName": ""}"#, r#"{"LastName": null}"#),
        (r#"{"Name": ["Alice"]}"#, r#"{"Name": "Alice"}"#, r#"{"Name": "alice"}"#),
        (r#"{"Name": [{"equals-ignore-case": "alice"}]}"#, r#"{"Name": "ALICE"}"#, r#"{"Name": "alicex"}"#),
        (r#"{"FileName": [{"suffix": ".png"}]}"#, r#"{"FileName": "a.png"}"#, r#"{"FileName": "a.PNG"}"#),
        (
            r#"{"service": [{"suffix": {"equals-ignore-case": "tBridge"}}]}"#,
            r#"{"service": "EVENTBRIDGE"}"#,
            r#"{"service": "bridge"}"#,
        ),
        (r#"{"ProductName": [{"exists": true}]}"#, r#"{"ProductName": "x"}"#, r#"{"Other": "x"}"#),
        (r#"{"ProductName": [{"exists": false}]}"#, r#"{"Other": "x"}"#, r#"{"ProductName": "x"}"#),
        (r#"{"Weather": [{"anything-but": ["Raining"]}]}"#, r#"{"Weather": "Sunny"}"#, r#"{"Weather": "Raining"}"#),
        (r#"{"UserID": [null]}"#, r#"{"UserID": null}"#, r#"{"UserID": ""}"#),
        (r#"{"Price": [{"numeric": ["=", 100]}]}"#, r#"{"Price": 1e2}"#, r#"{"Price": "100"}"#),
        (r#"{"Price": [{"numeric": [">", 10, "<=", 20]}]}"#, r#"{"Price": 20}"#, r#"{"Price": 10}"#),
        (r#"{"PaymentType": ["Credit", "Debit"]}"#, r#"{"PaymentType": "Debit"}"#, r#"{"PaymentType": "Cash"}"#),
        (
            r#"{"$or": [{"Location": ["New York"]}, {"Day": ["Monday"]}]}"#,
            r#"{"Day": "Monday"}"#,
            r#"{"Day": "Friday"}"#,
        ),
        (
            r#"{"FileName": [{"wildcard": "dir/*.png"}]}"#,
            r#"{"FileName": "dir/a/b.png"}"#,
            r#"{"FileName": "dir/a.txt"}"#,
        ),
    ] {
        tells_apart(pattern, matching, other);
    }
}

#[test]
fn lists_under_anything_but() {
    for (pattern, matching, other) in [
        (r#"{"x": [{"anything-but": ["stopped", "overloaded"]}]}"#, r#"{"x": "running"}"#, r#"{"x": "stopped"}"#),
        (r#"{"x": [{"anything-but": [100, 200, 300]}]}"#, r#"{"x": 301.8}"#, r#"{"x": 2.0e2}"#),
        (
            r#"{"x": [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}]}"#,
            r#"{"x": "up"}"#,
            r#"{"x": "Stopped"}"#,
        ),
        (r#"{"x": [{"anything-but": {"prefix": ["init", "error"]}}]}"#, r#"{"x": "up"}"#, r#"{"x": "error-1"}"#),
        (r#"{"x": [{"anything-but": {"suffix": [".txt", ".rtf"]}}]}"#, r#"{"x": "a.doc"}"#, r#"{"x": "a.rtf"}"#),
        (
            r#"{"x": [{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}]}"#,
            r#"{"x": "/etc/x"}"#,
            r#"{"x": "/a/bin/x"}"#,
        ),
        (r#"{"x": [{"anything-but": 123}]}"#, r#"{"x": 124}"#, r#"{"x": 123.0}"#),
    ] {
        tells_apart(pattern, matching, other);
    }
}

const INSTANCE: &str = r#"{"version": "0", "detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2",
    "account": "111122223333", "time": "2026-02-03T18:43:48Z", "region": "us-west-1",
    "resources": ["arn:aws:ec2:us-west-1:111122223333:instance/i-1"],
    "detail": {"c-count": 5, "d-count": 3, "x-limit": 301.8, "source-ip": "10.0.0.33", "instance-id": "i-1", "state": "running"}}"#;

#[test]
fn whole_patterns_on_one_event() {
    for (pattern, expected) in [
        (
            r#"{"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"], "detail": {"state": ["running"]}}"#,
            true,
        ),
        (r#"{"source": ["aws.ec2"], "detail": {"state": ["terminated"]}}"#, false),
        (
            r#"{"resources": ["arn:aws:ec2:us-west-1:111122223333:instance/i-1"], "detail": {"state": ["initializing", "running"]}}"#,
            true,
        ),
        (r#"{"time": [{"prefix": "2026-02-03"}]}"#, true),
        (r#"{"source": [{"suffix": "ec2"}]}"#, true),
        (r#"{"source": [{"equals-ignore-case": "AWS.EC2"}]}"#, true),
        (r#"{"source": [{"wildcard": "aws*2"}]}"#, true),
        (r#"{"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}]}}"#, true),
        (r#"{"detail": {"source-ip": [{"cidr": "10.0.1.0/24"}]}}"#, false),
        (r#"{"detail": {"c-count": [{"exists": true}], "e-count": [{"exists": false}]}}"#, true),
        // An intermediate name is no leaf.
        (r#"{"detail": [{"exists": true}]}"#, false),
        (r#"{"detail": [{"exists": false}]}"#, true),
        (
            r#"{"time": [{"prefix": "2026-02-03"}], "detail": {"state": [{"anything-but": "initializing"}],
            "c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}],
            "x-limit": [{"anything-but": [100, 200, 300]}], "source-ip": [{"cidr": "10.0.0.0/8"}]}}"#,
            true,
        ),
        (r#"{"detail": {"x-limit": [{"numeric": ["=", 3.018e2]}]}}"#, true),
        (
            r#"{"detail": {"$or": [{"c-count": [{"numeric": [">", 5]}]}, {"d-count": [{"numeric": ["<", 10]}]}, {"x-limit": [{"numeric": ["=", 3.018e2]}]}]}}"#,
            true,
        ),
        (r#"{"source": ["aws.ec2"], "$or": [{"detail": {"c-count": [6]}}, {"detail": {"d-count": [4]}}]}"#, false),
        (r#"{"account": [{"anything-but": ["111122223333"]}]}"#, false),
    ] {
        assert_eq!(matches(pattern, INSTANCE), expected, "{pattern}");
    }
}

#[test]
fn or_in_all_its_places() {
    let metric = r#"{"source": "aws.cloudwatch", "metricType": "MetricType", "namespace": "AWS/EC2", "spaceId": 1000,
        "detail": {"detail-type": "CloudWatch Alarm State Change"}}"#;
    for (pattern, expected) in [
        (
            r#"{"source": ["aws.cloudwatch"], "$or": [{"metricName": ["CPUUtilization"]}, {"namespace": ["AWS/EC2"]}]}"#,
            true,
        ),
        (
            r#"{"$or": [{"metricName": ["x"]}, {"namespace": ["AWS/EC2"]}], "detail": {"$or": [{"source": ["x"]}, {"detail-type": ["CloudWatch Alarm State Change"]}]}}"#,
            true,
        ),
        (
            r#"{"$or": [{"metricName": ["x"]}, {"namespace": ["AWS/EC2"]}], "detail": {"$or": [{"source": ["x"]}, {"detail-type": ["y"]}]}}"#,
            false,
        ),
        (
            r#"{"$or": [{"metricName": ["x"]}, {"metricType": ["MetricType"], "namespace": ["AWS/EC2"], "$or": [{"metricId": [1234]}, {"spaceId": [1000]}]}, {"scope": ["Service"]}]}"#,
            true,
        ),
        (
            r#"{"$or": [{"metricName": ["x"]}, {"metricType": ["MetricType"], "namespace": ["AWS/EC2"], "$or": [{"metricId": [1234]}, {"spaceId": [1]}]}, {"scope": ["Service"]}]}"#,
            false,
        ),
        // An object under the name is a field of that name.
        (
            r#"{"source": ["aws.cloudwatch"], "$or": {"metricType": ["MetricType"], "namespace": ["AWS/EC2", "AWS/ES"]}}"#,
            false,
        ),
    ] {
        assert_eq!(matches(pattern, metric), expected, "{pattern}");
    }
    assert!(matches(r#"{"$or": {"metricType": ["MetricType"]}}"#, r#"{"$or": {"metricType": "MetricType"}}"#));
}

#[test]
fn arrays_and_dots() {
    let staff = r#"{"employees": [{"firstName": "Ana", "lastName": "Ruiz"}, {"firstName": "Bo", "lastName": "Lind"}]}"#;
    let teams =
        r#"{"employees": [[{"firstName": "Ana", "lastName": "Ruiz"}], [{"firstName": "Bo", "lastName": "Lind"}]]}"#;
    for event in [staff, teams] {
        assert!(matches(r#"{"employees": {"firstName": ["Ana"]}}"#, event));
        assert!(matches(r#"{"employees": {"firstName": ["Ana"], "lastName": ["Ruiz"]}}"#, event));
        assert!(!matches(r#"{"employees": {"firstName": ["Ana"], "lastName": ["Lind"]}}"#, event));
    }
    // An array in the event matches where it and the pattern's list have a member in common.
    tells_apart(r#"{"resources": ["a", "b"]}"#, r#"{"resources": ["c", "b"]}"#, r#"{"resources": ["c", "d"]}"#);
    for pattern in [r#"{"detail": {"state": {"status": ["running"]}}}"#, r#"{"detail": {"state.status": ["running"]}}"#]
    {
        assert!(matches(pattern, r#"{"detail": {"state": {"status": "running"}}}"#), "{pattern}");
        assert!(matches(pattern, r#"{"detail": {"state.status": "running"}}"#), "{pattern}");
    }
    tells_apart(r#"{"a": [null]}"#, r#"{"a": [null, 1]}"#, r#"{"a": []}"#);
}
