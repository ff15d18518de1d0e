//! What is refused, and in which words.

use keeptrail_policy::{Policy, PolicyFault, PolicyKind};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{changed, document, refusal};

/// A statement that is right but for what a test adds or takes away (`null`).
fn statement(changes: &Value) -> Value {
    changed(json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}), changes)
}

fn managed(changes: &Value) -> String {
    refusal(PolicyKind::Managed, &document(&statement(changes)))
}

const SYNTAX: &str = "Syntax errors in policy.";
const LEGACY: &str = "The policy failed legacy parsing";
const VERSION: &str = "Policy document must be version 2012-10-17 or greater.";

#[test]
fn what_is_no_policy_at_all_has_syntax_errors() {
    for text in ["", "no json", "[]", "null", "{", r#"{"Version": "2012-10-17"} x"#] {
        let error = Policy::parse(text, PolicyKind::Managed).unwrap_err();
        assert_eq!((error.message(), error.fault()), (SYNTAX, PolicyFault::Syntax), "{text}");
    }
    let good = statement(&json!({}));
    for document in [
        json!({"Version": "2012-10-17"}),
        json!({"Version": "2012-10-17", "Statement": []}),
        json!({"Version": "2012-10-17", "Statement": "all"}),
        json!({"Version": "2012-10-17", "Statement": [[good]]}),
        json!({"Version": "2026-01-01", "Statement": good}),
        json!({"Version": 2012, "Statement": good}),
        json!({"Version": "2012-10-17", "Id": ["x"], "Statement": good}),
        json!({"Version": "2012-10-17", "Statement": good, "Statements": good}),
    ] {
        assert_eq!(refusal(PolicyKind::Managed, &document), SYNTAX, "{document}");
    }
}

#[test]
fn elements_that_do_not_exist_are_refused() {
    for changes in [
        json!({"effect": "Allow"}),
        json!({"Conditions": {}}),
        json!({"Actions": "s3:*"}),
        json!({"Principals": "*"}),
        json!({"": ""}),
    ] {
        assert_eq!(managed(&changes), SYNTAX, "{changes}");
    }
}

#[test]
fn elements_of_the_wrong_type_are_refused() {
    for changes in [
        json!({"Effect": null}),
        json!({"Effect": "Permit"}),
        json!({"Effect": true}),
        json!({"Sid": []}),
        json!({"Action": {}}),
        json!({"Action": [["s3:GetObject"]]}),
        json!({"Action": 1}),
        json!({"Action": null, "NotAction": [null]}),
        json!({"Resource": {"a": "*"}}),
        json!({"Resource": ["*", {}]}),
        json!({"NotAction": "s3:PutObject"}),
        json!({"NotResource": []}),
        json!({"Condition": []}),
        json!({"Condition": "x"}),
    ] {
        assert_eq!(managed(&changes), SYNTAX, "{changes}");
    }
}

#[test]
fn repeated_elements_are_refused() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    assert_eq!(Policy::parse(text, PolicyKind::Identity).unwrap_err().message(), SYNTAX);
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition":
        {"StringEquals": {"aws:username": "ada", "aws:username": "bob"}}}}"#;
    assert_eq!(Policy::parse(text, PolicyKind::Identity).unwrap_err().message(), SYNTAX);
}

#[test]
fn operators_that_do_not_exist_are_refused() {
    for operator in [
        "StringMatches",
        "stringequals",
        "StringEqualsIfExist",
        "IfExistsStringEquals",
        "ForAnyValue::StringEquals",
        "ForSomeValues:StringEquals",
        "ForAllValues:ForAnyValue:StringEquals",
        "NullIfExists",
        "ForAllValues:Null",
        "BinaryNotEquals",
        "",
    ] {
        assert_eq!(managed(&json!({"Condition": {operator: {"aws:username": "ada"}}})), SYNTAX, "{operator}");
        assert_eq!(managed(&json!({"Condition": {operator: {}}})), SYNTAX, "{operator}");
    }
    for values in [json!({}), json!(null), json!([["ada"]]), json!([{}])] {
        assert_eq!(managed(&json!({"Condition": {"StringEquals": {"aws:username": values}}})), SYNTAX);
    }
    assert_eq!(managed(&json!({"Condition": {"StringEquals": {"": "x"}}})), SYNTAX);
}

