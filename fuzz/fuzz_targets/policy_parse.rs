//! Any text as a policy of any kind: it is taken or refused with AWS's message, and what is taken can be asked.

#![no_main]

use std::sync::Arc;

use keeptrail_policy::{Context, NamedPolicy, Policy, PolicyKind, PolicySet, Principal, Request, explain, is_public};
use libfuzzer_sys::fuzz_target;

const KINDS: [PolicyKind; 7] = [
    PolicyKind::Identity,
    PolicyKind::Managed,
    PolicyKind::Resource,
    PolicyKind::Trust,
    PolicyKind::Boundary,
    PolicyKind::Session,
    PolicyKind::ServiceControl,
];

fuzz_target!(|text: &str| {
    let principal =
        Principal::User { account: "111122223333".to_owned(), arn: "arn:aws:iam::111122223333:user/ada".to_owned() };
    let mut context = Context::for_principal(&principal);
    context.set("aws:SourceIp", "10.1.2.3");
    let request = Request {
        principal: &principal,
        action: "secretsmanager:GetSecretValue",
        resource: Some("arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-a1B2c3"),
        resource_account: None,
        context: &context,
    };
    for kind in KINDS {
        match Policy::parse(text, kind) {
            Ok(policy) => {
                assert_eq!(policy.source(), text);
                assert!(policy.statement_count() > 0);
                let public = is_public(&policy);
                assert!(!public || kind == PolicyKind::Resource || kind == PolicyKind::Trust);
                let named = [NamedPolicy::new("policy", Arc::new(policy))];
                let mut set = PolicySet::default();
                match kind {
                    PolicyKind::Resource | PolicyKind::Trust => set.resource = named.first(),
                    _ => set.identity = &named,
                }
                let explanation = explain(&request, &set);
                assert!(!explanation.to_string().is_empty());
                assert!(serde_json::to_string(&explanation.statements).is_ok());
            }
            Err(error) => assert!(!error.message().is_empty() && !error.detail().is_empty()),
        }
    }
});
