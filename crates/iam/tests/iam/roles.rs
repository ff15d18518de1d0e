//! Roles.

use keeptrail_testkit::ACCOUNT;
use serde_json::json;

use crate::realm::{ALLOW_ALL, Realm, policy_arn, role_arn, trust};

#[tokio::test]
async fn a_role_is_shown_as_it_was_made() {
    let realm = Realm::new().await;
    let trust = trust(json!({})).to_string();
    let made = realm
        .ok(
            "CreateRole",
            json!({"RoleName": "Reader", "Path": "/app/", "AssumeRolePolicyDocument": trust, "MaxSessionDuration": 7200,
                "Description": "reads", "Tags": [{"Key": "Team", "Value": "platform"}]}),
        )
        .await;
    let role = &made["Role"];
    assert_eq!(role["Arn"], role_arn("app/Reader"));
    assert!(role["RoleId"].as_str().unwrap().starts_with("AROA"));
    assert!(role["AssumeRolePolicyDocument"].as_str().unwrap().starts_with("%7B%22"), "as a URL carries it");
    assert_eq!(role["MaxSessionDuration"], 7200);
    assert_eq!(realm.ok("GetRole", json!({"RoleName": "Reader"})).await, made);
    let profiles = realm.ok("ListInstanceProfilesForRole", json!({"RoleName": "Reader"})).await;
    assert_eq!(profiles["InstanceProfiles"], json!([]));
}

#[tokio::test]
async fn description_and_longest_session_can_be_changed() {
    let realm = Realm::new().await;
    realm.role("Reader", &trust(json!({})), ALLOW_ALL).await;
    let described = realm.ok("UpdateRoleDescription", json!({"RoleName": "Reader", "Description": "reads"})).await;
    assert_eq!(described["Role"]["Description"], "reads");
    realm.ok("UpdateRole", json!({"RoleName": "Reader", "MaxSessionDuration": 43_200})).await;
    let role = realm.ok("GetRole", json!({"RoleName": "Reader"})).await;
    assert_eq!((&role["Role"]["Description"], &role["Role"]["MaxSessionDuration"]), (&json!("reads"), &json!(43_200)));
    let (code, message) = realm.refused("UpdateRole", json!({"RoleName": "Reader", "MaxSessionDuration": 60})).await;
    assert_eq!(code, "ValidationException");
    assert!(message.contains("'maxSessionDuration'") && message.contains("greater than or equal to 3600"), "{message}");
}