#[test]
fn values_that_an_operator_does_not_take_fail_legacy_parsing() {
    for (operator, value) in [
        ("DateGreaterThan", "tomorrow"),
        ("DateLessThanEquals", "234-13"),
        ("DateLessThan", "9223372036854775808"),
        ("DateLessThan", "${aws:CurrentTime}"),
        ("NumericEquals", "ten"),
        ("NumericLessThan", "${s3:max-keys}"),
        ("Bool", "yes"),
        ("Null", "maybe"),
        ("BinaryEquals", "not base64!"),
        ("IpAddress", "10.0.0.0/99"),
        ("NotIpAddress", "example.com"),
        ("ArnLike", "my-topic"),
        ("StringEquals", "${aws:username"),
        ("StringLike", "${username}"),
    ] {
        assert_eq!(managed(&json!({"Condition": {operator: {"aws:key": value}}})), LEGACY, "{operator} {value}");
        let several = json!({"Condition": {operator: {"aws:key": [value]}}});
        assert_eq!(managed(&several), LEGACY, "{operator} {value}");
    }
    assert_eq!(managed(&json!({"Effect": "allow"})), LEGACY);
    assert_eq!(managed(&json!({"Effect": "DENY"})), LEGACY);
}

#[test]
fn scalars_may_be_written_without_quotes() {
    let changes =
        json!({"Condition": {"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"s3:max-keys": [10, 0.5]}}});
    Policy::parse(&document(&statement(&changes)).to_string(), PolicyKind::Managed).unwrap();
}

#[test]
fn a_managed_policy_must_say_its_version_and_an_inline_one_need_not() {
    for document in [
        json!({"Statement": statement(&json!({}))}),
        json!({"Version": "2008-10-17", "Statement": statement(&json!({}))}),
    ] {
        assert_eq!(refusal(PolicyKind::Managed, &document), VERSION);
        let policy = Policy::parse(&document.to_string(), PolicyKind::Identity).unwrap();
        assert_eq!(policy.version(), "2008-10-17");
    }
}

#[test]
fn actions_have_a_vendor_and_one_colon() {
    let prefaced = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
    let none = "Policy statement must contain actions.";
    for (changes, message) in [
        (json!({"Action": null}), none),
        (json!({"Action": []}), none),
        (json!({"Action": "GetObject"}), prefaced),
        (json!({"Action": ["s3:GetObject", ""]}), prefaced),
        (json!({"Action": null, "NotAction": "Get*"}), prefaced),
        (json!({"Action": "s3:Get:Object"}), "Actions/Condition can contain only one colon."),
        (json!({"Action": "s 3:GetObject"}), "Vendor s 3 is not valid"),
        (json!({"Action": "s3*:GetObject"}), "Vendor s3* is not valid"),
        (json!({"Action": ":GetObject"}), "Vendor  is not valid"),
    ] {
        assert_eq!(managed(&changes), message, "{changes}");
    }
}

#[test]
fn resources_are_arns() {
    let none = "Policy statement must contain resources.";
    let vendor = "Resource vendor must be fully qualified and cannot contain regexes.";
    let paths = "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, \
                 instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, \
                 access-report/.";
    for (resource, message) in [
        (json!(null), none),
        (json!([]), none),
        (json!("bucket"), "Resource bucket must be in ARN format or \"*\"."),
        (json!(""), "Resource  must be in ARN format or \"*\"."),
        (json!(["*", "bucket"]), "Resource bucket must be in ARN format or \"*\"."),
        (json!("arn:aws"), vendor),
        (json!("arn:aws:s*:::bucket"), vendor),
        (json!("arn:amazon:s3:::bucket"), "Partition \"amazon\" is not valid for resource \"arn:amazon:s3:::bucket\"."),
        (json!("arn:amazon"), "Partition \"amazon\" is not valid for resource \"arn:amazon:*:*:*:*\"."),
        (json!("arn:amazon:s3"), "Partition \"amazon\" is not valid for resource \"arn:amazon:s3:*:*:*\"."),
        (json!("arn:a:b:c:d:e:f:g"), "Partition \"a\" is not valid for resource \"arn:a:b:c:d:e:f:g\"."),
        (json!("arn:aws:iam::111122223333:bucket"), paths),
        (
            json!("arn:aws:iam:us-east-1:111122223333:role/app"),
            "IAM resource arn:aws:iam:us-east-1:111122223333:role/app cannot contain region information.",
        ),
        (
            json!("arn:aws:s3:us-east-1::bucket"),
            "Resource arn:aws:s3:us-east-1::bucket can not contain region information.",
        ),
        (json!("arn:aws:s3::bucket"), LEGACY),
        (json!("arn:aws::::bucket"), LEGACY),
    ] {
        assert_eq!(managed(&json!({"Resource": resource})), message, "{resource}");
        if !resource.is_null() {
            assert_eq!(managed(&json!({"Resource": null, "NotResource": resource})), message, "{resource}");
        }
    }
    for resource in [
        "arn:aws:iam::111122223333:role/app",
        "arn:aws:iam::*:*",
        "arn:aws-us-gov:s3:::bucket",
        "arn:*:s3:::bucket",
        "arn:aws:s3:us-east-1:111122223333:accesspoint/point",
        "arn:aws:sqs",
    ] {
        let changed = document(&statement(&json!({"Resource": resource})));
        Policy::parse(&changed.to_string(), PolicyKind::Managed).unwrap();
    }
}

#[test]
fn of_several_faults_the_one_aws_names_is_named() {
    let cases = [
        (json!({"Action": null, "Resource": null}), "Policy statement must contain actions."),
        (
            json!({"Action": "x", "Resource": null}),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (json!({"Action": "x", "Resource": "y"}), "Resource y must be in ARN format or \"*\"."),
        (json!({"Action": null, "Resource": "arn:aws:s3::bucket"}), LEGACY),
        (json!({"Effect": "allow", "Resource": "y"}), LEGACY),
        (json!({"Resource": "y", "Condition": {"DateEquals": {"aws:CurrentTime": "x"}}}), LEGACY),
    ];
    for (changes, message) in cases {
        assert_eq!(managed(&changes), message, "{changes}");
    }
    let no_version = json!({"Statement": statement(&json!({"Effect": "allow"}))});
    assert_eq!(refusal(PolicyKind::Managed, &no_version), VERSION);
}

#[test]
fn statement_ids_are_alphanumeric_and_unique() {
    let twice = document(&json!([statement(&json!({"Sid": "A"})), statement(&json!({"Sid": "A", "Action": null}))]));
    assert_eq!(refusal(PolicyKind::Managed, &twice), "Statement IDs (SID) in a single policy must be unique.");
    assert_eq!(
        managed(&json!({"Sid": "Allow read"})),
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    );
    let empty = document(&json!([statement(&json!({"Sid": ""})), statement(&json!({"Sid": ""}))]));
    Policy::parse(&empty.to_string(), PolicyKind::Managed).unwrap();
}

#[test]
fn size_and_depth_are_bounded() {
    let long = document(&statement(&json!({"Resource": format!("arn:aws:s3:::{}", "a".repeat(140_000))})));
    assert_eq!(refusal(PolicyKind::Resource, &long), "Invalid policy syntax.");
    let many = document(&json!(vec![json!({"Effect": "Deny", "Action": "*", "Resource": "*"}); 1_025]));
    assert_eq!(refusal(PolicyKind::Managed, &many), SYNTAX);
    let deep = "[".repeat(60_000);
    assert_eq!(Policy::parse(&deep, PolicyKind::Managed).unwrap_err().message(), SYNTAX);
}

#[test]
fn the_detail_says_where_and_what() {
    let policy = document(&json!([statement(&json!({})), statement(&json!({"Sid": "Second", "Action": "GetObject"}))]));
    let error = Policy::parse(&policy.to_string(), PolicyKind::Managed).unwrap_err();
    assert_eq!(error.detail(), r#"statement 1 "Second" has the action "GetObject""#);
    let error = Policy::parse(
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Effect": 1}}"#,
        PolicyKind::Managed,
    );
    insta::assert_snapshot!(error.unwrap_err().detail(), @r#""Effect" appears twice at line 1 column 67"#);
}

#[test]
fn the_source_is_kept_as_given() {
    let text = " {\"Statement\" : {\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}, \"Version\":\"2012-10-17\", \"Id\": \"x\"}\n";
    let policy = Policy::parse(text, PolicyKind::Identity).unwrap();
    assert_eq!((policy.source(), policy.id(), policy.statement_count()), (text, Some("x"), 1));
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "Version",
        "2012-10-17",
        "Statement",
        "Effect",
        "Allow",
        "Deny",
        "Action",
        "*",
        "s3:*",
        "Resource",
        "arn:aws:s3:::b",
        "Principal",
        "AWS",
        "111122223333",
        "Condition",
        "StringLike",
        "aws:username",
        "${aws:username}",
        "${",
        "",
        "Sid",
    ]);
    let leaf = prop_oneof![
        words.clone().prop_map(|word| json!(word)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        Just(Value::Null),
    ];
    leaf.prop_recursive(6, 48, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((words.clone(), inner), 0..5).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        for kind in [PolicyKind::Managed, PolicyKind::Resource, PolicyKind::Trust] {
            let _ = Policy::parse(&text, kind);
        }
    }

    #[test]
    fn any_json_is_read_or_refused(json in any_json()) {
        for kind in [PolicyKind::Managed, PolicyKind::Resource, PolicyKind::Trust] {
            let _ = Policy::parse(&json.to_string(), kind);
            let _ = Policy::parse(&document(&json).to_string(), kind);
        }
    }
}
