//! What people are shown.

use keeptrail_policy::{Candidate, Context, NamedPolicy, PolicyKind, PolicySet, Request, explain, who_can};
use serde_json::json;

use crate::support::{
    READ, SECRET, allow, ask_about, context, deny, document, grant, identity, named, resource, session, user,
};

#[test]
fn an_explanation_shows_every_statement() {
    let mine = [named(
        "read-prod",
        PolicyKind::Identity,
        &document(&json!([
            {"Sid": "List", "Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"},
            {"Sid": "Staging", "Effect": "Allow", "Action": "secretsmanager:*", "Resource": "arn:aws:secretsmanager:*:*:secret:staging/*"},
            {
                "Sid": "Prod", "Effect": "Allow", "Action": READ, "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/env": ["prod"]}, "Bool": {"aws:MultiFactorAuthPresent": "true"}},
            },
            {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        ])),
    )];
    let its = resource(&grant(&json!({"AWS": "arn:aws:iam::111122223333:user/bob"}), READ));
    let policies = PolicySet { identity: &mine, resource: Some(&its), ..PolicySet::default() };
    let (principal, context) =
        (user(), context(&[("aws:ResourceTag/env", "dev\u{1b}[0m"), ("aws:SecureTransport", "true")]));
    let request = Request {
        principal: &principal,
        action: READ,
        resource: Some(SECRET),
        resource_account: None,
        context: &context,
    };
    insta::assert_snapshot!(explain(&request, &policies), @r#"
    arn:aws:iam::111122223333:user/ada asks for secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-a1B2c3
    denied because no identity-based policy allows it; statement 2 "Prod" of identity-based policy "read-prod" would allow, but its condition StringEquals aws:ResourceTag/env ["prod"] is not met
    resource-based policy "resource"
      Allow statement 0 does not apply: another principal
    identity-based policy "read-prod"
      Allow statement 0 "List" does not apply: another action
      Allow statement 1 "Staging" does not apply: another resource
      Allow statement 2 "Prod" does not apply: condition StringEquals aws:ResourceTag/env ["prod"], the request has ["dev\u{1b}[0m"]; condition Bool aws:MultiFactorAuthPresent ["true"], which the request does not have
      Deny statement 3 does not apply: condition Bool aws:SecureTransport ["false"], the request has ["true"]
    "#);
}

#[test]
fn an_explanation_of_a_deny_that_cannot_be_evaluated_says_so() {
    let mine = [identity(&json!([
        allow("*"),
        {"Effect": "Deny", "Action": READ, "Resource": "*", "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}},
    ]))];
    let policies = PolicySet { identity: &mine, ..PolicySet::default() };
    let (principal, context) = (user(), context(&[("aws:MultiFactorAuthAge", "an hour")]));
    let request = Request {
        principal: &principal,
        action: READ,
        resource: Some(SECRET),
        resource_account: None,
        context: &context,
    };
    insta::assert_snapshot!(explain(&request, &policies), @r#"
    arn:aws:iam::111122223333:user/ada asks for secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-a1B2c3
    denied by statement 1 of identity-based policy "mine", which cannot be evaluated for this request
    identity-based policy "mine"
      Allow statement 0 applies
      Deny statement 1 cannot be evaluated, so does not allow and does deny: condition NumericGreaterThan aws:MultiFactorAuthAge ["3600"], the request has ["an hour"]
    "#);
}

#[test]
fn a_decision_says_which_statement_decided_or_nearly_did() {
    let guard = named("guard", PolicyKind::Managed, &document(&json!([allow("s3:*"), deny(READ)])));
    let mine = [identity(&allow("*")), guard];
    let reason = |mine: &[NamedPolicy]| {
        ask_about(&user(), READ, Some(SECRET), &[], &PolicySet { identity: mine, ..PolicySet::default() })
            .reason
            .to_string()
    };
    assert_eq!(reason(&mine), r#"denied by statement 1 of identity-based policy "guard""#);
    assert_eq!(reason(&mine[..1]), r#"allowed by statement 0 of identity-based policy "mine""#);
    assert_eq!(reason(&[]), "denied because no identity-based policy allows it");
    let near = [identity(&json!({
        "Sid": "Office", "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    }))];
    assert_eq!(
        reason(&near),
        "denied because no identity-based policy allows it; statement 0 \"Office\" of identity-based policy \"mine\" would \
         allow, but its condition IpAddress aws:SourceIp [\"203.0.113.0/24\"] is not met",
    );
}

#[test]
fn who_can_lists_those_who_may_with_the_reason() {
    let readers = [identity(&allow(READ))];
    let others = [identity(&allow("s3:*"))];
    let its = resource(&grant(&json!({"AWS": "arn:aws:iam::111122223333:role/app"}), READ));
    let (ada, app, nobody) = (user(), session(), user());
    let context = Context::new();
    let candidate = |principal, identity| Candidate {
        principal,
        policies: PolicySet { identity, resource: Some(&its), ..PolicySet::default() },
        context: &context,
    };
    let candidates = [candidate(&ada, &readers[..]), candidate(&app, &others), candidate(&nobody, &others)];
    let able: Vec<_> = who_can(READ, Some(SECRET), None, candidates)
        .map(|(candidate, decision)| format!("{}: {}", candidate.principal.arn(), decision.reason))
        .collect();
    assert_eq!(
        able,
        [
            r#"arn:aws:iam::111122223333:user/ada: allowed by statement 0 of identity-based policy "mine""#,
            r#"arn:aws:sts::111122223333:assumed-role/app/one: allowed by statement 0 of resource-based policy "resource""#,
        ],
    );
}
