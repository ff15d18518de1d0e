//! Policies of secrets, buckets, topics and roles.

use keeptrail_policy::{
    Context, Layer, NamedPolicy, PolicyKind, PolicySet, Principal, Reason, Request, evaluate, evaluate_service,
};
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, OTHER_ACCOUNT, READ, SECRET, allow, ask, ask_about, context, document, grant, identity, named, resource,
    session, user,
};

fn trust(statement: &Value) -> NamedPolicy {
    named("role", PolicyKind::Trust, &document(statement))
}

fn assume(principal: &Principal, pairs: &[(&str, &str)], policies: &PolicySet<'_>) -> bool {
    ask_about(principal, "sts:AssumeRole", Some("arn:aws:iam::111122223333:role/app"), pairs, policies).allowed
}

/// The bucket policy that CloudTrail asks for.
fn trail_bucket() -> NamedPolicy {
    let source = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main";
    named(
        "arn:aws:s3:::trail-bucket",
        PolicyKind::Resource,
        &document(&json!([
            {
                "Sid": "AWSCloudTrailAclCheck20150319",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:GetBucketAcl",
                "Resource": "arn:aws:s3:::trail-bucket",
                "Condition": {"StringEquals": {"aws:SourceArn": source}},
            },
            {
                "Sid": "AWSCloudTrailWrite20150319",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::trail-bucket/AWSLogs/111122223333/*",
                "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": source}},
            },
        ])),
    )
}

#[test]
fn cloudtrail_may_write_where_its_bucket_policy_says() {
    let bucket = trail_bucket();
    let acl = ("s3:x-amz-acl", "bucket-owner-full-control");
    let source = ("aws:SourceArn", "arn:aws:cloudtrail:us-east-1:111122223333:trail/main");
    let put = |service: &str, key: &str, pairs: &[(&str, &str)]| {
        let object = format!("arn:aws:s3:::trail-bucket/{key}");
        evaluate_service(&bucket, service, "s3:PutObject", &object, &context(pairs)).allowed
    };
    let key = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/07/03/log.json.gz";
    assert!(put("cloudtrail.amazonaws.com", key, &[acl, source]));
    assert!(!put("config.amazonaws.com", key, &[acl, source]));
    assert!(!put("cloudtrail.amazonaws.com", "elsewhere/log.json.gz", &[acl, source]));
    assert!(!put("cloudtrail.amazonaws.com", key, &[source]));
    assert!(!put(
        "cloudtrail.amazonaws.com",
        key,
        &[acl, ("aws:SourceArn", "arn:aws:cloudtrail:us-east-1:111122223333:trail/other")]
    ));
    let check = evaluate_service(
        &bucket,
        "cloudtrail.amazonaws.com",
        "s3:GetBucketAcl",
        "arn:aws:s3:::trail-bucket",
        &context(&[source]),
    );
    assert!(check.allowed);
}

#[test]
fn a_topic_policy_lets_services_publish() {
    let topic = "arn:aws:sns:us-east-1:111122223333:alarms";
    let policy = resource(&json!({
        "Effect": "Allow",
        "Principal": {"Service": ["cloudtrail.amazonaws.com", "cloudwatch.amazonaws.com"]},
        "Action": "SNS:Publish",
        "Resource": topic,
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:*"}},
    }));
    let publish = |service: &str, source: &str| {
        evaluate_service(&policy, service, "sns:Publish", topic, &context(&[("aws:SourceArn", source)])).allowed
    };
    assert!(publish("cloudwatch.amazonaws.com", "arn:aws:cloudwatch:us-east-1:111122223333:alarm:high"));
    assert!(!publish("cloudwatch.amazonaws.com", "arn:aws:cloudwatch:us-east-1:444455556666:alarm:high"));
    assert!(!publish("events.amazonaws.com", "arn:aws:cloudwatch:us-east-1:111122223333:alarm:high"));
    // A user is no service, whatever its policies say of the condition.
    assert!(
        !ask_about(
            &user(),
            "sns:Publish",
            Some(topic),
            &[],
            &PolicySet { resource: Some(&policy), ..PolicySet::default() }
        )
        .allowed
    );
}

#[test]
fn a_service_has_nothing_but_the_resource_policy() {
    let its = resource(&grant(&json!({"AWS": ACCOUNT}), "*"));
    let decision = evaluate_service(&its, "cloudtrail.amazonaws.com", READ, SECRET, &Context::new());
    assert!(matches!(decision.reason, Reason::NoAllow { layer: Layer::Resource, .. }));
    let everyone = resource(&grant(&json!("*"), READ));
    assert!(evaluate_service(&everyone, "lambda.amazonaws.com", READ, SECRET, &Context::new()).allowed);
}

#[test]
fn a_role_is_assumed_by_those_it_trusts() {
    let by_user = trust(
        &json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/ada"}, "Action": "sts:AssumeRole"}),
    );
    let by_account = trust(
        &json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}),
    );
    let mine = [identity(&allow("sts:AssumeRole"))];
    let everything = [identity(&allow("*"))];
    // Named itself: enough in the same account.
    assert!(assume(&user(), &[], &PolicySet { resource: Some(&by_user), ..PolicySet::default() }));
    // Named by the account: the user's own policies must allow too.
    assert!(!assume(&user(), &[], &PolicySet { resource: Some(&by_account), ..PolicySet::default() }));
    assert!(assume(&user(), &[], &PolicySet { identity: &mine, resource: Some(&by_account), ..PolicySet::default() }));
    // Not trusted: no policy of the caller's helps, not even the root user.
    assert!(!assume(
        &session(),
        &[],
        &PolicySet { identity: &everything, resource: Some(&by_user), ..PolicySet::default() }
    ));
    let root = Principal::AccountRoot { account: ACCOUNT.into() };
    assert!(!assume(&root, &[], &PolicySet { resource: Some(&by_user), ..PolicySet::default() }));
}

#[test]
fn a_role_of_another_account_wants_both_sides_and_the_external_id() {
    let by_account = trust(&json!({
        "Effect": "Allow",
        "Principal": {"AWS": OTHER_ACCOUNT},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "12345"}},
    }));
    let stranger = Principal::User { account: OTHER_ACCOUNT.into(), arn: "arn:aws:iam::444455556666:user/bob".into() };
    let mine = [identity(&allow("sts:AssumeRole"))];
    let both = PolicySet { identity: &mine, resource: Some(&by_account), ..PolicySet::default() };
    assert!(assume(&stranger, &[("sts:ExternalId", "12345")], &both));
    assert!(!assume(&stranger, &[("sts:ExternalId", "54321")], &both));
    assert!(!assume(&stranger, &[], &both));
    assert!(!assume(&stranger, &[("sts:ExternalId", "12345")], &PolicySet { identity: &[], ..both }));
}

#[test]
fn services_and_identity_providers_assume_roles_that_trust_them() {
    let provider = "arn:aws:iam::111122223333:oidc-provider/oidc.example.com";
    let trusting = trust(&json!([
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"oidc.example.com:sub": "system:serviceaccount:apps:web"}},
        },
    ]));
    let policies = PolicySet { resource: Some(&trusting), ..PolicySet::default() };
    assert!(assume(&Principal::Service { name: "lambda.amazonaws.com".into() }, &[], &policies));
    assert!(!assume(&Principal::Service { name: "ec2.amazonaws.com".into() }, &[], &policies));
    let federated = Principal::Federated { provider: provider.into() };
    let subject = |subject: &'static str| {
        let context = context(&[("oidc.example.com:sub", subject)]);
        let request = Request {
            principal: &federated,
            action: "sts:AssumeRoleWithWebIdentity",
            resource: Some("arn:aws:iam::111122223333:role/app"),
            resource_account: Some(ACCOUNT),
            context: &context,
        };
        evaluate(&request, &policies).allowed
    };
    assert!(subject("system:serviceaccount:apps:web"));
    assert!(!subject("system:serviceaccount:apps:other"));
}

#[test]
fn not_principal_spares_only_whom_it_names_completely() {
    let deny_others = |ids: &Value| {
        resource(&json!([
            grant(&json!("*"), "*"),
            {"Effect": "Deny", "NotPrincipal": {"AWS": ids}, "Action": "*", "Resource": "*"},
        ]))
    };
    let may = |principal: &Principal, ids: &Value| {
        let its = deny_others(ids);
        ask(principal, READ, &PolicySet { resource: Some(&its), ..PolicySet::default() }).allowed
    };
    let ada = "arn:aws:iam::111122223333:user/ada";
    assert!(may(&user(), &json!([ada, ACCOUNT])));
    assert!(!may(&user(), &json!([ada])));
    assert!(!may(&user(), &json!([ACCOUNT])));
    assert!(!may(&session(), &json!([ada, ACCOUNT])));
    assert!(!may(&Principal::Anonymous, &json!([ada, ACCOUNT])));
    let whole =
        json!([ACCOUNT, "arn:aws:iam::111122223333:role/app", "arn:aws:sts::111122223333:assumed-role/app/one"]);
    assert!(may(&session(), &whole));
}

#[test]
fn a_deny_for_a_role_or_an_account_covers_all_its_sessions() {
    for naming in [json!({"AWS": "arn:aws:iam::111122223333:role/app"}), json!({"AWS": ACCOUNT}), json!("*")] {
        let its = resource(&json!({"Effect": "Deny", "Principal": naming, "Action": "*", "Resource": "*"}));
        let all = [identity(&allow("*"))];
        let policies = PolicySet { identity: &all, resource: Some(&its), ..PolicySet::default() };
        assert!(!ask(&session(), READ, &policies).allowed, "{naming}");
    }
}

#[test]
fn federated_users_are_named_by_their_session() {
    let federated = Principal::FederatedUser {
        account: ACCOUNT.into(),
        arn: "arn:aws:sts::111122223333:federated-user/ada".into(),
        user_arn: None,
    };
    let its = resource(&grant(&json!({"AWS": "arn:aws:sts::111122223333:federated-user/ada"}), READ));
    let policies = PolicySet { resource: Some(&its), ..PolicySet::default() };
    assert!(ask(&federated, READ, &policies).allowed);
    assert!(!ask(&user(), READ, &policies).allowed);
}
