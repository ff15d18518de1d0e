//! The worked evaluations of the IAM user guide, as tables: what the policies are, what is asked, what comes of it.
//!
//! Sources: "Policy evaluation logic" with its pages on one account and on several, "Permissions boundaries for IAM
//! entities", "Multivalued context key examples", "Single-valued context key examples", "NotPrincipal", "Variables and
//! tags", "Controlling access using tags".

use keeptrail_policy::{Layer, PolicyKind, PolicySet, Principal, Reason};
use serde_json::{Value, json};

use crate::{
    documented_examples::{Example, NONE, Pairs},
    support::{ACCOUNT, OTHER_ACCOUNT, allow, ask_about, document, grant, identity, named, resource},
};

const ALL: fn() -> Value = || allow("*");

/// Everything is allowed but what a deny of `iam:Tag*` under a condition refuses; the keys of the tags asked for, and
/// whether the deny applies.
#[test]
fn set_operators_over_the_keys_of_tags() {
    let rows: [(Value, &[&str], bool); 24] = [
        // ForAllValues with Null: every key has one of the prefixes, and there is a key.
        (prefixes(&["key1*", "key2*", "key3*"]), &["key1:legal"], true),
        (prefixes(&["key1*", "key2*", "key3*"]), &["key1:hr", "key2:audit"], true),
        (prefixes(&["key1*", "key2*", "key3*"]), &["key1:hr", "other"], false),
        (prefixes(&["key1*", "key2*", "key3*"]), &[], false),
        (prefixes(&["key1*"]), &[""], true),
        // ForAllValues with a negated operator: no key has one of the prefixes.
        (json!({"ForAllValues:StringNotLike": {"aws:TagKeys": ["key1*"]}}), &["key1:legal"], false),
        (json!({"ForAllValues:StringNotLike": {"aws:TagKeys": ["key1*"]}}), &["key1:hr", "key1:personnel"], false),
        (json!({"ForAllValues:StringNotLike": {"aws:TagKeys": ["key1*"]}}), &["key2:audit"], true),
        (json!({"ForAllValues:StringNotLike": {"aws:TagKeys": ["key1*"]}}), &[], true),
        (json!({"ForAllValues:StringNotLike": {"aws:TagKeys": ["key1*", "key2*"]}}), &["key1:hr", "key2:x"], false),
        (json!({"ForAllValues:StringNotLike": {"aws:TagKeys": ["key1*", "key2*"]}}), &["key3:legal"], true),
        (json!({"ForAllValues:StringNotLike": {"aws:TagKeys": ["key1*", "key2*"]}}), &[], true),
        // ForAnyValue: one key is enough, no key is none.
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["webserver"]}}), &["webserver"], true),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["webserver"]}}), &["environment", "webserver", "t"], true),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["webserver"]}}), &["environment", "t"], false),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["webserver"]}}), &[], false),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost"]}}), &["cost"], true),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost"]}}), &["cost", "dept"], true),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost"]}}), &["dept"], false),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost"]}}), &[], false),
        // IfExists on a deny, with a negated operator: the deny applies without the key too.
        (json!({"StringNotEqualsIfExists": {"aws:TagKeys": "team"}}), &[], true),
        (json!({"StringNotEquals": {"aws:TagKeys": "team"}}), &[], true),
        (json!({"StringNotEqualsIfExists": {"aws:TagKeys": "team"}}), &["team"], false),
        (json!({"StringEqualsIfExists": {"aws:TagKeys": "team"}}), &["other"], false),
    ];
    for (condition, keys, denied) in rows {
        let policy = json!([ALL(), {"Effect": "Deny", "Action": "iam:Tag*", "Resource": "*", "Condition": condition}]);
        let pairs: Vec<_> = keys.iter().map(|key| ("aws:TagKeys", *key)).collect();
        let example = Example::new(&policy);
        let asked = if denied { Example::denies } else { Example::allows };
        asked(&example, "iam:TagUser", "arn:aws:iam::111122223333:user/bob", &pairs);
    }
}

fn prefixes(patterns: &[&str]) -> Value {
    // An empty key is "null" to AWS's Null operator by the guide, present to ours: the row with "" shows the latter.
    json!({"Null": {"aws:TagKeys": "false"}, "ForAllValues:StringLike": {"aws:TagKeys": patterns}})
}

