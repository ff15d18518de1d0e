//! The evaluation examples of AWS's guides, with requests and the outcomes that the guides state.
//!
//! Sources: IAM user guide (condition operators, policy variables, multi-value conditions, evaluation logic, example
//! policies). Placeholders are filled in.

use keeptrail_policy::{NamedPolicy, PolicySet, Principal};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, ask_about, identity, resource, user};

pub(crate) type Pairs<'a> = &'a [(&'a str, &'a str)];

/// A policy of the user `ada`, and what it lets her do.
pub(crate) struct Example {
    policies: Vec<NamedPolicy>,
    principal: Principal,
}

impl Example {
    pub(crate) fn new(statements: &Value) -> Self {
        Self { policies: vec![identity(statements)], principal: user() }
    }

    fn ask(&self, action: &str, resource: &str, pairs: Pairs<'_>) -> bool {
        let resource = (resource != "*").then_some(resource);
        let set = PolicySet { identity: &self.policies, ..PolicySet::default() };
        ask_about(&self.principal, action, resource, pairs, &set).allowed
    }

    #[track_caller]
    pub(crate) fn allows(&self, action: &str, resource: &str, pairs: Pairs<'_>) -> &Self {
        assert!(self.ask(action, resource, pairs), "{action} on {resource} with {pairs:?} is not allowed");
        self
    }

    #[track_caller]
    pub(crate) fn denies(&self, action: &str, resource: &str, pairs: Pairs<'_>) -> &Self {
        assert!(!self.ask(action, resource, pairs), "{action} on {resource} with {pairs:?} is allowed");
        self
    }
}

pub(crate) const NONE: Pairs<'static> = &[];
const ADA: Pairs<'static> = &[("aws:username", "ada")];

#[test]
fn a_home_directory_for_one_user_and_for_every_user() {
    let fixed = json!([
        {"Action": ["s3:ListBucket"], "Effect": "Allow", "Resource": ["arn:aws:s3:::mybucket"], "Condition": {"StringLike": {"s3:prefix": ["David/*"]}}},
        {"Action": ["s3:GetObject", "s3:PutObject"], "Effect": "Allow", "Resource": ["arn:aws:s3:::mybucket/David/*"]},
    ]);
    Example::new(&fixed)
        .allows("s3:ListBucket", "arn:aws:s3:::mybucket", &[("s3:prefix", "David/x")])
        .denies("s3:ListBucket", "arn:aws:s3:::mybucket", &[("s3:prefix", "Other/")])
        .denies("s3:ListBucket", "arn:aws:s3:::mybucket", NONE)
        .allows("s3:PutObject", "arn:aws:s3:::mybucket/David/a/b", NONE)
        .denies("s3:PutObject", "arn:aws:s3:::mybucket/Davida", NONE)
        .denies("s3:DeleteObject", "arn:aws:s3:::mybucket/David/a", NONE);
    let general = json!([
        {"Action": ["s3:ListBucket"], "Effect": "Allow", "Resource": ["arn:aws:s3:::mybucket"], "Condition": {"StringLike": {"s3:prefix": ["${aws:username}/*"]}}},
        {"Action": ["s3:GetObject", "s3:PutObject"], "Effect": "Allow", "Resource": ["arn:aws:s3:::mybucket/${aws:username}/*"]},
    ]);
    Example::new(&general)
        .allows("s3:GetObject", "arn:aws:s3:::mybucket/ada/x", ADA)
        .denies("s3:GetObject", "arn:aws:s3:::mybucket/bob/x", ADA)
        .denies("s3:GetObject", "arn:aws:s3:::mybucket/ada/x", NONE)
        .allows("s3:ListBucket", "arn:aws:s3:::mybucket", &[("aws:username", "ada"), ("s3:prefix", "ada/")]);
}

