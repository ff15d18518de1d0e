//! Managed and inline policies.

use serde_json::json;

use crate::realm::{ALLOW_ALL, Realm, allow, document, policy_arn, trust};

async fn with_policy() -> (Realm, String) {
    let realm = Realm::new().await;
    realm.ok("CreatePolicy", json!({"PolicyName": "reads", "PolicyDocument": allow("iam:GetUser")})).await;
    (realm, policy_arn("reads"))
}

#[tokio::test]
async fn a_policy_has_five_versions_at_most_and_one_in_force() {
    let (realm, arn) = with_policy().await;
    let add = json!({"PolicyArn": arn, "PolicyDocument": ALLOW_ALL});
    for number in 2..=5 {
        let made = realm.ok("CreatePolicyVersion", add.clone()).await;
        assert_eq!(made["PolicyVersion"]["VersionId"], format!("v{number}"));
        assert_eq!(made["PolicyVersion"]["IsDefaultVersion"], false);
    }
    assert_eq!(realm.refused("CreatePolicyVersion", add.clone()).await.0, "LimitExceededException");
    let delete = |version: &str| json!({"PolicyArn": arn, "VersionId": version});
    assert_eq!(
        realm.refused("DeletePolicyVersion", delete("v1")).await,
        ("DeleteConflictException".into(), "Cannot delete the default version of a policy.".into())
    );
    realm.ok("SetDefaultPolicyVersion", delete("v3")).await;
    realm.ok("DeletePolicyVersion", delete("v1")).await;
    let again = realm.ok("CreatePolicyVersion", add).await;
    assert_eq!(again["PolicyVersion"]["VersionId"], "v6", "a number is never used again");
    let listed = realm.ok("ListPolicyVersions", json!({"PolicyArn": arn})).await;
    let ids: Vec<_> = listed["Versions"].as_array().unwrap().iter().map(|v| v["VersionId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["v6", "v5", "v4", "v3", "v2"]);
    assert_eq!(
        realm.refused("SetDefaultPolicyVersion", delete("v9")).await.1,
        format!("Policy {arn} version v9 does not exist or is not attachable.")
    );
}

#[tokio::test]
async fn a_policy_in_use_or_with_versions_left_is_not_deleted() {
    let (realm, arn) = with_policy().await;
    let delete = json!({"PolicyArn": arn});
    let in_use = ("DeleteConflictException".to_owned(), "Cannot delete a policy attached to entities.".to_owned());
    realm.ok("CreateUser", json!({"UserName": "bob"})).await;
    realm.ok("AttachUserPolicy", json!({"UserName": "bob", "PolicyArn": arn})).await;
    assert_eq!(realm.refused("DeletePolicy", delete.clone()).await, in_use);
    realm.ok("DetachUserPolicy", json!({"UserName": "bob", "PolicyArn": arn})).await;
    realm.ok("PutUserPermissionsBoundary", json!({"UserName": "bob", "PermissionsBoundary": arn})).await;
    let shown = realm.ok("GetPolicy", delete.clone()).await;
    assert_eq!(shown["Policy"]["PermissionsBoundaryUsageCount"], 1);
    assert_eq!(realm.refused("DeletePolicy", delete.clone()).await, in_use);
    // With the user goes the use.
    realm.ok("DeleteUser", json!({"UserName": "bob"})).await;
    realm.ok("CreatePolicyVersion", json!({"PolicyArn": arn, "PolicyDocument": ALLOW_ALL})).await;
    assert_eq!(realm.refused("DeletePolicy", delete.clone()).await.0, "DeleteConflictException");
    realm.ok("DeletePolicyVersion", json!({"PolicyArn": arn, "VersionId": "v2"})).await;
    realm.ok("DeletePolicy", delete.clone()).await;
    assert_eq!(
        realm.refused("GetPolicy", delete).await.1,
        format!("Policy {arn} does not exist or is not attachable.")
    );
}

#[tokio::test]
async fn what_is_no_policy_is_refused() {
    let (realm, arn) = with_policy().await;
    for text in
        ["", "{}", "[]", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Permit","Action":"*","Resource":"*"}]}"#]
    {
        let create = json!({"PolicyName": "bad", "PolicyDocument": text});
        assert_eq!(realm.refused("CreatePolicy", create).await.0, "MalformedPolicyDocumentException", "{text}");
        let version = json!({"PolicyArn": arn, "PolicyDocument": text});
        assert_eq!(realm.refused("CreatePolicyVersion", version).await.0, "MalformedPolicyDocumentException", "{text}");
    }
    // A principal stands in policies of resources and roles only.
    let principal = document(&json!([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]));
    let create = json!({"PolicyName": "bad", "PolicyDocument": principal});
    assert_eq!(realm.refused("CreatePolicy", create).await.0, "MalformedPolicyDocumentException");
}

#[tokio::test]
async fn sizes_are_limited_and_white_space_is_free() {
    let realm = Realm::new().await;
    let sized = |length: usize| {
        let rest = allow("iam:GetUser").len() - "iam:GetUser".len();
        allow(&format!("iam:{}", "x".repeat(length - rest - 4)))
    };
    let spaced = |text: String| text.replace(':', ": \n\t ").replace("iam: \n\t ", "iam:");
    realm.ok("CreatePolicy", json!({"PolicyName": "fits", "PolicyDocument": spaced(sized(6144))})).await;
    let large = json!({"PolicyName": "large", "PolicyDocument": sized(6145)});
    assert_eq!(
        realm.refused("CreatePolicy", large).await,
        ("LimitExceededException".into(), "Cannot exceed quota for PolicySize: 6144".into())
    );
    realm.ok("CreateUser", json!({"UserName": "bob"})).await;
    let put =
        |name: &str, length: usize| json!({"UserName": "bob", "PolicyName": name, "PolicyDocument": sized(length)});
    realm.ok("PutUserPolicy", put("one", 1024)).await;
    realm.ok("PutUserPolicy", put("two", 1024)).await;
    realm.ok("PutUserPolicy", put("two", 1000)).await;
    let all =
        ("LimitExceededException".to_owned(), "Maximum policy size of 2048 bytes exceeded for user bob".to_owned());
    assert_eq!(realm.refused("PutUserPolicy", put("three", 100)).await, all, "all inline policies count together");
    realm.role("Reader", &trust(json!({})), ALLOW_ALL).await;
    let put = json!({"RoleName": "Reader", "PolicyName": "large", "PolicyDocument": sized(10_240)});
    assert_eq!(
        realm.refused("PutRolePolicy", put).await.1,
        "Maximum policy size of 10240 bytes exceeded for role Reader"
    );
}

#[tokio::test]
async fn a_policys_tags_are_kept_and_decide() {
    let (realm, arn) = with_policy().await;
    realm
        .ok(
            "TagPolicy",
            json!({"PolicyArn": arn, "Tags": [{"Key": "Team", "Value": "a"}, {"Key": "Env", "Value": "prod"}]}),
        )
        .await;
    realm.ok("TagPolicy", json!({"PolicyArn": arn, "Tags": [{"Key": "team", "Value": "b"}]})).await;
    let tags = realm.ok("ListPolicyTags", json!({"PolicyArn": arn})).await["Tags"].clone();
    assert_eq!(tags, json!([{"Key": "Env", "Value": "prod"}, {"Key": "team", "Value": "b"}]));
    let team_b = document(&json!([{"Effect": "Allow", "Action": "iam:GetPolicy", "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "b"}}}]));
    let bob = realm.user("bob", &team_b).await;
    assert_eq!(realm.call_with(&bob, "GetPolicy", json!({"PolicyArn": arn})).await.status, 200);
    realm.ok("UntagPolicy", json!({"PolicyArn": arn, "TagKeys": ["team"]})).await;
    assert_eq!(realm.call_with(&bob, "GetPolicy", json!({"PolicyArn": arn})).await.code(), "AccessDenied");
}

#[tokio::test]
async fn awss_own_policies_can_be_attached_and_not_changed() {
    let realm = Realm::new().await;
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    realm.ok("CreateUser", json!({"UserName": "bob"})).await;
    realm.ok("AttachUserPolicy", json!({"UserName": "bob", "PolicyArn": arn})).await;
    assert_eq!(
        realm.ok("GetPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v1"})).await["PolicyVersion"]["IsDefaultVersion"],
        true
    );
    for (operation, more) in
        [("DeletePolicy", json!({})), ("CreatePolicyVersion", json!({"PolicyDocument": ALLOW_ALL}))]
    {
        let mut input = json!({"PolicyArn": arn});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(realm.refused(operation, input).await.0, "NoSuchEntityException", "{operation}");
    }
    let none = json!({"UserName": "bob", "PolicyArn": "arn:aws:iam::aws:policy/NoSuchPolicy"});
    assert_eq!(realm.refused("AttachUserPolicy", none).await.0, "NoSuchEntityException");
}