#[test]
fn several_operators_and_keys_are_joined_by_and() {
    let john = json!({"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {
        "DateGreaterThan": {"aws:CurrentTime": "2019-07-16T12:00:00Z"}, "DateLessThan": {"aws:CurrentTime": "2019-07-16T15:00:00Z"},
        "IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]}}});
    let at = |time, address| [("aws:CurrentTime", time), ("aws:SourceIp", address)];
    Example::new(&john)
        .allows("sqs:SendMessage", "*", &at("2019-07-16T13:00:00Z", "203.0.113.9"))
        .allows("sqs:SendMessage", "*", &at("2019-07-16T13:00:00Z", "192.0.2.9"))
        .denies("sqs:SendMessage", "*", &at("2019-07-16T13:00:00Z", "198.51.100.9"))
        .denies("sqs:SendMessage", "*", &at("2019-07-16T12:00:00Z", "192.0.2.9"))
        .denies("sqs:SendMessage", "*", &at("2019-07-16T15:00:00Z", "192.0.2.9"));
    // A volume is made with tags: the project must be given, the environment must not be production.
    let volumes = json!([
        {"Effect": "Allow", "Action": "ec2:CreateVolume", "Resource": "*"},
        {"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:us-east-1:111122223333:volume/*", "Condition": {
            "StringLike": {"aws:RequestTag/project": "*"}, "StringNotEquals": {"aws:ResourceTag/environment": "production"}}},
    ]);
    let volume = "arn:aws:ec2:us-east-1:111122223333:volume/vol-1";
    let tags = |environment| [("aws:RequestTag/project", "Feature3"), ("aws:ResourceTag/environment", environment)];
    Example::new(&volumes)
        .allows("ec2:CreateTags", volume, &tags("QA"))
        .denies("ec2:CreateTags", volume, &tags("production"))
        .denies("ec2:CreateTags", volume, &[("aws:ResourceTag/environment", "QA")])
        .allows("ec2:CreateTags", volume, &[("aws:RequestTag/project", "Feature3")]);
    let both = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {
        "StringEquals": {"aws:PrincipalTag/department": ["finance", "hr", "legal"], "aws:PrincipalTag/role": ["audit", "security"]},
        "ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:user/ana", "arn:aws:iam::111122223333:user/mary"]}}});
    let who = |department, role, arn| {
        [("aws:PrincipalTag/department", department), ("aws:PrincipalTag/role", role), ("aws:PrincipalArn", arn)]
    };
    Example::new(&both)
        .allows("s3:GetObject", "*", &who("legal", "audit", "arn:aws:iam::111122223333:user/mary"))
        .denies("s3:GetObject", "*", &who("sales", "audit", "arn:aws:iam::111122223333:user/mary"))
        .denies("s3:GetObject", "*", &who("legal", "hr", "arn:aws:iam::111122223333:user/mary"))
        .denies("s3:GetObject", "*", &who("legal", "audit", "arn:aws:iam::111122223333:user/bob"))
        .denies("s3:GetObject", "*", &[("aws:PrincipalTag/department", "legal")]);
}

#[test]
fn carlos_writes_into_a_bucket_of_another_account() {
    let (account, carlos_arn) = ("111111111111", "arn:aws:iam::111111111111:user/carlossalazar");
    let carlos = Principal::User { account: account.into(), arn: carlos_arn.into() };
    let mine = [identity(&json!([
        {"Sid": "AllowS3ListRead", "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"},
        {"Sid": "AllowS3ProductionObjectActions", "Effect": "Allow", "Action": "s3:*Object*", "Resource": "arn:aws:s3:::Production/*"},
        {"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": ["arn:aws:s3:::*log*", "arn:aws:s3:::*log*/*"]},
    ]))];
    let its = resource(&json!({
        "Effect": "Allow", "Action": ["s3:GetObject*", "s3:PutObject*", "s3:ReplicateObject", "s3:RestoreObject"],
        "Principal": {"AWS": carlos_arn}, "Resource": "arn:aws:s3:::Production/*",
    }));
    let base = PolicySet { identity: &mine, ..PolicySet::default() };
    let ask = |action: &str, object: &str, resource| {
        crate::support::ask_across(&carlos, action, object, "222222222222", &PolicySet { resource, ..base })
    };
    assert!(matches!(
        ask("s3:PutObject", "arn:aws:s3:::Production-logs/x", None).reason,
        Reason::ExplicitDeny { statement, .. } if statement.sid() == Some("DenyS3Logs")
    ));
    assert!(ask("s3:PutObject", "arn:aws:s3:::Production/x", Some(&its)).allowed);
    // He may not delete: his own policy would let him, the bucket's does not.
    let lacking = ask("s3:DeleteObject", "arn:aws:s3:::Production/x", Some(&its));
    assert!(matches!(lacking.reason, Reason::NoAllow { layer: Layer::Resource, .. }));
    // He may not manage the bucket: neither does.
    assert!(!ask("s3:PutBucketPolicy", "arn:aws:s3:::Production", Some(&its)).allowed);
}

