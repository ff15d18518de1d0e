//! How the policies of a request combine, and AWS's words for what is denied.

use keeptrail_policy::{Decision, Layer, NamedPolicy, PolicyKind, PolicySet, Principal, Reason, Request, evaluate};
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, OTHER_ACCOUNT, READ, SECRET, allow, ask, ask_about, context, deny, document, grant, identity, named,
    resource, session, user,
};

fn layer(kind: PolicyKind, statement: &Value) -> NamedPolicy {
    named("limit", kind, &document(statement))
}

fn root() -> Principal {
    Principal::AccountRoot { account: ACCOUNT.into() }
}

fn lacking(decision: Decision<'_>) -> Option<Layer> {
    if let Reason::NoAllow { layer, .. } = decision.reason { Some(layer) } else { None }
}

fn denying(decision: Decision<'_>) -> Option<Layer> {
    if let Reason::ExplicitDeny { statement, .. } = decision.reason { Some(statement.layer) } else { None }
}

#[test]
fn without_policies_nobody_but_the_root_user_may_anything() {
    let nothing = PolicySet::default();
    assert_eq!(lacking(ask(&user(), READ, &nothing)), Some(Layer::Identity));
    assert_eq!(lacking(ask(&session(), READ, &nothing)), Some(Layer::Identity));
    assert_eq!(lacking(ask(&Principal::Anonymous, READ, &nothing)), Some(Layer::Resource));
    assert_eq!(ask(&root(), READ, &nothing).reason, Reason::AccountRoot);
}

#[test]
fn in_one_account_an_identity_policy_or_the_resource_policy_is_enough() {
    let mine = [identity(&allow(READ))];
    let its = resource(&grant(&json!({"AWS": "arn:aws:iam::111122223333:user/ada"}), READ));
    assert!(ask(&user(), READ, &PolicySet { identity: &mine, ..PolicySet::default() }).allowed);
    assert!(ask(&user(), READ, &PolicySet { resource: Some(&its), ..PolicySet::default() }).allowed);
    assert!(
        !ask(
            &user(),
            "secretsmanager:PutSecretValue",
            &PolicySet { identity: &mine, resource: Some(&its), ..PolicySet::default() }
        )
        .allowed
    );
}

#[test]
fn a_deny_wins_wherever_it_stands() {
    let mine = [identity(&allow("*"))];
    let denying_identity = [identity(&json!([allow("*"), deny(READ)]))];
    let its = resource(&json!([
        grant(&json!("*"), "*"),
        {"Effect": "Deny", "Principal": "*", "Action": READ, "Resource": "*"},
    ]));
    let boundary = layer(PolicyKind::Boundary, &json!([allow("*"), deny(READ)]));
    let session_policy = [layer(PolicyKind::Session, &json!([allow("*"), deny(READ)]))];
    let control = [layer(PolicyKind::ServiceControl, &json!([allow("*"), deny(READ)]))];
    let base = PolicySet { identity: &mine, ..PolicySet::default() };
    for principal in [user(), session(), root()] {
        for (policies, layer) in [
            (PolicySet { identity: &denying_identity, ..base }, Layer::Identity),
            (PolicySet { resource: Some(&its), ..base }, Layer::Resource),
            (PolicySet { boundary: Some(&boundary), ..base }, Layer::Boundary),
            (PolicySet { session: &session_policy, ..base }, Layer::Session),
            (PolicySet { service_control: &control, ..base }, Layer::ServiceControl),
        ] {
            assert_eq!(denying(ask(&principal, READ, &policies)), Some(layer));
            assert!(ask(&principal, "secretsmanager:DescribeSecret", &policies).allowed);
        }
    }
}

#[test]
fn boundary_session_and_service_control_policies_must_each_allow() {
    let mine = [identity(&allow("*"))];
    let boundary = layer(PolicyKind::Boundary, &allow("s3:*"));
    let session_policy = [layer(PolicyKind::Session, &allow("s3:*"))];
    let control = [layer(PolicyKind::ServiceControl, &allow("s3:*"))];
    let base = PolicySet { identity: &mine, ..PolicySet::default() };
    for (policies, layer) in [
        (PolicySet { boundary: Some(&boundary), ..base }, Layer::Boundary),
        (PolicySet { session: &session_policy, ..base }, Layer::Session),
        (PolicySet { service_control: &control, ..base }, Layer::ServiceControl),
    ] {
        assert_eq!(lacking(ask(&session(), READ, &policies)), Some(layer));
        assert!(ask(&session(), "s3:ListAllMyBuckets", &policies).allowed);
        // Limits grant nothing themselves.
        let without = PolicySet { identity: &[], ..policies };
        assert!(!ask(&session(), "s3:ListAllMyBuckets", &without).allowed);
    }
    let all = PolicySet { boundary: Some(&boundary), session: &session_policy, service_control: &control, ..base };
    assert!(ask(&session(), "s3:ListAllMyBuckets", &all).allowed);
}

