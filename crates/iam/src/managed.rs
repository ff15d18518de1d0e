//! The AWS-managed policies that people attach by name here.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use keeptrail_policy::{Policy, PolicyKind};
use serde_json::json;

const PREFIX: &str = "arn:aws:iam::aws:policy/";

/// Name, allowed actions.
const ALLOWED: [(&str, &[&str]); 9] = [
    ("AdministratorAccess", &["*"]),
    (
        "ReadOnlyAccess",
        &[
            "cloudtrail:Describe*",
            "cloudtrail:Get*",
            "cloudtrail:List*",
            "cloudtrail:LookupEvents",
            "cloudwatch:Describe*",
            "cloudwatch:Get*",
            "cloudwatch:List*",
            "events:Describe*",
            "events:List*",
            "events:Test*",
            "iam:Get*",
            "iam:List*",
            "logs:Describe*",
            "logs:FilterLogEvents",
            "logs:Get*",
            "logs:List*",
            "logs:Test*",
            "s3:Get*",
            "s3:List*",
            "secretsmanager:Describe*",
            "secretsmanager:GetResourcePolicy",
            "secretsmanager:List*",
            "sns:Get*",
            "sns:List*",
            "sts:GetCallerIdentity",
        ],
    ),
    ("SecretsManagerReadWrite", &["secretsmanager:*"]),
    ("CloudWatchFullAccess", &["cloudwatch:*", "logs:*", "sns:*", "events:*"]),
    ("CloudWatchLogsFullAccess", &["logs:*"]),
    ("AWSCloudTrail_FullAccess", &["cloudtrail:*"]),
    ("IAMFullAccess", &["iam:*"]),
    ("AmazonSNSFullAccess", &["sns:*"]),
    ("AmazonS3FullAccess", &["s3:*"]),
];

struct BuiltIn {
    document: String,
    policy: Arc<Policy>,
}

static POLICIES: LazyLock<BTreeMap<String, BuiltIn>> = LazyLock::new(|| {
    let built_in = |(name, actions): &(&str, &[&str])| {
        let document = json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}],
        })
        .to_string();
        let policy = Policy::parse(&document, PolicyKind::Managed).ok()?;
        Some((format!("{PREFIX}{name}"), BuiltIn { document, policy: Arc::new(policy) }))
    };
    ALLOWED.iter().filter_map(built_in).collect()
});

static DENY_ALL: LazyLock<Option<Arc<Policy>>> = LazyLock::new(|| {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    Policy::parse(text, PolicyKind::Identity).ok().map(Arc::new)
});

/// The policy of this ARN, compiled.
pub(crate) fn policy(arn: &str) -> Option<Arc<Policy>> {
    POLICIES.get(arn).map(|built_in| Arc::clone(&built_in.policy))
}

/// The document of this ARN.
pub(crate) fn document(arn: &str) -> Option<&'static str> {
    POLICIES.get(arn).map(|built_in| built_in.document.as_str())
}

/// ARN of each.
pub(crate) fn arns() -> impl Iterator<Item = &'static str> {
    POLICIES.keys().map(String::as_str)
}

/// What stands for a policy that cannot be read.
pub(crate) fn deny_all() -> Option<Arc<Policy>> {
    DENY_ALL.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_policy_is_one() {
        assert_eq!(POLICIES.len(), ALLOWED.len());
        assert!(deny_all().is_some());
    }
}