#[test]
fn zhang_makes_users_within_a_boundary() {
    let company = "arn:aws:iam::111122223333:policy/XCompanyBoundaries";
    let boundary = named(
        "DelegatedUserBoundary",
        PolicyKind::Managed,
        &document(&json!([
            {"Sid": "CreateOrChangeOnlyWithBoundary", "Effect": "Allow", "Resource": "*",
                "Action": ["iam:CreateUser", "iam:DeleteUserPolicy", "iam:AttachUserPolicy", "iam:DetachUserPolicy", "iam:PutUserPermissionsBoundary"],
                "Condition": {"StringEquals": {"iam:PermissionsBoundary": company}}},
            {"Sid": "CloudWatchAndOtherIAMTasks", "Effect": "Allow", "Resource": "*",
                "Action": ["cloudwatch:*", "iam:GetUser", "iam:ListUsers", "iam:*Group*", "iam:DeletePolicy", "iam:PutUserPolicy"]},
            {"Sid": "NoBoundaryPolicyEdit", "Effect": "Deny", "Resource": company,
                "Action": ["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"]},
            {"Sid": "NoBoundaryUserDelete", "Effect": "Deny", "Action": "iam:DeleteUserPermissionsBoundary", "Resource": "*"},
        ])),
    );
    let mine = [identity(&json!([
        {"Sid": "IAM", "Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Sid": "CloudWatchLimited", "Effect": "Allow", "Action": ["cloudwatch:GetDashboard", "cloudwatch:ListMetrics"], "Resource": "*"},
        {"Sid": "S3BucketContents", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::ZhangBucket"},
    ]))];
    let zhang = Principal::User { account: ACCOUNT.into(), arn: "arn:aws:iam::111122223333:user/Zhang".into() };
    let set = PolicySet { identity: &mine, boundary: Some(&boundary), ..PolicySet::default() };
    let user = "arn:aws:iam::111122223333:user/new";
    let with = [("iam:PermissionsBoundary", company)];
    let rows: [(&str, &str, Pairs<'_>, bool); 10] = [
        ("iam:CreateUser", user, &with, true),
        ("iam:CreateUser", user, &[("iam:PermissionsBoundary", "arn:aws:iam::111122223333:policy/Other")], false),
        ("iam:CreateUser", user, NONE, false),
        ("iam:CreateGroup", "arn:aws:iam::111122223333:group/x", NONE, true),
        ("iam:DeleteUserPermissionsBoundary", user, &with, false),
        ("iam:DeletePolicy", company, NONE, false),
        ("iam:DeletePolicy", "arn:aws:iam::111122223333:policy/Other", NONE, true),
        ("cloudwatch:ListMetrics", "arn:aws:cloudwatch:us-east-1:111122223333:dashboard/x", NONE, true),
        ("cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:us-east-1:111122223333:alarm:x", NONE, false),
        ("s3:ListBucket", "arn:aws:s3:::ZhangBucket", NONE, false),
    ];
    for (action, resource, pairs, allowed) in rows {
        assert_eq!(ask_about(&zhang, action, Some(resource), pairs, &set).allowed, allowed, "{action} on {resource}");
    }
}

/// The guide's table of one account: what a grant of the resource's policy is worth when nothing else allows.
#[test]
fn a_grant_is_worth_what_it_names() {
    let user_arn = "arn:aws:iam::111122223333:user/exampleuser";
    let role_arn = "arn:aws:iam::111122223333:role/examplerole";
    let session_arn = "arn:aws:sts::111122223333:assumed-role/examplerole/examplerolesessionname";
    let federated_arn = "arn:aws:sts::111122223333:federated-user/exampleuser";
    let user = Principal::User { account: ACCOUNT.into(), arn: user_arn.into() };
    let session =
        Principal::RoleSession { account: ACCOUNT.into(), role_arn: role_arn.into(), session_arn: session_arn.into() };
    let federated = Principal::FederatedUser {
        account: ACCOUNT.into(),
        arn: federated_arn.into(),
        user_arn: Some(user_arn.into()),
    };
    // Who asks, whom the policy names, and whether that suffices: with no other policy, with a boundary that does not
    // allow, with a session policy that does not allow.
    let rows = [
        (&user, user_arn, true, true, true),
        (&session, role_arn, true, false, false),
        (&session, session_arn, true, true, true),
        (&federated, federated_arn, true, true, true),
        // A federated user without a session policy has an implicit deny there.
        (&federated, user_arn, false, false, false),
        (&user, federated_arn, false, false, false),
        (&user, ACCOUNT, false, false, false),
    ];
    let silent = named("limit", PolicyKind::Managed, &document(&allow("s3:ListAllMyBuckets")));
    let limits = [silent.clone()];
    for (principal, name, alone, bounded, in_session) in rows {
        let its = resource(&grant(&json!({"AWS": name}), "s3:GetObject"));
        let base = PolicySet { resource: Some(&its), ..PolicySet::default() };
        let ask = |set: &PolicySet<'_>| {
            ask_about(principal, "s3:GetObject", Some("arn:aws:s3:::bucket/x"), NONE, set).allowed
        };
        assert_eq!(ask(&base), alone, "{name} alone");
        assert_eq!(ask(&PolicySet { boundary: Some(&silent), ..base }), bounded, "{name} with a boundary");
        assert_eq!(ask(&PolicySet { session: &limits, ..base }), in_session, "{name} with a session policy");
    }
}

#[test]
fn a_federated_user_has_what_its_user_and_its_session_policy_both_allow() {
    let federated = Principal::FederatedUser {
        account: ACCOUNT.into(),
        arn: "arn:aws:sts::111122223333:federated-user/carlos".into(),
        user_arn: Some("arn:aws:iam::111122223333:user/token-app".into()),
    };
    let mine = [identity(&allow("s3:*"))];
    let passed = [named("passed", PolicyKind::Session, &document(&allow("s3:GetObject")))];
    let base = PolicySet { identity: &mine, ..PolicySet::default() };
    let ask = |action: &str, set: &PolicySet<'_>| {
        let decision = ask_about(&federated, action, Some("arn:aws:s3:::b/x"), NONE, set);
        (decision.allowed, matches!(decision.reason, Reason::NoAllow { layer: Layer::Session, .. }))
    };
    assert_eq!(ask("s3:GetObject", &base), (false, true));
    let with = PolicySet { session: &passed, ..base };
    assert!(ask("s3:GetObject", &with).0);
    assert!(!ask("s3:PutObject", &with).0);
    // A resource policy that names the user behind the session adds to its policies, within the session policy.
    let its = resource(&grant(&json!({"AWS": "arn:aws:iam::111122223333:user/token-app"}), "s3:*"));
    let granted = PolicySet { identity: &[], resource: Some(&its), ..with };
    assert!(ask("s3:GetObject", &granted).0);
    assert!(!ask("s3:PutObject", &granted).0);
}

