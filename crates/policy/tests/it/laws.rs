//! The algebra of policies, over random ones.

use keeptrail_policy::{NamedPolicy, Policy, PolicyKind, PolicySet, Principal};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use crate::support::{SECRET, allow, ask_about, document, identity, named, session, user};

const ACTIONS: [&str; 4] =
    ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "s3:GetObject", "sts:AssumeRole"];
const RESOURCES: [&str; 3] =
    [SECRET, "arn:aws:secretsmanager:us-east-1:111122223333:secret:dev/x-a1B2c3", "arn:aws:s3:::bucket/home/ada/x"];

fn action_pattern() -> impl Strategy<Value = Value> {
    let one = select(vec![
        "*",
        "secretsmanager:*",
        "SecretsManager:get*",
        "secretsmanager:PutSecretValue",
        "s3:Get?bject",
        "sts:*",
    ]);
    prop::collection::vec(one, 1..3).prop_map(|actions| json!(actions))
}

fn resource_pattern() -> impl Strategy<Value = Value> {
    let one = select(vec![
        "*",
        SECRET,
        "arn:aws:secretsmanager:*:*:secret:prod/*",
        "arn:aws:secretsmanager:*:*:secret:*-??????",
        "arn:aws:s3:::bucket/home/${aws:username}/*",
        "arn:aws:s3:::bucket/*",
    ]);
    prop::collection::vec(one, 1..3).prop_map(|resources| json!(resources))
}

fn condition() -> impl Strategy<Value = Value> {
    select(vec![
        json!({}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "red"}}),
        json!({"StringNotLike": {"aws:PrincipalTag/team": "r*"}}),
        json!({"StringEqualsIfExists": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}),
        json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["env", "team"]}}),
        json!({"ForAnyValue:StringLike": {"aws:TagKeys": "e*"}}),
        json!({"NumericLessThan": {"aws:age": "10"}}),
        json!({"Null": {"aws:age": "true"}}),
        json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "Bool": {"aws:SecureTransport": "true"}}),
    ])
}

fn statement() -> impl Strategy<Value = Value> {
    (select(vec!["Allow", "Allow", "Deny"]), any::<[bool; 2]>(), action_pattern(), resource_pattern(), condition())
        .prop_map(|(effect, [not_action, not_resource], actions, resources, condition)| {
            let action = if not_action { "NotAction" } else { "Action" };
            let resource = if not_resource { "NotResource" } else { "Resource" };
            json!({"Effect": effect, action: actions, resource: resources, "Condition": condition})
        })
}

fn statements() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(statement(), 0..5)
}

/// A request: who, action, resource, context.
type Asked = (Principal, &'static str, Option<&'static str>, Vec<(&'static str, &'static str)>);

fn asked() -> impl Strategy<Value = Asked> {
    let pair = select(vec![
        ("aws:PrincipalTag/team", "red"),
        ("aws:PrincipalTag/team", "*"),
        ("aws:ResourceTag/team", "red"),
        ("aws:ResourceTag/team", "blue"),
        ("aws:TagKeys", "env"),
        ("aws:TagKeys", "cost"),
        ("aws:age", "5"),
        ("aws:age", "old"),
        ("aws:SourceIp", "10.1.2.3"),
        ("aws:SourceIp", "unknown"),
        ("aws:SecureTransport", "true"),
        ("aws:username", "ada"),
    ]);
    let resource = prop::option::weighted(0.9, select(RESOURCES.to_vec()));
    (select(vec![user(), session()]), select(ACTIONS.to_vec()), resource, prop::collection::vec(pair, 0..6))
}

fn policies(statements: &[Value]) -> Vec<NamedPolicy> {
    if statements.is_empty() { Vec::new() } else { vec![identity(&json!(statements))] }
}

fn allowed(statements: &[Value], (principal, action, resource, pairs): &Asked) -> bool {
    let policies = policies(statements);
    ask_about(principal, action, *resource, pairs, &PolicySet { identity: &policies, ..PolicySet::default() }).allowed
}

