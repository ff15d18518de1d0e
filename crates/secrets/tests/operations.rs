//! Secrets Manager's operations as a caller sees them, and the records they leave.
#![expect(clippy::unwrap_used, reason = "tests")]

mod vault;

use std::time::Duration;

use keeptrail_testkit::user;
use serde_json::{Value, json};
use vault::{DAY, OTHER_TOKEN, TOKEN, Vault};

#[tokio::test]
async fn a_secret_is_read_by_name_by_arn_and_by_arn_without_suffix() {
    let vault = Vault::new().await;
    let created = vault.create("ethos/prod/key", "s3cr3t").await;
    let arn = created["ARN"].as_str().unwrap();
    for id in ["ethos/prod/key", arn, arn.rsplit_once('-').unwrap().0] {
        let read = vault.ok("GetSecretValue", json!({"SecretId": id})).await;
        assert_eq!(read["SecretString"], "s3cr3t", "{id}");
        assert_eq!(read["VersionStages"], json!(["AWSCURRENT"]));
        assert_eq!(read["VersionId"], TOKEN);
    }
}

#[tokio::test]
async fn a_read_is_recorded_with_what_the_caller_sent_and_the_secrets_arn_and_never_the_value() {
    let vault = Vault::new().await;
    let created = vault.create("ethos/prod/key", "canary-value").await;
    vault.ok("GetSecretValue", json!({"SecretId": "ethos/prod/key"})).await;
    let record = vault.rig.last_record().await;
    assert_eq!(record["eventName"], "GetSecretValue");
    assert_eq!(record["readOnly"], true);
    assert_eq!(record["requestParameters"], json!({"secretId": "ethos/prod/key"}));
    assert_eq!(record["responseElements"], Value::Null);
    assert_eq!(record["resources"][0]["ARN"], created["ARN"]);
    let all = serde_json::to_string(&vault.rig.records().await).unwrap();
    assert!(!all.contains("canary-value"));
}

#[tokio::test]
async fn the_record_of_creation_has_cloudtrails_members_in_their_order() {
    let vault = Vault::new().await;
    vault
        .ok(
            "CreateSecret",
            json!({"Name": "n", "ClientRequestToken": TOKEN, "Description": "", "SecretString": "v", "Tags": [{"Key": "Env", "Value": "prod"}]}),
        )
        .await;
    let record = vault.rig.last_record().await;
    insta::assert_json_snapshot!(record, {
        ".requestID" => "[request]",
        ".eventID" => "[event]",
        ".responseElements.arn" => "[arn]",
        ".resources[].ARN" => "[arn]",
    });
}

#[tokio::test]
async fn a_denied_read_is_recorded_without_parameters_but_can_be_found_by_secret() {
    let vault = Vault::new().await;
    let created = vault.create("ethos/prod/key", "v").await;
    let nobody =
        user("nobody", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#);
    let answer =
        vault.rig.call_as(nobody, &vault.service, "GetSecretValue", &json!({"SecretId": "ethos/prod/key"})).await;
    let arn = created["ARN"].as_str().unwrap();
    assert_eq!((answer.status, answer.code()), (400, "AccessDeniedException"));
    let message = format!(
        "User: arn:aws:iam::123456789012:user/nobody is not authorized to perform: secretsmanager:GetSecretValue on resource: {arn} because no identity-based policy allows the secretsmanager:GetSecretValue action"
    );
    assert_eq!(answer.message(), message);
    let record = vault.rig.last_record().await;
    assert_eq!(record["errorCode"], "AccessDenied");
    assert_eq!(record["errorMessage"], message);
    assert_eq!(record["requestParameters"], Value::Null);
    assert_eq!(record["additionalEventData"], json!({"secretId": "ethos/prod/key"}));
}

#[tokio::test]
async fn a_caller_without_rights_cannot_tell_whether_a_secret_exists() {
    let vault = Vault::new().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let answer = vault
        .rig
        .call_as(user("nobody", policy), &vault.service, "GetSecretValue", &json!({"SecretId": "missing"}))
        .await;
    assert_eq!(answer.code(), "AccessDeniedException");
    assert!(answer.message().contains("on resource: missing because"), "{}", answer.message());
}

#[tokio::test]
async fn a_resource_policy_lets_a_user_in_and_its_deny_keeps_root_out() {
    let vault = Vault::new().await;
    vault.create("shared", "v").await;
    let guest =
        || user("guest", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#);
    let read = json!({"SecretId": "shared"});
    assert_eq!(
        vault.rig.call_as(guest(), &vault.service, "GetSecretValue", &read).await.code(),
        "AccessDeniedException"
    );
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/guest"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"},
    ]});
    vault.ok("PutResourcePolicy", json!({"SecretId": "shared", "ResourcePolicy": policy.to_string()})).await;
    assert_eq!(vault.rig.call_as(guest(), &vault.service, "GetSecretValue", &read).await.status, 200);
    let broad = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}]});
    let refused = vault
        .call(
            "PutResourcePolicy",
            json!({"SecretId": "shared", "ResourcePolicy": broad.to_string(), "BlockPublicPolicy": true}),
        )
        .await;
    assert_eq!(refused.code(), "PublicPolicyException");
    let malformed = vault.call("PutResourcePolicy", json!({"SecretId": "shared", "ResourcePolicy": "{"})).await;
    assert_eq!(malformed.code(), "MalformedPolicyDocumentException");
}