#[test]
fn a_service_control_policy_limits_the_root_user_too() {
    let control = [layer(PolicyKind::ServiceControl, &allow("s3:*"))];
    let policies = PolicySet { service_control: &control, ..PolicySet::default() };
    assert_eq!(lacking(ask(&root(), READ, &policies)), Some(Layer::ServiceControl));
    assert_eq!(ask(&root(), "s3:ListAllMyBuckets", &policies).reason, Reason::AccountRoot);
}

#[test]
fn a_permissions_boundary_limits_as_in_the_guide() {
    // ShirleyRodriguez may create users by her policy, and may not by her boundary.
    let boundary = layer(
        PolicyKind::Managed,
        &json!({"Effect": "Allow", "Action": ["s3:*", "cloudwatch:*", "ec2:*"], "Resource": "*"}),
    );
    let mine = [identity(&allow("iam:CreateUser"))];
    let policies = PolicySet { identity: &mine, boundary: Some(&boundary), ..PolicySet::default() };
    assert!(!ask(&user(), "iam:CreateUser", &policies).allowed);
    assert!(!ask(&user(), "s3:GetObject", &policies).allowed);
}

#[test]
fn how_a_resource_policy_names_the_caller_decides_what_limits_the_grant() {
    let boundary = layer(PolicyKind::Boundary, &allow("s3:*"));
    let session_policy = [layer(PolicyKind::Session, &allow("s3:*"))];
    let control = [layer(PolicyKind::ServiceControl, &allow("s3:*"))];
    let user_arn = json!({"AWS": "arn:aws:iam::111122223333:user/ada"});
    let role_arn = json!({"AWS": "arn:aws:iam::111122223333:role/app"});
    let session_arn = json!({"AWS": "arn:aws:sts::111122223333:assumed-role/app/one"});
    let account = json!({"AWS": ACCOUNT});
    let mine = [identity(&allow("s3:*"))];
    // Caller, how it is named, allowed alone, allowed under a boundary or session policy that do not allow.
    for (principal, naming, alone, limited) in [
        (user(), &user_arn, true, true),
        (session(), &session_arn, true, true),
        (session(), &role_arn, true, false),
        (user(), &json!("*"), true, true),
        (session(), &json!({"AWS": "*"}), true, true),
        (user(), &account, false, false),
        (session(), &account, false, false),
        (user(), &role_arn, false, false),
        (session(), &user_arn, false, false),
    ] {
        let its = resource(&grant(naming, READ));
        let base = PolicySet { identity: &mine, resource: Some(&its), ..PolicySet::default() };
        assert_eq!(ask(&principal, READ, &base).allowed, alone, "{naming}");
        let with_boundary = PolicySet { boundary: Some(&boundary), ..base };
        assert_eq!(ask(&principal, READ, &with_boundary).allowed, limited, "{naming}");
        let with_session = PolicySet { session: &session_policy, ..base };
        assert_eq!(ask(&principal, READ, &with_session).allowed, limited, "{naming}");
        // A service control policy limits every grant.
        assert!(!ask(&principal, READ, &PolicySet { service_control: &control, ..base }).allowed);
    }
}

#[test]
fn naming_the_account_leaves_it_to_the_callers_own_policies() {
    let its = resource(&grant(&json!({"AWS": "arn:aws:iam::111122223333:root"}), READ));
    let mine = [identity(&allow(READ))];
    let policies = PolicySet { resource: Some(&its), ..PolicySet::default() };
    assert_eq!(lacking(ask(&user(), READ, &policies)), Some(Layer::Identity));
    assert!(ask(&user(), READ, &PolicySet { identity: &mine, ..policies }).allowed);
    assert!(ask(&root(), READ, &policies).allowed);
}