fn effect_is(statement: &Value, effect: &str) -> bool {
    statement["Effect"] == effect
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_policy_no_access(asked in asked()) {
        prop_assert!(!allowed(&[], &asked));
    }

    #[test]
    fn without_an_allow_there_is_no_access(statements in statements(), asked in asked()) {
        let denies: Vec<_> = statements.into_iter().filter(|statement| effect_is(statement, "Deny")).collect();
        prop_assert!(!allowed(&denies, &asked));
    }

    #[test]
    fn an_explicit_deny_wins_wherever_it_stands(mut statements in statements(), at in any::<prop::sample::Index>(), asked in asked()) {
        statements.insert(at.index(statements.len() + 1), json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
        statements.push(allow("*"));
        prop_assert!(!allowed(&statements, &asked));
    }

    #[test]
    fn another_statement_of_either_effect_moves_the_answer_one_way(statements in statements(), extra in statement(), asked in asked()) {
        let before = allowed(&statements, &asked);
        let mut more = statements;
        more.push(extra.clone());
        let after = allowed(&more, &asked);
        if effect_is(&extra, "Allow") {
            prop_assert!(after >= before, "an Allow took access away");
        } else {
            prop_assert!(after <= before, "a Deny gave access");
        }
    }

    #[test]
    fn widening_an_allow_never_loses(statements in statements(), asked in asked()) {
        let before = allowed(&statements, &asked);
        let widened: Vec<_> = statements
            .into_iter()
            .map(|mut statement| {
                if effect_is(&statement, "Allow") {
                    let fields = statement.as_object_mut().unwrap();
                    for name in ["NotAction", "NotResource", "Condition"] {
                        fields.remove(name);
                    }
                    fields.insert("Action".into(), json!("*"));
                    fields.insert("Resource".into(), json!("*"));
                }
                statement
            })
            .collect();
        prop_assert!(allowed(&widened, &asked) >= before);
    }

    #[test]
    fn narrowing_a_deny_never_loses(statements in statements(), asked in asked(), condition in condition()) {
        let before = allowed(&statements, &asked);
        let narrowed: Vec<_> = statements
            .into_iter()
            .map(|mut statement| {
                if effect_is(&statement, "Deny") && statement["Condition"] == json!({}) {
                    statement["Condition"] = condition.clone();
                }
                statement
            })
            .collect();
        prop_assert!(allowed(&narrowed, &asked) >= before);
    }

    #[test]
    fn the_order_of_statements_and_policies_does_not_matter(
        (statements, shuffled) in statements().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
        asked in asked(),
    ) {
        prop_assert_eq!(allowed(&statements, &asked), allowed(&shuffled, &asked));
        let (principal, action, resource, pairs) = &asked;
        let split: Vec<_> = shuffled.iter().map(identity).collect();
        let set = PolicySet { identity: &split, ..PolicySet::default() };
        prop_assert_eq!(ask_about(principal, action, *resource, pairs, &set).allowed, allowed(&statements, &asked));
    }

    #[test]
    fn a_limit_never_gives_and_an_open_one_never_takes(statements in statements(), limit in statements(), asked in asked()) {
        let (principal, action, resource, pairs) = &asked;
        let mine = policies(&statements);
        let base = PolicySet { identity: &mine, ..PolicySet::default() };
        let ask = |set: &PolicySet<'_>| ask_about(principal, action, *resource, pairs, set).allowed;
        let of = |kind, statements: &Value| named("limit", kind, &document(statements));
        let before = ask(&base);
        if !limit.is_empty() {
            let (boundary, sessions) = (of(PolicyKind::Boundary, &json!(limit)), [of(PolicyKind::Session, &json!(limit))]);
            let controls = [of(PolicyKind::ServiceControl, &json!(limit))];
            let bounded = ask(&PolicySet { boundary: Some(&boundary), ..base });
            prop_assert!(bounded <= before);
            prop_assert_eq!(bounded, before && allowed(&limit, &asked));
            prop_assert_eq!(ask(&PolicySet { session: &sessions, ..base }), bounded);
            prop_assert_eq!(ask(&PolicySet { service_control: &controls, ..base }), bounded);
        }
        let open = of(PolicyKind::Boundary, &allow("*"));
        prop_assert_eq!(ask(&PolicySet { boundary: Some(&open), ..base }), before);
    }

    #[test]
    fn what_is_not_understood_never_grants(
        mut statement in statement(),
        fault in select(vec![
            ("Conditions", json!({})),
            ("condition", json!({})),
            ("Condition", json!({"StringMatches": {"aws:username": "ada"}})),
            ("Condition", json!({"NumericEquals": {"aws:age": "old"}})),
            ("Condition", json!({"DateLessThan": {"aws:CurrentTime": "soon"}})),
            ("Condition", json!({"IpAddress": {"aws:SourceIp": "everywhere"}})),
            ("Condition", json!({"Bool": {"aws:SecureTransport": "perhaps"}})),
            ("Condition", json!({"StringLike": {"aws:username": "${"}})),
            ("Effect", json!("ALLOW")),
            ("Principal", json!("*")),
            ("Resource", json!(7)),
            ("Action", json!("everything")),
        ]),
        kind in select(vec![PolicyKind::Identity, PolicyKind::Managed, PolicyKind::Boundary, PolicyKind::Session, PolicyKind::ServiceControl]),
    ) {
        statement[fault.0] = fault.1;
        prop_assert!(Policy::parse(&document(&statement).to_string(), kind).is_err());
    }
}