#[tokio::test]
async fn the_same_token_with_the_same_value_changes_nothing_and_with_another_value_is_refused() {
    let vault = Vault::new().await;
    let created = vault.create("n", "one").await;
    let again = vault.create("n", "one").await;
    assert_eq!(created["ARN"], again["ARN"]);
    let put = |value: &str| json!({"SecretId": "n", "SecretString": value, "ClientRequestToken": TOKEN});
    vault.ok("PutSecretValue", put("one")).await;
    let refused = vault.call("PutSecretValue", put("two")).await;
    assert_eq!(refused.code(), "ResourceExistsException");
    let expected = format!(
        "You can't use ClientRequestToken {TOKEN} because that value is already in use for a version of secret {}.",
        created["ARN"].as_str().unwrap()
    );
    assert_eq!(refused.message(), expected);
    let exists =
        vault.call("CreateSecret", json!({"Name": "n", "SecretString": "x", "ClientRequestToken": OTHER_TOKEN})).await;
    assert_eq!(exists.message(), "The operation failed because the secret n already exists.");
}

#[tokio::test]
async fn a_new_value_becomes_current_and_the_old_one_previous() {
    let vault = Vault::new().await;
    vault.create("n", "one").await;
    vault
        .ok("PutSecretValue", json!({"SecretId": "n", "SecretString": "two", "ClientRequestToken": OTHER_TOKEN}))
        .await;
    assert_eq!(vault.ok("GetSecretValue", json!({"SecretId": "n"})).await["SecretString"], "two");
    let previous = vault.ok("GetSecretValue", json!({"SecretId": "n", "VersionStage": "AWSPREVIOUS"})).await;
    assert_eq!((previous["SecretString"].clone(), previous["VersionId"].clone()), (json!("one"), json!(TOKEN)));
    let stage = json!({"SecretId": "n", "VersionStage": "AWSCURRENT", "MoveToVersionId": TOKEN, "RemoveFromVersionId": OTHER_TOKEN});
    vault.ok("UpdateSecretVersionStage", stage).await;
    assert_eq!(vault.ok("GetSecretValue", json!({"SecretId": "n"})).await["SecretString"], "one");
    let missing = vault.call("GetSecretValue", json!({"SecretId": "n", "VersionStage": "NONE"})).await;
    assert_eq!(missing.message(), "Secrets Manager can't find the specified secret value for staging label: NONE");
    let disagree =
        vault.call("GetSecretValue", json!({"SecretId": "n", "VersionId": TOKEN, "VersionStage": "AWSPREVIOUS"})).await;
    assert_eq!(disagree.message(), "You provided a VersionStage that is not associated to the provided VersionId.");
}