#[tokio::test]
async fn a_role_with_anything_left_is_not_deleted() {
    let realm = Realm::new().await;
    realm.role("Reader", &trust(json!({})), ALLOW_ALL).await;
    let policy = json!({"RoleName": "Reader", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"});
    realm.ok("AttachRolePolicy", policy.clone()).await;
    let conflict =
        |what: &str| ("DeleteConflictException".to_owned(), format!("Cannot delete entity, must {what} first."));
    assert_eq!(realm.refused("DeleteRole", json!({"RoleName": "Reader"})).await, conflict("detach all policies"));
    realm.ok("DetachRolePolicy", policy.clone()).await;
    assert_eq!(realm.refused("DeleteRole", json!({"RoleName": "Reader"})).await, conflict("delete policies"));
    realm.ok("DeleteRolePolicy", json!({"RoleName": "Reader", "PolicyName": "p"})).await;
    realm.ok("DeleteRole", json!({"RoleName": "Reader"})).await;
    assert_eq!(
        realm.refused("GetRole", json!({"RoleName": "Reader"})).await.1,
        "The role with name Reader cannot be found."
    );
}

#[tokio::test]
async fn a_trust_policy_must_be_one() {
    let realm = Realm::new().await;
    let create = |trust: &str| json!({"RoleName": "Reader", "AssumeRolePolicyDocument": trust});
    assert_eq!(realm.refused("CreateRole", create("{}")).await.0, "MalformedPolicyDocumentException");
    assert_eq!(realm.refused("CreateRole", create(ALLOW_ALL)).await.0, "MalformedPolicyDocumentException");
    let large = json!({"Version": "2012-10-17", "Id": "x".repeat(2048), "Statement": []}).to_string();
    assert_eq!(
        realm.refused("CreateRole", create(&large)).await,
        ("LimitExceededException".into(), "Cannot exceed quota for ACLSizePerRole: 2048".into())
    );
}

#[tokio::test]
async fn a_role_has_ten_managed_policies_at_most() {
    let realm = Realm::new().await;
    realm.role("Reader", &trust(json!({})), ALLOW_ALL).await;
    for number in 0..11 {
        let name = format!("p{number}");
        realm.ok("CreatePolicy", json!({"PolicyName": name, "PolicyDocument": ALLOW_ALL})).await;
        let attach = json!({"RoleName": "Reader", "PolicyArn": policy_arn(&name)});
        if number < 10 {
            realm.ok("AttachRolePolicy", attach).await;
        } else {
            let refused = realm.refused("AttachRolePolicy", attach).await;
            assert_eq!(
                refused,
                ("LimitExceededException".into(), "Cannot exceed quota for PoliciesPerRole: 10".into())
            );
        }
    }
    // Attaching again what is attached changes nothing and is no error.
    realm.ok("AttachRolePolicy", json!({"RoleName": "Reader", "PolicyArn": policy_arn("p0")})).await;
    let policy = realm.ok("GetPolicy", json!({"PolicyArn": policy_arn("p0")})).await;
    assert_eq!(policy["Policy"]["AttachmentCount"], 1);
    let listed = realm.ok("ListAttachedRolePolicies", json!({"RoleName": "Reader"})).await;
    assert_eq!(listed["AttachedPolicies"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn inline_policies_are_listed_shown_and_taken_away() {
    let realm = Realm::new().await;
    realm.role("Reader", &trust(json!({})), ALLOW_ALL).await;
    assert_eq!(realm.ok("ListRolePolicies", json!({"RoleName": "Reader"})).await["PolicyNames"], json!(["p"]));
    let shown = realm.ok("GetRolePolicy", json!({"RoleName": "Reader", "PolicyName": "p"})).await;
    assert!(shown["PolicyDocument"].as_str().unwrap().starts_with("%7B%22Version%22"));
    realm.ok("DeleteRolePolicy", json!({"RoleName": "Reader", "PolicyName": "p"})).await;
    for operation in ["GetRolePolicy", "DeleteRolePolicy"] {
        let refused = realm.refused(operation, json!({"RoleName": "Reader", "PolicyName": "p"})).await;
        assert_eq!(refused, ("NoSuchEntityException".into(), "The role policy with name p cannot be found.".into()));
    }
}

/// Whether a service may do something to a log group under a role.
async fn may_write(
    realm: &Realm,
    service: &str,
    source_arn: &str,
    role_arn: &str,
    action: &str,
) -> Result<(), keeptrail_iam::RoleProblem> {
    let resource = &format!("arn:aws:logs:us-east-1:{ACCOUNT}:log-group:g:log-stream:s");
    let call = keeptrail_iam::ServiceCall { service, source_arn, role_arn, action, resource, resource_policy: None };
    keeptrail_iam::service_may(&realm.rig.ledger.begin(), &call).await
}

#[tokio::test]
async fn a_service_may_do_what_a_role_that_trusts_it_allows() {
    use keeptrail_iam::RoleProblem;
    let realm = Realm::new().await;
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ]});
    realm.role("Deliver", &trust, &crate::realm::allow("logs:PutLogEvents")).await;
    let may = async |service: &str, role: &str, action: &str| {
        let source_arn = format!("arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/t");
        may_write(&realm, service, &source_arn, &role_arn(role), action).await
    };
    may("cloudtrail.amazonaws.com", "Deliver", "logs:PutLogEvents").await.unwrap();
    let trust = may("events.amazonaws.com", "Deliver", "logs:PutLogEvents").await;
    assert!(matches!(trust, Err(RoleProblem::Trust(_))));
    let right = may("cloudtrail.amazonaws.com", "Deliver", "logs:CreateLogStream").await;
    assert!(matches!(right, Err(RoleProblem::Permission(_))));
    let role = may("cloudtrail.amazonaws.com", "deliver", "logs:PutLogEvents").await;
    assert!(matches!(role, Err(RoleProblem::NoRole(_))), "an ARN is spelled as it is");
}

#[tokio::test]
async fn a_role_may_trust_a_service_for_one_resource_only() {
    use keeptrail_iam::RoleProblem;
    let realm = Realm::new().await;
    let trail = |account: &str, name: &str| format!("arn:aws:cloudtrail:us-east-1:{account}:trail/{name}");
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": trail("*", "audit")},
        },
    }]});
    realm.role("Deliver", &trust, &crate::realm::allow("logs:PutLogEvents")).await;
    let may = async |source_arn: &str| {
        may_write(&realm, "cloudtrail.amazonaws.com", source_arn, &role_arn("Deliver"), "logs:PutLogEvents").await
    };
    may(&trail(ACCOUNT, "audit")).await.unwrap();
    for other in [trail(ACCOUNT, "other"), trail("999999999999", "audit")] {
        assert!(matches!(may(&other).await, Err(RoleProblem::Trust(_))), "{other}");
    }
}
