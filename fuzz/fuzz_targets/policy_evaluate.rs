//! Random policies in every place: the decision agrees with what the statements say one by one, and keeps the laws.

#![no_main]

use std::sync::Arc;

use keeptrail_fuzz::policy;
use keeptrail_policy::{
    Applies, Effect, Layer, NamedPolicy, Policy, PolicyKind, PolicySet, Principal, Reason, Request, evaluate, explain,
};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

type Statement = fn(&mut Unstructured<'_>) -> Result<Value>;

/// Statements that are valid in a policy of that kind; those that are not are left out.
fn statements(bytes: &mut Unstructured<'_>, kind: PolicyKind, one: Statement) -> Result<Vec<Value>> {
    let mut statements = Vec::new();
    for _ in 0..bytes.int_in_range(0..=4u8)? {
        let statement = one(bytes)?;
        if Policy::parse(&policy::document(std::slice::from_ref(&statement)), kind).is_ok() {
            statements.push(statement);
        }
    }
    Ok(statements)
}

fn named(statements: &[Value], kind: PolicyKind) -> Option<NamedPolicy> {
    if statements.is_empty() {
        return None;
    }
    let parsed = Policy::parse(&policy::document(statements), kind);
    assert!(parsed.is_ok(), "what is valid alone is valid together: {parsed:?}");
    parsed.ok().map(|policy| NamedPolicy::new("policy", Arc::new(policy)))
}

fn run(bytes: &mut Unstructured<'_>) -> Result<()> {
    let mine = statements(bytes, PolicyKind::Identity, policy::statement)?;
    let its = statements(bytes, PolicyKind::Resource, policy::resource_statement)?;
    let limit =
        if bytes.ratio(1u8, 2u8)? { statements(bytes, PolicyKind::Session, policy::statement)? } else { Vec::new() };
    let (principal, context) = (policy::principal(bytes)?, policy::context(bytes)?);
    let (action, resource) = policy::asked(bytes)?;
    let owner = if bytes.ratio(1u8, 4u8)? { "444455556666" } else { "111122223333" };
    let request = Request { principal: &principal, action, resource, resource_account: Some(owner), context: &context };

    let identity: Vec<_> = named(&mine, PolicyKind::Identity).into_iter().collect();
    let its_policy = named(&its, PolicyKind::Resource);
    let session: Vec<_> = named(&limit, PolicyKind::Session).into_iter().collect();
    let boundary = if bytes.ratio(1u8, 4u8)? { named(&limit, PolicyKind::Boundary) } else { None };
    let set = PolicySet {
        identity: &identity,
        resource: its_policy.as_ref(),
        session: &session,
        boundary: boundary.as_ref(),
        ..PolicySet::default()
    };
    let decision = evaluate(&request, &set);

    // The statements one by one.
    let explanation = explain(&request, &set);
    assert_eq!(explanation.decision, decision);
    let said = |layer, effect, applies| {
        explanation.statements.iter().any(|outcome| {
            outcome.statement.layer == layer && outcome.statement.effect() == effect && outcome.applies == applies
        })
    };
    let layers = [Layer::Identity, Layer::Resource, Layer::Session, Layer::Boundary];
    let denied = layers
        .into_iter()
        .any(|layer| said(layer, Effect::Deny, Applies::Yes) || said(layer, Effect::Deny, Applies::Unknown));
    assert_eq!(matches!(decision.reason, Reason::ExplicitDeny { .. }), denied);
    let allows = |layer| said(layer, Effect::Allow, Applies::Yes);
    let root = matches!(principal, Principal::AccountRoot { .. });
    let (own, granted) = (root || allows(Layer::Identity), allows(Layer::Resource));
    if decision.allowed {
        assert!(!denied);
        match principal {
            Principal::Anonymous => assert!(granted),
            _ if owner == "444455556666" => assert!(own && granted),
            _ => assert!(own || granted),
        }
        let limited =
            !(session.is_empty() || allows(Layer::Session)) || !(boundary.is_none() || allows(Layer::Boundary));
        assert!(!limited || granted, "what limits says no, and nothing but the resource's grant can pass it by");
    } else if !denied && session.is_empty() && boundary.is_none() && owner == "111122223333" {
        let federated = matches!(principal, Principal::FederatedUser { .. });
        assert!(!own || federated || principal == Principal::Anonymous, "{explanation}");
    }

    // Order says nothing.
    let (turned_mine, turned_its): (Vec<_>, Vec<_>) =
        (mine.iter().rev().cloned().collect(), its.iter().rev().cloned().collect());
    let turned: Vec<_> = named(&turned_mine, PolicyKind::Identity).into_iter().collect();
    let turned_resource = named(&turned_its, PolicyKind::Resource);
    let turned_set = PolicySet { identity: &turned, resource: turned_resource.as_ref(), ..set };
    assert_eq!(evaluate(&request, &turned_set).allowed, decision.allowed);

    // One more deny never gives, and a deny of all takes all; one more allow never takes.
    let more = |extra: Value| {
        let mut statements = mine.clone();
        statements.push(extra);
        named(&statements, PolicyKind::Identity).into_iter().collect::<Vec<_>>()
    };
    let nothing = more(json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
    assert!(!evaluate(&request, &PolicySet { identity: &nothing, ..set }).allowed);
    let everything = more(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    assert!(evaluate(&request, &PolicySet { identity: &everything, ..set }).allowed >= decision.allowed);
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    // Too few bytes are no case.
    run(&mut Unstructured::new(bytes)).ok();
});