#[test]
fn everybody_but_bob_and_the_audit_app() {
    let bob = "arn:aws:iam::444455556666:user/Bob";
    let app = "arn:aws:sts::444455556666:assumed-role/cross-account-read-only-role/cross-account-audit-app";
    let role = "arn:aws:iam::444455556666:role/cross-account-read-only-role";
    let account = "arn:aws:iam::444455556666:root";
    let bob_himself = Principal::User { account: OTHER_ACCOUNT.into(), arn: bob.into() };
    let the_app =
        Principal::RoleSession { account: OTHER_ACCOUNT.into(), role_arn: role.into(), session_arn: app.into() };
    let another = Principal::RoleSession {
        account: OTHER_ACCOUNT.into(),
        role_arn: role.into(),
        session_arn: app.replace("audit-app", "other-app"),
    };
    let mine = [identity(&ALL())];
    let silent = named("limit", PolicyKind::Managed, &document(&ALL()));
    // Who asks, whom the deny spares, whether a boundary is set, and whether the deny leaves the request alone.
    let rows = [
        (&bob_himself, json!([bob, account]), false, true),
        (&bob_himself, json!([bob]), false, false),
        (&the_app, json!([app, role, account]), false, true),
        (&the_app, json!([app, account]), false, false),
        (&another, json!([app, role, account]), false, false),
        (&bob_himself, json!([bob, account]), true, false),
    ];
    for (principal, spared, bounded, left_alone) in rows {
        let its = resource(&json!([
            grant(&json!({"AWS": OTHER_ACCOUNT}), "s3:*"),
            {"Effect": "Deny", "NotPrincipal": {"AWS": spared}, "Action": "s3:*", "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]},
        ]));
        let boundary = bounded.then_some(&silent);
        let set = PolicySet { identity: &mine, resource: Some(&its), boundary, ..PolicySet::default() };
        let asked = crate::support::ask_across(principal, "s3:GetObject", "arn:aws:s3:::bucket/x", ACCOUNT, &set);
        assert_eq!(asked.allowed, left_alone, "{} spared by {spared}", principal.arn());
    }
}

#[test]
fn tags_decide_and_their_names_ignore_case() {
    let owner = json!({"Effect": "Allow", "Action": ["ec2:StartInstances", "ec2:StopInstances"], "Resource": "arn:aws:ec2:*:*:instance/*",
        "Condition": {"StringEquals": {"ec2:ResourceTag/Owner": "${aws:username}"}}});
    let instance = "arn:aws:ec2:us-east-1:111122223333:instance/i-1";
    Example::new(&owner)
        .allows(
            "ec2:StartInstances",
            instance,
            &[("aws:username", "richard-roe"), ("ec2:ResourceTag/Owner", "richard-roe")],
        )
        .allows(
            "ec2:StopInstances",
            instance,
            &[("aws:username", "richard-roe"), ("ec2:ResourceTag/owner", "richard-roe")],
        )
        .denies(
            "ec2:StartInstances",
            instance,
            &[("aws:username", "richard-roe"), ("ec2:ResourceTag/Owner", "Richard-Roe")],
        )
        .denies("ec2:StartInstances", instance, &[("aws:username", "richard-roe")]);
    let secret = json!({"Effect": "Allow", "Action": ["secretsmanager:CreateSecret", "secretsmanager:TagResource"], "Resource": "*",
        "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}}});
    Example::new(&secret)
        .allows("secretsmanager:CreateSecret", "*", &[("aws:TagKeys", "environment"), ("aws:TagKeys", "cost-center")])
        .allows("secretsmanager:CreateSecret", "*", NONE)
        .denies("secretsmanager:CreateSecret", "*", &[("aws:TagKeys", "environment"), ("aws:TagKeys", "owner")])
        .denies("secretsmanager:CreateSecret", "*", &[("aws:TagKeys", "Environment")]);
}

#[test]
fn a_default_stands_for_what_the_caller_does_not_have() {
    let bucket =
        json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/${aws:userid, 'anonymous'}/*"});
    let condition = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {
        "StringEquals": {"s3:prefix": "home/${aws:userid, 'anonymous'}"}}});
    Example::new(&bucket)
        .allows("s3:GetObject", "arn:aws:s3:::bucket/anonymous/x", NONE)
        .allows("s3:GetObject", "arn:aws:s3:::bucket/AIDA1/x", &[("aws:userid", "AIDA1")])
        .denies("s3:GetObject", "arn:aws:s3:::bucket/anonymous/x", &[("aws:userid", "AIDA1")]);
    Example::new(&condition).allows("s3:ListBucket", "*", &[("s3:prefix", "home/anonymous")]).denies(
        "s3:ListBucket",
        "*",
        &[("s3:prefix", "home/anonymous"), ("aws:userid", "AIDA1")],
    );
    let stars = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/${*}${?}${$}/*"});
    Example::new(&stars).allows("s3:GetObject", "arn:aws:s3:::bucket/*?$/x", NONE).denies(
        "s3:GetObject",
        "arn:aws:s3:::bucket/abc/x",
        NONE,
    );
}

/// The page on the Version element: without it, or with 2008-10-17, a variable is plain text.
#[test]
fn variables_are_plain_text_before_2012() {
    let home =
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/${aws:username}/*"});
    let rows = [
        (json!({"Version": "2012-10-17", "Statement": home}), true),
        (json!({"Version": "2008-10-17", "Statement": home}), false),
        (json!({"Statement": home}), false),
    ];
    for (document, variables) in rows {
        let mine = [named("mine", PolicyKind::Identity, &document)];
        let set = PolicySet { identity: &mine, ..PolicySet::default() };
        let may = |object: &str| {
            let pairs = [("aws:username", "ada")];
            ask_about(&crate::support::user(), "s3:GetObject", Some(object), &pairs, &set).allowed
        };
        assert_eq!(may("arn:aws:s3:::bucket/ada/x"), variables, "{document}");
        assert_eq!(may("arn:aws:s3:::bucket/${aws:username}/x"), !variables, "{document}");
    }
}

#[test]
fn regions_are_closed_but_for_global_services() {
    let policy = json!([
        ALL(),
        {"Sid": "DenyAllOutsideRequestedRegions", "Effect": "Deny", "NotAction": ["cloudfront:*", "iam:*", "route53:*", "support:*"],
            "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}}},
    ]);
    Example::new(&policy)
        .allows("ec2:RunInstances", "*", &[("aws:RequestedRegion", "eu-west-1")])
        .denies("ec2:RunInstances", "*", &[("aws:RequestedRegion", "us-east-1")])
        .allows("iam:ListUsers", "*", &[("aws:RequestedRegion", "us-east-1")])
        .denies("ec2:RunInstances", "*", NONE);
}
