//! The examples of the Secrets Manager user guide, with the outcomes that it states.

use keeptrail_policy::PolicySet;
use serde_json::json;

use crate::{
    documented_examples::{Example, NONE, Pairs},
    support::{ask_about, identity, resource, session},
};

#[test]
fn secrets_by_name_version_stage_and_tag() {
    let secret = "arn:aws:secretsmanager:us-west-2:111122223333:secret:servers/web-a1B2c3";
    let read = "secretsmanager:GetSecretValue";
    let wildcard = json!({"Effect": "Allow", "Action": read, "Resource": "arn:aws:secretsmanager:us-west-2:111122223333:secret:servers/*"});
    Example::new(&wildcard)
        .allows(read, secret, NONE)
        .denies(read, "arn:aws:secretsmanager:us-west-2:111122223333:secret:clients/web-a1B2c3", NONE)
        .denies("secretsmanager:DeleteSecret", secret, NONE);
    let stage = json!({"Effect": "Allow", "Action": read, "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}});
    Example::new(&stage)
        .allows(read, secret, &[("secretsmanager:VersionStage", "AWSCURRENT")])
        .denies(read, secret, &[("secretsmanager:VersionStage", "AWSPREVIOUS")])
        .denies(read, secret, NONE);
    let tag = json!({"Effect": "Allow", "Action": read, "Resource": "*", "Condition": {"StringEquals": {"secretsmanager:ResourceTag/Project": "${aws:PrincipalTag/Project}"}}});
    Example::new(&tag)
        .allows(read, secret, &[("secretsmanager:ResourceTag/project", "x"), ("aws:PrincipalTag/Project", "x")])
        .denies(read, secret, &[("secretsmanager:ResourceTag/Project", "x"), ("aws:PrincipalTag/Project", "y")])
        .denies(read, secret, &[("secretsmanager:ResourceTag/Project", "x")]);
    let window = json!([
        {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "secretsmanager:DeleteSecret", "Resource": "*", "Condition": {"NumericLessThan": {"secretsmanager:RecoveryWindowInDays": 14}}},
        {"Effect": "Deny", "Action": "secretsmanager:DeleteSecret", "Resource": "*", "Condition": {"Bool": {"secretsmanager:ForceDeleteWithoutRecovery": "true"}}},
        {"Effect": "Deny", "Action": "secretsmanager:PutResourcePolicy", "Resource": "*", "Condition": {"BoolIfExists": {"secretsmanager:BlockPublicPolicy": "false"}}},
    ]);
    Example::new(&window)
        .allows("secretsmanager:DeleteSecret", secret, &[("secretsmanager:RecoveryWindowInDays", "30")])
        .denies("secretsmanager:DeleteSecret", secret, &[("secretsmanager:RecoveryWindowInDays", "7")])
        .denies("secretsmanager:DeleteSecret", secret, &[("secretsmanager:ForceDeleteWithoutRecovery", "true")])
        .denies("secretsmanager:PutResourcePolicy", secret, NONE)
        .allows("secretsmanager:PutResourcePolicy", secret, &[("secretsmanager:BlockPublicPolicy", "true")]);
}

#[test]
fn a_secret_for_a_network_endpoint_only() {
    let secret = "arn:aws:secretsmanager:us-west-2:111122223333:secret:web-a1B2c3";
    let its = resource(
        &json!({"Sid": "EnableSecretsManagerpermissions", "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:sourceVpce": "vpce-1234a5678b9012c"}}}),
    );
    let mine = [identity(&json!({"Effect": "Allow", "Action": "*", "Resource": "*"}))];
    let set = PolicySet { identity: &mine, resource: Some(&its), ..PolicySet::default() };
    let ask =
        |pairs: Pairs<'_>| ask_about(&session(), "secretsmanager:GetSecretValue", Some(secret), pairs, &set).allowed;
    assert!(ask(&[("aws:SourceVpce", "vpce-1234a5678b9012c")]));
    assert!(!ask(&[("aws:SourceVpce", "vpce-other")]));
    assert!(!ask(NONE));
}
