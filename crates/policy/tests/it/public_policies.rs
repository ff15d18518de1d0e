//! Which resource policies `BlockPublicPolicy` refuses.

use keeptrail_policy::is_public;
use serde_json::{Value, json};

use crate::support::{READ, changed, grant, resource};

fn with(condition: &Value) -> bool {
    let statement = changed(grant(&json!("*"), READ), &json!({"Condition": condition}));
    is_public(&resource(&statement).policy)
}

#[test]
fn a_grant_to_everyone_is_public() {
    assert!(is_public(&resource(&grant(&json!("*"), READ)).policy));
    assert!(is_public(&resource(&grant(&json!({"AWS": ["111122223333", "*"]}), READ)).policy));
    assert!(is_public(
        &resource(&json!([grant(&json!({"AWS": "111122223333"}), READ), grant(&json!("*"), READ)])).policy
    ));
}

#[test]
fn a_grant_to_somebody_is_not() {
    for principal in [
        json!({"AWS": "111122223333"}),
        json!({"AWS": "arn:aws:iam::444455556666:role/app"}),
        json!({"Service": "cloudtrail.amazonaws.com"}),
    ] {
        assert!(!is_public(&resource(&grant(&principal, READ)).policy), "{principal}");
    }
    assert!(!is_public(&resource(&json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"})).policy));
}

#[test]
fn fixed_values_of_who_or_whence_narrow_a_grant_to_everyone() {
    for condition in [
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}),
        json!({"StringEquals": {"AWS:sourceaccount": ["111122223333", "444455556666"]}}),
        json!({"StringLike": {"aws:SourceVpce": "vpce-1234"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}),
        json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}),
        json!({"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-abc/r-1/"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}),
    ] {
        assert!(!with(&condition), "{condition}");
    }
}

#[test]
fn what_does_not_pin_anybody_leaves_it_public() {
    for condition in [
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}),
        json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        json!({"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}),
        json!({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}),
        json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-abc/r-1/"}}),
        json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}),
        json!({"Null": {"aws:PrincipalAccount": "false"}}),
        json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/1"]}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:*:topic"}}),
        json!({"ArnLike": {"aws:SourceArn": "*"}}),
        json!({"StringEquals": {"aws:SourceVpc": []}}),
    ] {
        assert!(with(&condition), "{condition}");
    }
}