#[tokio::test]
async fn a_value_that_was_read_before_is_not_given_after_a_change() {
    let vault = Vault::new().await;
    let read = async || vault.ok("GetSecretValue", json!({"SecretId": "n"})).await["SecretString"].clone();
    vault.create("n", "one").await;
    assert_eq!([read().await, read().await], ["one", "one"]);
    vault.ok("UpdateSecret", json!({"SecretId": "n", "SecretString": "two", "ClientRequestToken": OTHER_TOKEN})).await;
    assert_eq!([read().await, read().await], ["two", "two"]);
    vault.ok("DeleteSecret", json!({"SecretId": "n", "ForceDeleteWithoutRecovery": true})).await;
    let gone = vault.call("GetSecretValue", json!({"SecretId": "n"})).await;
    assert_eq!(gone.code(), "ResourceNotFoundException");
    vault.create("n", "three").await;
    assert_eq!([read().await, read().await], ["three", "three"]);
}

#[tokio::test]
async fn a_deleted_secret_refuses_reads_with_the_text_that_the_alarm_looks_for() {
    let vault = Vault::new().await;
    vault.create("n", "v").await;
    vault.ok("DeleteSecret", json!({"SecretId": "n", "RecoveryWindowInDays": 7})).await;
    let refused = vault.call("GetSecretValue", json!({"SecretId": "n"})).await;
    let text = "You can't perform this operation on the secret because it was marked for deletion.";
    assert_eq!((refused.code(), refused.message()), ("InvalidRequestException", text));
    let record = vault.rig.last_record().await;
    assert_eq!(record["errorCode"], "InvalidRequestException");
    assert_eq!(record["errorMessage"], text);
    assert_eq!(record["requestParameters"], json!({"secretId": "n"}));
    assert_eq!(vault.ok("DescribeSecret", json!({"SecretId": "n"})).await["DeletedDate"], json!(1_772_366_400));
    let again = vault.call("CreateSecret", json!({"Name": "n", "ClientRequestToken": TOKEN})).await;
    assert_eq!(
        again.message(),
        "You can't create this secret because a secret with this name is already scheduled for deletion."
    );
    vault.ok("RestoreSecret", json!({"SecretId": "n"})).await;
    assert_eq!(vault.ok("GetSecretValue", json!({"SecretId": "n"})).await["SecretString"], "v");
}

#[tokio::test]
async fn when_the_window_ends_the_secret_goes_and_the_service_events_tell_of_it() {
    let vault = Vault::new().await;
    vault.create("n", "v").await;
    let jobs = vault.jobs();
    vault.ok("DeleteSecret", json!({"SecretId": "n", "RecoveryWindowInDays": 7})).await;
    jobs.settle().await;
    vault.rig.advance(&jobs, DAY * 6).await;
    vault.ok("DescribeSecret", json!({"SecretId": "n"})).await;
    vault.rig.advance(&jobs, DAY + Duration::from_secs(1)).await;
    let gone = vault.call("DescribeSecret", json!({"SecretId": "n"})).await;
    assert_eq!(gone.message(), "Secrets Manager can't find the specified secret.");
    let records = vault.rig.records().await;
    let names: Vec<_> = records
        .iter()
        .filter(|record| record["eventType"] == "AwsServiceEvent")
        .map(|record| record["eventName"].clone())
        .collect();
    assert_eq!(names, ["StartSecretVersionDelete", "EndSecretVersionDelete"]);
    let event = records.iter().find(|record| record["eventName"] == "StartSecretVersionDelete").unwrap();
    assert_eq!(
        event["userIdentity"],
        json!({"accountId": "123456789012", "invokedBy": "secretsmanager.amazonaws.com"})
    );
    jobs.drain().await;
}

#[tokio::test]
async fn the_day_of_the_last_read_is_shown() {
    let vault = Vault::new().await;
    vault.create("n", "v").await;
    let jobs = vault.jobs();
    jobs.settle().await;
    assert_eq!(vault.ok("DescribeSecret", json!({"SecretId": "n"})).await.get("LastAccessedDate"), None);
    vault.ok("GetSecretValue", json!({"SecretId": "n"})).await;
    jobs.settle().await;
    assert_eq!(vault.ok("DescribeSecret", json!({"SecretId": "n"})).await["LastAccessedDate"], json!(1_772_323_200));
    jobs.drain().await;
}

