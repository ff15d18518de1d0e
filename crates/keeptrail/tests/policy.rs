//! `keeptrail policy`: what people and programs are told, and the exit codes.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    path::Path,
    process::{Command, Output},
};

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-a1B2c3";
const ADA: &str = "arn:aws:iam::111122223333:user/ada";

const READERS: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "Office", "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:SecureTransport": "true"}}}]}"#;

fn policy(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keeptrail")).current_dir(dir).arg("policy").args(arguments).output().unwrap()
}

fn explain(dir: &Path, arguments: &[&str]) -> Output {
    let asked = ["explain", "--principal", ADA, "--action", "secretsmanager:GetSecretValue", "--resource", SECRET];
    policy(dir, &[&asked, arguments].concat())
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

#[test]
fn a_denial_says_which_conditions_are_not_met() {
    let dir = folder(&[("readers.json", READERS)]);
    let denied = explain(dir.path(), &["--identity", "readers.json", "--context", "aws:SourceIp=198.51.100.7"]);
    assert_eq!(denied.status.code(), Some(1));
    assert_eq!(
        told(&denied),
        format!(
            "{ADA} asks for secretsmanager:GetSecretValue on {SECRET}\n\
             denied because no identity-based policy allows it; statement 0 \"Office\" of identity-based policy \
             \"readers.json\" would allow, but its condition IpAddress aws:SourceIp [\"203.0.113.0/24\"] is not met\n\
             identity-based policy \"readers.json\"\n  \
             Allow statement 0 \"Office\" does not apply: condition IpAddress aws:SourceIp [\"203.0.113.0/24\"], the request has \
             [\"198.51.100.7\"]; condition Bool aws:SecureTransport [\"true\"], which the request does not have\n\
             AWS says: User: {ADA} is not authorized to perform: secretsmanager:GetSecretValue on resource: {SECRET} because \
             no identity-based policy allows the secretsmanager:GetSecretValue action\n"
        )
    );
}

#[test]
fn an_allowed_call_names_its_statement_for_programs_too() {
    let dir = folder(&[("readers.json", READERS)]);
    let met = ["--context", "aws:SourceIp=203.0.113.9", "--context", "aws:SecureTransport=true"];
    let allowed = explain(dir.path(), &[&["--json", "--identity", "readers.json"], &met[..]].concat());
    assert_eq!(allowed.status.code(), Some(0));
    let answer: serde_json::Value = serde_json::from_slice(&allowed.stdout).unwrap();
    assert_eq!(
        answer,
        serde_json::json!({
            "allowed": true,
            "reason": "allowed by statement 0 \"Office\" of identity-based policy \"readers.json\"",
            "message": null,
            "statements": [{
                "policyType": "identity-based policy", "policy": "readers.json", "statement": 0, "sid": "Office",
                "effect": "Allow", "applies": "yes", "obstacles": [],
            }],
        })
    );
    let denied = explain(dir.path(), &["--json", "--identity", "readers.json"]);
    let answer: serde_json::Value = serde_json::from_slice(&denied.stdout).unwrap();
    assert_eq!(
        answer["statements"][0]["obstacles"][0],
        serde_json::json!({
            "element": "condition", "operator": "IpAddress", "key": "aws:SourceIp", "values": ["203.0.113.0/24"],
            "requestValues": [],
        })
    );
}

#[test]
fn every_place_that_a_policy_can_have_counts() {
    let all = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let other = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
    let grant = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{ADA}"}}, "Action": "*", "Resource": "*"}}}}"#
    );
    let dir = folder(&[("all.json", all), ("other.json", other), ("grant.json", &grant)]);
    for (arguments, code) in [
        (&["--identity", "other.json", "all.json"][..], 0),
        (&["--resource-policy", "grant.json"], 0),
        (&["--identity", "all.json", "--boundary", "other.json"], 1),
        (&["--identity", "all.json", "--session", "other.json"], 1),
        (&["--identity", "all.json", "--scp", "other.json"], 1),
        (&["--identity", "all.json", "--scp", "other.json", "--scp", "all.json"], 0),
        (&["--identity", "all.json", "--resource-account", "444455556666"], 1),
    ] {
        assert_eq!(explain(dir.path(), arguments).status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn a_wrong_question_says_what_is_wrong_and_where() {
    let misspelt = READERS.replace("IpAddress", "IpAdress");
    let dir = folder(&[("misspelt.json", &misspelt), ("broken.json", "{\n  \"Version\": \"2012-10-17\",\n  oops\n}")]);
    for (arguments, complaint) in [
        (
            &["--identity", "misspelt.json"][..],
            "misspelt.json: unknown operator \"IpAdress\" in the Condition of statement 0 (AWS says: Syntax errors in policy.)",
        ),
        (
            &["--identity", "broken.json"],
            "broken.json: key must be a string at line 3 column 3 (AWS says: Syntax errors in policy.)",
        ),
        (&["--identity", "missing.json"], "missing.json: No such file or directory"),
        (&["--context", "aws:SourceIp"], "give KEY=VALUE, as in aws:SourceIp=10.0.0.1"),
        (&["--resource-account", "12"], "invalid value '12'"),
        (&["--role", "arn:aws:iam::111122223333:role/app"], "--role goes with the principal of a role session only"),
    ] {
        let output = explain(dir.path(), arguments);
        let complained = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {complained}");
        assert!(complained.contains(complaint), "{complained}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn who_asks_for_what_must_be_said_in_full() {
    let dir = folder(&[]);
    for (principal, action, complaint) in [
        (ADA, "GetSecretValue", "give SERVICE:ACTION without wildcards"),
        (ADA, "secretsmanager:*", "give SERVICE:ACTION without wildcards"),
        ("ada", "secretsmanager:GetSecretValue", "is no caller: give the ARN of a user"),
        (
            "arn:aws:iam::111122223333:role/app",
            "secretsmanager:GetSecretValue",
            "a role acts through a session, arn:aws:sts::111122223333:assumed-role/app/SESSION",
        ),
    ] {
        let output = policy(dir.path(), &["explain", "--principal", principal, "--action", action]);
        let complained = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(output.status.code(), Some(2), "{complained}");
        assert!(complained.contains(complaint), "{complained}");
    }
}

#[test]
fn documents_are_checked_for_what_they_are_for() {
    let public = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
    let dir = folder(&[("readers.json", READERS), ("public.json", public)]);
    let good = policy(dir.path(), &["check", "readers.json"]);
    assert_eq!(good.status.code(), Some(0));
    assert_eq!(told(&good), "readers.json: valid, version 2012-10-17, 1 statement\n");
    let bad = policy(dir.path(), &["check", "readers.json", "public.json"]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(told(&bad).ends_with(
        "public.json: statement 0 has a principal, which only resource and trust policies have (AWS says: Policy document \
         should not specify a principal.)\n"
    ), "{}", told(&bad));
    let open = policy(dir.path(), &["check", "--kind", "resource", "--json", "public.json"]);
    assert_eq!(open.status.code(), Some(0));
    let answer: serde_json::Value = serde_json::from_slice(&open.stdout).unwrap();
    assert_eq!(answer["public"], true);
    assert_eq!(policy(dir.path(), &["check", "missing.json"]).status.code(), Some(2));
}
