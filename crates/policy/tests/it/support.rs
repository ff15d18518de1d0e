//! Policies, callers and questions in few words.

use std::sync::Arc;

use keeptrail_policy::{Context, Decision, NamedPolicy, Policy, PolicyKind, PolicySet, Principal, Request, evaluate};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const OTHER_ACCOUNT: &str = "444455556666";
pub(crate) const SECRET: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-a1B2c3";
pub(crate) const READ: &str = "secretsmanager:GetSecretValue";

pub(crate) fn named(name: &str, kind: PolicyKind, document: &Value) -> NamedPolicy {
    let policy = Policy::parse(&document.to_string(), kind);
    let policy = policy.unwrap_or_else(|error| panic!("{error} ({}): {document:#}", error.detail()));
    NamedPolicy::new(name, Arc::new(policy))
}

pub(crate) fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

pub(crate) fn identity(statements: &Value) -> NamedPolicy {
    named("mine", PolicyKind::Identity, &document(statements))
}

pub(crate) fn resource(statements: &Value) -> NamedPolicy {
    named("resource", PolicyKind::Resource, &document(statements))
}

pub(crate) fn allow(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

pub(crate) fn deny(action: &str) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": "*"})
}

/// A statement of a resource policy.
pub(crate) fn grant(principal: &Value, action: &str) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"})
}

pub(crate) fn user() -> Principal {
    Principal::User { account: ACCOUNT.into(), arn: "arn:aws:iam::111122223333:user/ada".into() }
}

pub(crate) fn session() -> Principal {
    Principal::RoleSession {
        account: ACCOUNT.into(),
        role_arn: "arn:aws:iam::111122223333:role/app".into(),
        session_arn: "arn:aws:sts::111122223333:assumed-role/app/one".into(),
    }
}

pub(crate) fn context<'a>(pairs: &[(&'a str, &'a str)]) -> Context<'a> {
    let mut context = Context::new();
    for (key, value) in pairs {
        context.push(*key, *value);
    }
    context
}

/// A statement with members added, replaced, or taken away (`null`).
pub(crate) fn changed(statement: Value, changes: &Value) -> Value {
    let (Value::Object(mut members), Value::Object(changes)) = (statement, changes) else { panic!("no objects") };
    members.extend(changes.clone());
    members.retain(|_, value| !value.is_null());
    Value::Object(members)
}

/// AWS's message for a document that is refused.
pub(crate) fn refusal(kind: PolicyKind, document: &Value) -> String {
    match Policy::parse(&document.to_string(), kind) {
        Ok(_) => panic!("accepted: {document:#}"),
        Err(error) => error.message().to_owned(),
    }
}

/// A question about the secret of the account.
pub(crate) fn ask<'a>(principal: &Principal, action: &str, policies: &PolicySet<'a>) -> Decision<'a> {
    ask_about(principal, action, Some(SECRET), &[], policies)
}

pub(crate) fn ask_about<'a>(
    principal: &Principal,
    action: &str,
    resource: Option<&str>,
    pairs: &[(&str, &str)],
    policies: &PolicySet<'a>,
) -> Decision<'a> {
    let context = context(pairs);
    evaluate(&Request { principal, action, resource, resource_account: None, context: &context }, policies)
}

/// A question about a resource of another account, which its ARN does not name.
pub(crate) fn ask_across<'a>(
    principal: &Principal,
    action: &str,
    resource: &str,
    owner: &str,
    policies: &PolicySet<'a>,
) -> Decision<'a> {
    let context = Context::new();
    let request =
        Request { principal, action, resource: Some(resource), resource_account: Some(owner), context: &context };
    evaluate(&request, policies)
}