#[tokio::test]
async fn a_batch_reads_what_it_may_reports_the_rest_and_records_each() {
    let vault = Vault::new().await;
    vault.create("a", "1").await;
    let batch = vault.ok("BatchGetSecretValue", json!({"SecretIdList": ["a", "missing"]})).await;
    assert_eq!(batch["SecretValues"][0]["SecretString"], "1");
    assert_eq!(batch["Errors"][0]["ErrorCode"], "ResourceNotFoundException");
    let records = vault.rig.records().await;
    let own = records.iter().find(|record| record["eventName"] == "BatchGetSecretValue").unwrap();
    let children: Vec<_> = records.iter().filter(|record| record["eventName"] == "GetSecretValue").collect();
    assert_eq!(children.len(), 2);
    assert_eq!(children[0]["requestID"], format!("{}:a", own["requestID"].as_str().unwrap()));
    assert_eq!(children[1]["errorCode"], "ResourceNotFoundException");
    let both = vault.call("BatchGetSecretValue", json!({"SecretIdList": ["a"], "Filters": []})).await;
    assert_eq!(both.message(), "Either 'SecretIdList' or 'Filters' must be provided, but not both.");
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_paged_without_gaps() {
    let vault = Vault::new().await;
    for number in 0..5 {
        let tags = json!([{"Key": if number % 2 == 0 { "even" } else { "odd" }, "Value": "x"}]);
        vault
            .ok("CreateSecret", json!({"Name": format!("s/{number}"), "ClientRequestToken": TOKEN, "Tags": tags}))
            .await;
        vault.rig.time.advance(Duration::from_secs(1));
    }
    let mut names = Vec::new();
    let mut token = Value::Null;
    loop {
        let page = vault.ok("ListSecrets", json!({"MaxResults": 2, "NextToken": token, "SortOrder": "asc"})).await;
        names.extend(
            page["SecretList"].as_array().unwrap().iter().map(|secret| secret["Name"].as_str().unwrap().to_owned()),
        );
        match page.get("NextToken") {
            Some(next) => token = next.clone(),
            None => break,
        }
    }
    assert_eq!(names, ["s/0", "s/1", "s/2", "s/3", "s/4"]);
    let even = vault.ok("ListSecrets", json!({"Filters": [{"Key": "tag-key", "Values": ["even"]}]})).await;
    assert_eq!(even["SecretList"].as_array().unwrap().len(), 3);
    let bad = vault.call("ListSecrets", json!({"NextToken": "garbage!"})).await;
    assert_eq!(bad.code(), "InvalidNextTokenException");
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_and_an_unknown_member_too() {
    let vault = Vault::new().await;
    let replica = json!({"Name": "n", "ClientRequestToken": TOKEN, "AddReplicaRegions": [{"Region": "eu-west-1"}]});
    assert_eq!(vault.call("CreateSecret", replica).await.code(), "UnsupportedOperationException");
    let unknown = vault.call("GetSecretValue", json!({"SecretId": "n", "Sekret": "canary"})).await;
    assert_eq!(unknown.status, 400);
    assert!(!unknown.body.to_string().contains("canary"));
    let records = serde_json::to_string(&vault.rig.records().await).unwrap();
    assert!(!records.contains("canary"));
}

#[tokio::test]
async fn a_binary_secret_comes_back_as_it_was() {
    let vault = Vault::new().await;
    vault.ok("CreateSecret", json!({"Name": "b", "ClientRequestToken": TOKEN, "SecretBinary": "AP8B"})).await;
    let read = vault.ok("GetSecretValue", json!({"SecretId": "b"})).await;
    assert_eq!(read["SecretBinary"], "AP8B");
    assert_eq!(read.get("SecretString"), None);
}

#[tokio::test]
async fn without_a_token_raw_http_gets_awss_message() {
    let vault = Vault::new().await;
    let answer = vault.call("CreateSecret", json!({"Name": "n", "SecretString": "v"})).await;
    assert_eq!(answer.message(), "You must provide a ClientRequestToken value. We recommend a UUID-type value.");
}