#[test]
fn the_console_home_directory_lists_three_prefixes() {
    let policy = json!([
        {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets", "s3:GetBucketLocation"], "Resource": "arn:aws:s3:::*"},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::B", "Condition": {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/"]}}},
        {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::B/home/${aws:username}", "arn:aws:s3:::B/home/${aws:username}/*"]},
    ]);
    let with = |prefix| [("aws:username", "ada"), ("s3:prefix", prefix)];
    Example::new(&policy)
        .allows("s3:ListBucket", "arn:aws:s3:::B", &with(""))
        .allows("s3:ListBucket", "arn:aws:s3:::B", &with("home/ada/"))
        .denies("s3:ListBucket", "arn:aws:s3:::B", &with("home/bob/"))
        .allows("s3:DeleteObject", "arn:aws:s3:::B/home/ada/x", ADA)
        .allows("s3:GetBucketLocation", "arn:aws:s3:::anything", ADA);
}

#[test]
fn own_access_keys_own_queue_and_a_bucket_by_tag() {
    let keys = json!({"Action": ["iam:*AccessKey*"], "Effect": "Allow", "Resource": ["arn:aws:iam::111122223333:user/${aws:username}"]});
    Example::new(&keys)
        .allows("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/ada", ADA)
        .allows("iam:ListAccessKeys", "arn:aws:iam::111122223333:user/ada", ADA)
        .denies("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/bob", ADA)
        .denies("iam:DeleteUser", "arn:aws:iam::111122223333:user/ada", ADA);
    let queue = json!([
        {"Sid": "ListForConsole", "Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"},
        {"Sid": "AllQueueActions", "Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:us-east-2:*:${aws:username}-queue"},
    ]);
    Example::new(&queue)
        .allows("sqs:ListQueues", "*", ADA)
        .allows("sqs:DeleteQueue", "arn:aws:sqs:us-east-2:111122223333:ada-queue", ADA)
        .denies("sqs:DeleteQueue", "arn:aws:sqs:us-east-1:111122223333:ada-queue", ADA);
    let tag = json!({"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::bucket/${aws:PrincipalTag/department}"]});
    Example::new(&tag)
        .allows("s3:GetObject", "arn:aws:s3:::bucket/hr", &[("aws:PrincipalTag/Department", "hr")])
        .denies("s3:GetObject", "arn:aws:s3:::bucket/hr", NONE);
    let default = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'company-wide'}"});
    Example::new(&default)
        .allows("s3:GetObject", "arn:aws:s3:::bucket/company-wide", NONE)
        .allows("s3:GetObject", "arn:aws:s3:::bucket/yellow", &[("aws:PrincipalTag/team", "yellow")])
        .denies("s3:GetObject", "arn:aws:s3:::bucket/company-wide", &[("aws:PrincipalTag/team", "yellow")]);
}

#[test]
fn string_conditions_on_tags() {
    let job = json!({"Effect": "Allow", "Action": "iam:*AccessKey*", "Resource": "arn:aws:iam::111122223333:user/*", "Condition": {"StringEquals": {"aws:PrincipalTag/job-category": "iamuser-admin"}}});
    let user = "arn:aws:iam::111122223333:user/bob";
    Example::new(&job)
        .allows("iam:UpdateAccessKey", user, &[("aws:PrincipalTag/job-category", "iamuser-admin")])
        .denies("iam:UpdateAccessKey", user, &[("aws:PrincipalTag/job-category", "iamuser-Admin")])
        .denies("iam:UpdateAccessKey", user, NONE);
    let cost = json!({"Effect": "Allow", "Action": ["iam:*user*"], "Resource": "*", "Condition": {"StringLike": {"iam:ResourceTag/costCenter": ["12345", "67890"]}}});
    Example::new(&cost)
        .allows("iam:DeleteUser", user, &[("iam:ResourceTag/costCenter", "67890")])
        .denies("iam:DeleteUser", user, &[("iam:ResourceTag/costCenter", "1234")])
        .denies("iam:DeleteUser", user, NONE);
}

#[test]
fn numeric_date_and_ip_conditions() {
    let keys = json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::example_bucket", "Condition": {"NumericLessThanEquals": {"s3:max-keys": "10"}}});
    Example::new(&keys)
        .allows("s3:ListBucket", "arn:aws:s3:::example_bucket", &[("s3:max-keys", "10")])
        .denies("s3:ListBucket", "arn:aws:s3:::example_bucket", &[("s3:max-keys", "11")])
        .denies("s3:ListBucket", "arn:aws:s3:::example_bucket", NONE);
    let user = "arn:aws:iam::111122223333:user/bob";
    let token = json!({"Effect": "Allow", "Action": "iam:*AccessKey*", "Resource": "arn:aws:iam::111122223333:user/*", "Condition": {"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}});
    Example::new(&token)
        .allows("iam:ListAccessKeys", user, &[("aws:TokenIssueTime", "2020-01-01T00:00:02Z")])
        .denies("iam:ListAccessKeys", user, &[("aws:TokenIssueTime", "2020-01-01T00:00:01Z")])
        .denies("iam:ListAccessKeys", user, NONE);
    let range = json!({"Effect": "Allow", "Action": "service-prefix:action-name", "Resource": "*", "Condition": {
        "DateGreaterThan": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}, "DateLessThan": {"aws:CurrentTime": "2020-06-30T23:59:59Z"}}});
    Example::new(&range)
        .allows("service-prefix:action-name", "*", &[("aws:CurrentTime", "2020-05-01T12:00:00Z")])
        .denies("service-prefix:action-name", "*", &[("aws:CurrentTime", "2020-07-01T00:00:00Z")]);
    let networks = json!({"Effect": "Allow", "Action": "someservice:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}}});
    Example::new(&networks)
        .allows("someservice:x", "*", &[("aws:SourceIp", "203.0.113.255")])
        .allows("someservice:x", "*", &[("aws:SourceIp", "2001:db8:1234:5678:ffff::1")])
        .denies("someservice:x", "*", &[("aws:SourceIp", "203.0.114.0")])
        .denies("someservice:x", "*", NONE);
}

#[test]
fn a_deny_without_tls_and_a_deny_outside_the_network() {
    let bool_example = json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Sid": "BooleanExample", "Action": "s3:*", "Effect": "Deny", "Resource": ["arn:aws:s3:::B", "arn:aws:s3:::B/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]);
    Example::new(&bool_example)
        .denies("s3:GetObject", "arn:aws:s3:::B/x", &[("aws:SecureTransport", "false")])
        .allows("s3:GetObject", "arn:aws:s3:::B/x", &[("aws:SecureTransport", "true")])
        .allows("s3:GetObject", "arn:aws:s3:::C/x", &[("aws:SecureTransport", "false")]);
    let outside = json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {
            "NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]}, "Bool": {"aws:ViaAWSService": "false"}}},
    ]);
    Example::new(&outside)
        .allows("s3:GetObject", "*", &[("aws:SourceIp", "192.0.2.1"), ("aws:ViaAWSService", "false")])
        .denies("s3:GetObject", "*", &[("aws:SourceIp", "198.51.100.1"), ("aws:ViaAWSService", "false")])
        .allows("s3:GetObject", "*", &[("aws:SourceIp", "198.51.100.1"), ("aws:ViaAWSService", "true")]);
}

#[test]
fn if_exists_lets_resources_without_the_key_pass() {
    let policy = |operator: &str| json!({"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {operator: {"ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}}});
    let (image, instance) = ("arn:aws:ec2:us-east-1::image/ami-1", "arn:aws:ec2:us-east-1:111122223333:instance/*");
    Example::new(&policy("StringLike"))
        .allows("ec2:RunInstances", instance, &[("ec2:InstanceType", "t2.micro")])
        .denies("ec2:RunInstances", image, NONE);
    Example::new(&policy("StringLikeIfExists"))
        .allows("ec2:RunInstances", instance, &[("ec2:InstanceType", "t2.micro")])
        .denies("ec2:RunInstances", instance, &[("ec2:InstanceType", "p5.48xlarge")])
        .allows("ec2:RunInstances", image, NONE);
}

#[test]
fn null_tells_long_term_credentials_from_temporary_ones() {
    let policy = json!({"Action": "ec2:*", "Effect": "Allow", "Resource": "*", "Condition": {"Null": {"aws:TokenIssueTime": "true"}}});
    Example::new(&policy).allows("ec2:RunInstances", "*", NONE).denies(
        "ec2:RunInstances",
        "*",
        &[("aws:TokenIssueTime", "2026-07-03T00:00:00Z")],
    );
}

#[test]
fn requested_attributes_as_sets() {
    let table = "arn:aws:dynamodb:us-east-1:111122223333:table/Thread";
    let only = json!({"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": table, "Condition": {"ForAllValues:StringLike": {"dynamodb:requestedAttributes": ["PostDateTime", "Message", "Tags"]}}});
    let key = "dynamodb:requestedAttributes";
    Example::new(&only)
        .allows("dynamodb:GetItem", table, &[(key, "PostDateTime"), (key, "Message")])
        .denies("dynamodb:GetItem", table, &[(key, "PostDateTime"), (key, "UserName")])
        .denies("dynamodb:GetItem", table, &[(key, "ID")]);
    let never = json!([
        {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"},
        {"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": table, "Condition": {"ForAnyValue:StringLike": {"dynamodb:requestedAttributes": ["ID", "PostDateTime"]}}},
    ]);
    Example::new(&never)
        .denies("dynamodb:PutItem", table, &[(key, "UserName"), (key, "Message"), (key, "PostDateTime")])
        .allows("dynamodb:PutItem", table, &[(key, "UserName")]);
}

#[test]
fn tags_are_given_only_with_the_keys_allowed() {
    let policy = json!({"Sid": "AddTag", "Effect": "Allow", "Action": ["iam:TagUser", "iam:TagRole"], "Resource": "*", "Condition": {
        "StringEquals": {"aws:RequestTag/CostCenter": ["A-123", "B-456"]}, "ForAllValues:StringEquals": {"aws:TagKeys": "CostCenter"}}});
    let user = "arn:aws:iam::111122223333:user/bob";
    Example::new(&policy)
        .allows("iam:TagUser", user, &[("aws:RequestTag/CostCenter", "A-123"), ("aws:TagKeys", "CostCenter")])
        .denies("iam:TagUser", user, &[("aws:RequestTag/CostCenter", "C-789"), ("aws:TagKeys", "CostCenter")])
        .denies(
            "iam:TagUser",
            user,
            &[("aws:RequestTag/CostCenter", "A-123"), ("aws:TagKeys", "CostCenter"), ("aws:TagKeys", "x")],
        );
}

#[test]
fn everything_but_a_few_actions_wants_mfa() {
    let policy = json!([
        {"Sid": "AllowAll", "Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Sid": "DenyAllExceptListedIfNoMFA", "Effect": "Deny", "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"],
            "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
    ]);
    Example::new(&policy)
        .allows("iam:EnableMFADevice", "*", NONE)
        .denies("s3:ListAllMyBuckets", "*", NONE)
        .denies("s3:ListAllMyBuckets", "*", &[("aws:MultiFactorAuthPresent", "false")])
        .allows("s3:ListAllMyBuckets", "*", &[("aws:MultiFactorAuthPresent", "true")]);
}

#[test]
fn an_explicit_deny_trumps_a_later_grant() {
    let policy = json!([
        {"Sid": "AllowGetList", "Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"},
        {"Sid": "DenyReports", "Effect": "Deny", "Action": "iam:*Report", "Resource": "*"},
    ]);
    let mut example = Example::new(&policy);
    example
        .allows("iam:ListUsers", "*", NONE)
        .denies("iam:CreatePolicy", "*", NONE)
        .denies("iam:GetOrganizationsAccessReport", "*", NONE)
        .denies("iam:GenerateCredentialReport", "*", NONE);
    example
        .policies
        .push(identity(&json!({"Effect": "Allow", "Action": "iam:GenerateCredentialReport", "Resource": "*"})));
    example.denies("iam:GenerateCredentialReport", "*", NONE);
}

#[test]
fn not_resource_and_not_action() {
    let payroll = json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::HRBucket/Payroll", "arn:aws:s3:::HRBucket/Payroll/*"]},
    ]);
    Example::new(&payroll)
        .allows("s3:GetObject", "arn:aws:s3:::HRBucket/Payroll/july", NONE)
        .denies("s3:GetObject", "arn:aws:s3:::HRBucket/Reviews", NONE)
        .denies("s3:ListAllMyBuckets", "*", NONE);
    let but_delete = json!({"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::*"});
    Example::new(&but_delete)
        .allows("s3:PutObject", "arn:aws:s3:::bucket/x", NONE)
        .denies("s3:deletebucket", "arn:aws:s3:::bucket", NONE)
        .denies("ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-1", NONE);
    let but_iam = json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"});
    Example::new(&but_iam).allows("s3:PutObject", "*", NONE).denies("iam:ListUsers", "*", NONE);
}

#[test]
fn a_string_operator_matches_where_an_arn_operator_does_not() {
    let value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
    let policy = |operator: &str| json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {operator: {"aws:SourceArn": "arn:aws:someservice:*:111122223333:finance/*"}}});
    Example::new(&policy("StringLike")).allows("s3:GetObject", "*", &[("aws:SourceArn", value)]);
    Example::new(&policy("ArnLike")).denies("s3:GetObject", "*", &[("aws:SourceArn", value)]);
}

#[test]
fn an_incomplete_arn_is_completed_with_stars() {
    Example::new(&json!({"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs"}))
        .allows("sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:queue", NONE)
        .denies("sqs:SendMessage", "arn:aws:sns:us-east-1:111122223333:topic", NONE);
}

#[test]
fn carlos_and_his_bucket() {
    // The identity policy of the guide, and the policy of the bucket of the logs.
    let bucket = "arn:aws:s3:::amzn-s3-demo-bucket-carlossalazar";
    let logs = "arn:aws:s3:::amzn-s3-demo-bucket-carlossalazar-logs";
    let mine = [identity(&json!([
        {"Sid": "AllowS3ListRead", "Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:ListAllMyBuckets"], "Resource": "arn:aws:s3:::*"},
        {"Sid": "AllowS3Self", "Effect": "Allow", "Action": "s3:*", "Resource": [bucket, format!("{bucket}/*")]},
        {"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*log*"},
    ]))];
    let carlos =
        Principal::User { account: ACCOUNT.into(), arn: "arn:aws:iam::111122223333:user/carlossalazar".into() };
    let its = resource(
        &json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/carlossalazar"}, "Action": "s3:*", "Resource": [logs, format!("{logs}/*")]}),
    );
    let ask = |object: &str, resource| {
        let set = PolicySet { identity: &mine, resource, ..PolicySet::default() };
        ask_about(&carlos, "s3:PutObject", Some(object), NONE, &set).allowed
    };
    assert!(ask(&format!("{bucket}/x"), None));
    assert!(!ask("arn:aws:s3:::amzn-s3-demo-bucket-zhang/x", None));
    assert!(!ask(&format!("{logs}/x"), Some(&its)), "the deny in his own policy trumps the grant of the bucket's");
}

#[test]
fn a_topic_for_the_users_of_an_account() {
    let topic = "arn:aws:sns:us-east-1:444455556666:topic";
    let its = resource(
        &json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sns:*", "Resource": topic, "Condition": {
        "StringLike": {"sns:endpoint": "https://example.com/${aws:username}/"}, "StringEquals": {"sns:Protocol": "https"}}}),
    );
    let mine = [identity(&json!({"Effect": "Allow", "Action": "sns:*", "Resource": "*"}))];
    let set = PolicySet { identity: &mine, resource: Some(&its), ..PolicySet::default() };
    let ask = |endpoint, protocol| {
        let pairs = [("aws:username", "ada"), ("sns:endpoint", endpoint), ("sns:Protocol", protocol)];
        ask_about(&user(), "sns:Subscribe", Some(topic), &pairs, &set).allowed
    };
    assert!(ask("https://example.com/ada/", "https"));
    assert!(!ask("https://example.com/bob/", "https"));
    assert!(!ask("https://example.com/ada/", "http"));
}

#[test]
fn a_queue_that_a_topic_may_send_to() {
    let queue = "arn:aws:sqs:us-east-1:111122223333:queue";
    let its = resource(
        &json!({"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "SQS:SendMessage", "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:topic"}}}),
    );
    let sender = Principal::AccountRoot { account: "123456789012".into() };
    let set = PolicySet { resource: Some(&its), ..PolicySet::default() };
    let ask = |pairs: Pairs<'_>| ask_about(&sender, "sqs:SendMessage", Some(queue), pairs, &set).allowed;
    assert!(ask(&[("aws:SourceArn", "arn:aws:sns:us-east-1:123456789012:topic")]));
    assert!(!ask(&[("aws:SourceArn", "arn:aws:sns:us-east-1:123456789012:other")]));
    assert!(!ask(NONE));
}