#[test]
fn of_several_grants_the_most_direct_counts_in_any_order() {
    let by_account = grant(&json!({"AWS": ACCOUNT}), READ);
    let by_role = grant(&json!({"AWS": "arn:aws:iam::111122223333:role/app"}), READ);
    let direct = grant(&json!({"AWS": "arn:aws:sts::111122223333:assumed-role/app/one"}), READ);
    let boundary = layer(PolicyKind::Boundary, &allow("s3:*"));
    for statements in [json!([by_account, by_role, direct]), json!([direct, by_role, by_account])] {
        let its = resource(&statements);
        let policies = PolicySet { resource: Some(&its), boundary: Some(&boundary), ..PolicySet::default() };
        assert!(ask(&session(), READ, &policies).allowed);
    }
    for statements in [json!([by_account, by_role]), json!([by_role, by_account])] {
        let its = resource(&statements);
        assert!(ask(&session(), READ, &PolicySet { resource: Some(&its), ..PolicySet::default() }).allowed);
    }
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let stranger = Principal::User { account: OTHER_ACCOUNT.into(), arn: "arn:aws:iam::444455556666:user/bob".into() };
    let mine = [identity(&allow(READ))];
    for naming in [json!({"AWS": OTHER_ACCOUNT}), json!({"AWS": "arn:aws:iam::444455556666:user/bob"}), json!("*")] {
        let its = resource(&grant(&naming, READ));
        let both = PolicySet { identity: &mine, resource: Some(&its), ..PolicySet::default() };
        assert!(ask(&stranger, READ, &both).allowed);
        assert_eq!(lacking(ask(&stranger, READ, &PolicySet { identity: &[], ..both })), Some(Layer::Identity));
        assert_eq!(lacking(ask(&stranger, READ, &PolicySet { resource: None, ..both })), Some(Layer::Resource));
        // The grant to a user does not lift its limits in another account.
        let boundary = layer(PolicyKind::Boundary, &allow("s3:*"));
        assert_eq!(
            lacking(ask(&stranger, READ, &PolicySet { boundary: Some(&boundary), ..both })),
            Some(Layer::Boundary)
        );
    }
    let its = resource(&grant(&json!({"AWS": ACCOUNT}), READ));
    assert!(
        !ask(&stranger, READ, &PolicySet { identity: &mine, resource: Some(&its), ..PolicySet::default() }).allowed
    );
    let other_root = Principal::AccountRoot { account: OTHER_ACCOUNT.into() };
    assert_eq!(lacking(ask(&other_root, READ, &PolicySet::default())), Some(Layer::Resource));
}

#[test]
fn the_owner_is_the_one_given_before_the_one_in_the_arn() {
    let mine = [identity(&allow("s3:GetObject"))];
    let policies = PolicySet { identity: &mine, ..PolicySet::default() };
    let context = context(&[]);
    let (principal, bucket) = (user(), "arn:aws:s3:::bucket/key");
    let request = |resource_account| Request {
        principal: &principal,
        action: "s3:GetObject",
        resource: Some(bucket),
        resource_account,
        context: &context,
    };
    assert!(evaluate(&request(None), &policies).allowed);
    assert!(evaluate(&request(Some(ACCOUNT)), &policies).allowed);
    assert!(!evaluate(&request(Some(OTHER_ACCOUNT)), &policies).allowed);
    let elsewhere = SECRET.replace(ACCOUNT, OTHER_ACCOUNT);
    assert!(!ask_about(&principal, "s3:GetObject", Some(&elsewhere), &[], &policies).allowed);
}

#[test]
fn a_policy_in_the_wrong_place_grants_nothing() {
    let mine = identity(&allow("*"));
    let its = resource(&grant(&json!("*"), "*"));
    let everybody = PolicySet { resource: Some(&mine), ..PolicySet::default() };
    assert!(!ask(&user(), READ, &everybody).allowed);
    assert!(!ask(&Principal::Anonymous, READ, &everybody).allowed);
    let misplaced = [its];
    assert!(!ask(&user(), READ, &PolicySet { identity: &misplaced, ..PolicySet::default() }).allowed);
    // But it still denies.
    let denies = identity(&deny("*"));
    let mine = [mine];
    assert!(
        !ask(&user(), READ, &PolicySet { identity: &mine, resource: Some(&denies), ..PolicySet::default() }).allowed
    );
}

#[test]
fn an_action_without_a_resource_is_allowed_only_on_star() {
    let list = "secretsmanager:ListSecrets";
    let ask = |statement: Value| {
        let mine = [identity(&statement)];
        ask_about(&user(), list, None, &[], &PolicySet { identity: &mine, ..PolicySet::default() }).allowed
    };
    assert!(ask(allow(list)));
    for resource in ["arn:aws:secretsmanager:*", "arn:aws:s3:::*", "arn:*:secretsmanager:*:*:*"] {
        assert!(!ask(json!({"Effect": "Allow", "Action": list, "Resource": resource})), "{resource}");
    }
    assert!(ask(json!({"Effect": "Allow", "Action": list, "NotResource": "arn:aws:s3:::bucket"})));
}

