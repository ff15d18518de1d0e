//! Policies, callers and contexts over so few names and values that they meet.

use keeptrail_policy::{Context, Principal};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};

const ACCOUNT: &str = "111122223333";
const USER: &str = "arn:aws:iam::111122223333:user/ada";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/one";

const ACTIONS: [&str; 8] = [
    "*",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "s3:?etObject",
    "s3:PutObject",
    "secretsmanager:Get*Value",
    "sts:AssumeRole",
];
const RESOURCES: [&str; 9] = [
    "*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket/ada/x",
    "arn:aws:s3:::*/${aws:username}/*",
    "arn:aws:s3:::bucket/${aws:username, 'ada'}/?",
    "arn:aws:s3:::b*k*t/*x",
    "arn:aws:s3:::${*}/x",
    "arn:aws:s3",
    "arn:aws:s3:::bucket/*${aws:PrincipalTag/team}*",
];
const OPERATORS: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];
const KEYS: [&str; 5] = ["aws:username", "AWS:UserName", "aws:PrincipalTag/team", "aws:TagKeys", "aws:SourceIp"];
const WANTED: [&str; 16] = [
    "ada",
    "Ada",
    "a*",
    "?da",
    "${aws:username}",
    "${aws:PrincipalTag/team, 'red'}",
    "x${aws:PrincipalTag/team}",
    "true",
    "false",
    "10",
    "2026-07-03T00:00:00Z",
    "10.0.0.0/8",
    "arn:aws:s3:::*",
    "QUJD",
    "",
    "${*}",
];
const GIVEN: [&str; 14] = [
    "ada",
    "ADA",
    "*",
    "red",
    "xred",
    "",
    "true",
    "9",
    "10.0",
    "2026-07-03",
    "10.1.2.3",
    "arn:aws:s3:::bucket",
    "QUJD",
    "${aws:username}",
];

/// Some of `from`, at least one.
fn some(bytes: &mut Unstructured<'_>, from: &[&str]) -> Result<Value> {
    let mut list = Vec::new();
    for _ in 0..bytes.int_in_range(1..=2u8)? {
        list.push(Value::from(*bytes.choose(from)?));
    }
    Ok(Value::from(list))
}

fn conditions(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let mut operators = Map::new();
    for _ in 0..bytes.int_in_range(0..=2u8)? {
        let qualifier = bytes.choose(&["", "", "ForAllValues:", "ForAnyValue:"])?;
        let suffix = bytes.choose(&["", "", "IfExists"])?;
        let name = format!("{qualifier}{}{suffix}", bytes.choose(&OPERATORS)?);
        let key = *bytes.choose(&KEYS)?;
        operators.insert(name, json!({ key: some(bytes, &WANTED)? }));
    }
    Ok(Value::from(operators))
}

/// A statement of an identity policy. It may be malformed: an operator may have values that it does not take.
pub fn statement(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let action = bytes.choose(&["Action", "Action", "NotAction"])?;
    let resource = bytes.choose(&["Resource", "Resource", "NotResource"])?;
    Ok(json!({
        "Effect": bytes.choose(&["Allow", "Allow", "Deny"])?,
        *action: some(bytes, &ACTIONS)?,
        *resource: some(bytes, &RESOURCES)?,
        "Condition": conditions(bytes)?,
    }))
}

/// A statement of a resource policy.
pub fn resource_statement(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let mut statement = statement(bytes)?;
    let names = some(bytes, &[ACCOUNT, USER, ROLE, SESSION, "*", "arn:aws:sts::111122223333:federated-user/ada"])?;
    let negated = statement["Effect"] == "Deny" && bytes.ratio(1u8, 4u8)?;
    statement[if negated { "NotPrincipal" } else { "Principal" }] = json!({ "AWS": names });
    Ok(statement)
}

/// The document of some statements.
pub fn document(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// Who asks.
pub fn principal(bytes: &mut Unstructured<'_>) -> Result<Principal> {
    let account = ACCOUNT.to_owned();
    Ok(match bytes.int_in_range(0..=4u8)? {
        0 => Principal::AccountRoot { account },
        1 => Principal::User { account, arn: USER.to_owned() },
        2 => Principal::RoleSession { account, role_arn: ROLE.to_owned(), session_arn: SESSION.to_owned() },
        3 => Principal::FederatedUser {
            account,
            arn: "arn:aws:sts::111122223333:federated-user/ada".to_owned(),
            user_arn: Some(USER.to_owned()),
        },
        _ => Principal::Anonymous,
    })
}

/// The request's keys.
pub fn context(bytes: &mut Unstructured<'_>) -> Result<Context<'static>> {
    let mut context = Context::new();
    for _ in 0..bytes.int_in_range(0..=4u8)? {
        context.push(*bytes.choose(&KEYS)?, *bytes.choose(&GIVEN)?);
    }
    Ok(context)
}

/// What is asked for, and on which resource.
pub fn asked(bytes: &mut Unstructured<'_>) -> Result<(&'static str, Option<&'static str>)> {
    let action =
        *bytes.choose(&["s3:GetObject", "S3:PUTOBJECT", "secretsmanager:GetSecretValue", "sts:AssumeRole", ""])?;
    let resources =
        [None, Some("arn:aws:s3:::bucket/ada/x"), Some("arn:aws:s3:::bucket/ADA/y"), Some("arn:aws:s3:::*/x")];
    Ok((action, *bytes.choose(&resources)?))
}