#[test]
fn denials_are_in_the_words_of_aws() {
    let all = [identity(&allow("*"))];
    let none = [identity(&allow("s3:*"))];
    let denying = [identity(&deny(READ))];
    let silent = resource(&grant(&json!("*"), "s3:*"));
    let its = resource(&json!({"Effect": "Deny", "Principal": "*", "Action": READ, "Resource": "*"}));
    let boundary = |statement: &Value| layer(PolicyKind::Boundary, statement);
    let session_policy = |statement: &Value| [layer(PolicyKind::Session, statement)];
    let control = |statement: &Value| [layer(PolicyKind::ServiceControl, statement)];
    let (quiet, quiet_session, quiet_control) =
        (boundary(&allow("s3:*")), session_policy(&allow("s3:*")), control(&allow("s3:*")));
    let (loud, loud_session, loud_control) = (boundary(&deny("*")), session_policy(&deny("*")), control(&deny("*")));
    let base = PolicySet { identity: &all, ..PolicySet::default() };
    let rows = [
        (
            PolicySet { identity: &none, ..base },
            "because no identity-based policy allows the secretsmanager:GetSecretValue action",
        ),
        (
            PolicySet { boundary: Some(&quiet), ..base },
            "because no permissions boundary allows the secretsmanager:GetSecretValue action",
        ),
        (
            PolicySet { session: &quiet_session, ..base },
            "because no session policy allows the secretsmanager:GetSecretValue action",
        ),
        (
            PolicySet { service_control: &quiet_control, ..base },
            "because no service control policy allows the secretsmanager:GetSecretValue action",
        ),
        (PolicySet { identity: &denying, ..base }, "with an explicit deny in an identity-based policy"),
        (PolicySet { resource: Some(&its), ..base }, "with an explicit deny in a resource-based policy"),
        (PolicySet { boundary: Some(&loud), ..base }, "with an explicit deny in a permissions boundary"),
        (PolicySet { session: &loud_session, ..base }, "with an explicit deny in a sessions policy"),
        (PolicySet { service_control: &loud_control, ..base }, "with an explicit deny in a service control policy"),
    ];
    let (principal, context) = (session(), context(&[]));
    let request = Request {
        principal: &principal,
        action: READ,
        resource: Some(SECRET),
        resource_account: None,
        context: &context,
    };
    for (policies, tail) in rows {
        let expected = format!(
            "User: arn:aws:sts::111122223333:assumed-role/app/one is not authorized to perform: \
             secretsmanager:GetSecretValue on resource: {SECRET} {tail}"
        );
        assert_eq!(evaluate(&request, &policies).denial_message(&request), expected);
    }
    let elsewhere = Request { resource_account: Some(OTHER_ACCOUNT), ..request };
    let decision = evaluate(&elsewhere, &PolicySet { resource: Some(&silent), ..base });
    assert!(
        decision
            .denial_message(&elsewhere)
            .ends_with(" because no resource-based policy allows the secretsmanager:GetSecretValue action")
    );
}

#[test]
fn denials_of_actions_without_a_resource_name_none() {
    let (principal, context) = (user(), context(&[]));
    let request = Request {
        principal: &principal,
        action: "secretsmanager:ListSecrets",
        resource: None,
        resource_account: None,
        context: &context,
    };
    assert_eq!(
        evaluate(&request, &PolicySet::default()).denial_message(&request),
        "User: arn:aws:iam::111122223333:user/ada is not authorized to perform: secretsmanager:ListSecrets because no \
         identity-based policy allows the secretsmanager:ListSecrets action",
    );
}

#[test]
fn denials_of_a_role_name_its_trust_policy() {
    let role = "arn:aws:iam::111122223333:role/app";
    let trust = |effect: &str, principal: &Value| {
        let statement = json!({"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"});
        named("app", PolicyKind::Trust, &document(&statement))
    };
    let mine = [identity(&allow("sts:AssumeRole"))];
    let (principal, context) = (user(), context(&[]));
    let request = Request {
        principal: &principal,
        action: "sts:AssumeRole",
        resource: Some(role),
        resource_account: None,
        context: &context,
    };
    let message = |trust: &NamedPolicy| {
        let policies = PolicySet { identity: &mine, resource: Some(trust), ..PolicySet::default() };
        evaluate(&request, &policies).denial_message(&request)
    };
    let start = format!(
        "User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole on resource: {role}"
    );
    let silent = trust("Allow", &json!({"Service": "lambda.amazonaws.com"}));
    assert_eq!(message(&silent), format!("{start} because no role trust policy allows the sts:AssumeRole action"));
    let denying = trust("Deny", &json!({"AWS": ACCOUNT}));
    assert_eq!(message(&denying), format!("{start} with an explicit deny in the role trust policy"));
}
