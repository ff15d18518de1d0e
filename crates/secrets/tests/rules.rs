//! Secrets Manager's rules, with its texts (reference: API reference and recorded answers of AWS).
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod vault;

use serde_json::{Value, json};
use vault::{DAY, OTHER_TOKEN, TOKEN, Vault};

const THIRD_TOKEN: &str = "77777777-2222-3333-4444-555555555555";

impl Vault {
    async fn refused(&self, operation: &str, input: Value, code: &str, message: &str) {
        let answer = self.call(operation, input.clone()).await;
        assert_eq!((answer.code(), answer.message()), (code, message), "{operation} {input}");
        assert_eq!(answer.status, 400);
    }

    async fn names(&self, filters: Value) -> Vec<String> {
        let page = self.ok("ListSecrets", json!({"Filters": filters, "SortBy": "name", "SortOrder": "asc"})).await;
        page["SecretList"].as_array().unwrap().iter().map(|one| one["Name"].as_str().unwrap().to_owned()).collect()
    }

    /// Version ids, newest first, with their labels.
    async fn versions(&self, deprecated: bool) -> Vec<(String, Value)> {
        let listed = self.ok("ListSecretVersionIds", json!({"SecretId": "n", "IncludeDeprecated": deprecated})).await;
        let versions = listed["Versions"].as_array().unwrap().iter();
        versions.map(|one| (one["VersionId"].as_str().unwrap().to_owned(), one["VersionStages"].clone())).collect()
    }

    async fn put(&self, token: &str, stages: Value) {
        let mut input = json!({"SecretId": "n", "SecretString": token, "ClientRequestToken": token});
        if !stages.is_null() {
            input["VersionStages"] = stages;
        }
        self.ok("PutSecretValue", input).await;
    }
}

#[tokio::test]
async fn names_and_ids_that_cannot_be_are_refused() {
    let vault = Vault::new().await;
    let create = |name: &str| json!({"Name": name, "ClientRequestToken": TOKEN});
    let text =
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
    for name in ["", "a b", "a*b", "ä"] {
        vault.refused("CreateSecret", create(name), "ValidationException", text).await;
    }
    let missing = "Secrets Manager can't find the specified secret.";
    for operation in ["GetSecretValue", "DescribeSecret", "DeleteSecret", "RestoreSecret", "ListSecretVersionIds"] {
        vault.refused(operation, json!({"SecretId": "none"}), "ResourceNotFoundException", missing).await;
    }
}

#[tokio::test]
async fn a_secret_marked_for_deletion_can_be_described_and_restored_and_nothing_else() {
    let vault = Vault::new().await;
    vault.create("n", "v").await;
    let deleted = vault.ok("DeleteSecret", json!({"SecretId": "n"})).await;
    assert_eq!(deleted["DeletionDate"], 1_772_366_400 + 30 * 24 * 3600, "30 days unless told otherwise");
    let text = "You can't perform this operation on the secret because it was marked for deletion.";
    for (operation, more) in [
        ("GetSecretValue", json!({})),
        ("PutSecretValue", json!({"SecretString": "x", "ClientRequestToken": OTHER_TOKEN})),
        ("UpdateSecret", json!({"Description": "x"})),
        ("TagResource", json!({"Tags": [{"Key": "k", "Value": "v"}]})),
        ("UntagResource", json!({"TagKeys": ["k"]})),
        ("GetResourcePolicy", json!({})),
        ("UpdateSecretVersionStage", json!({"VersionStage": "MINE", "MoveToVersionId": TOKEN})),
    ] {
        let mut input = more;
        input["SecretId"] = json!("n");
        vault.refused(operation, input, "InvalidRequestException", text).await;
    }
    vault.ok("DescribeSecret", json!({"SecretId": "n"})).await;
    assert_eq!(vault.names(json!([])).await, Vec::<String>::new());
    let all = vault.ok("ListSecrets", json!({"IncludePlannedDeletion": true})).await;
    assert_eq!(all["SecretList"][0]["Name"], "n");
    vault.ok("RestoreSecret", json!({"SecretId": "n"})).await;
    assert_eq!(vault.names(json!([])).await, ["n"]);
}

#[tokio::test]
async fn how_a_secret_is_deleted_has_awss_rules() {
    let vault = Vault::new().await;
    vault.create("n", "v").await;
    let window = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
    for days in [6, 31, 0, -1] {
        let input = json!({"SecretId": "n", "RecoveryWindowInDays": days});
        vault.refused("DeleteSecret", input, "InvalidParameterException", window).await;
    }
    let both = json!({"SecretId": "n", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": true});
    let text = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
    vault.refused("DeleteSecret", both, "InvalidParameterException", text).await;
    let missing = vault.ok("DeleteSecret", json!({"SecretId": "none", "ForceDeleteWithoutRecovery": true})).await;
    assert_eq!(missing["Name"], "none");
    let first = vault.ok("DescribeSecret", json!({"SecretId": "n"})).await["ARN"].clone();
    vault.ok("DeleteSecret", json!({"SecretId": "n", "ForceDeleteWithoutRecovery": true})).await;
    let again = vault.create("n", "v").await["ARN"].clone();
    assert_ne!(first, again, "a new suffix");
    let gone = "Secrets Manager can't find the specified secret.";
    vault.refused("GetSecretValue", json!({"SecretId": first}), "ResourceNotFoundException", gone).await;
}

#[tokio::test]
async fn labels_move_as_the_caller_says_and_the_first_version_is_always_current() {
    let vault = Vault::new().await;
    let created = vault.ok("CreateSecret", json!({"Name": "n", "ClientRequestToken": TOKEN})).await;
    assert_eq!(created.get("VersionId"), None, "no value, no version");
    let text = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
    vault.refused("GetSecretValue", json!({"SecretId": "n"}), "ResourceNotFoundException", text).await;
    vault.put(TOKEN, json!(["MINE"])).await;
    assert_eq!(vault.versions(false).await, [(TOKEN.to_owned(), json!(["MINE", "AWSCURRENT"]))]);
    vault.put(OTHER_TOKEN, json!(["MINE"])).await;
    let versions = vault.versions(false).await;
    assert_eq!(versions, [(OTHER_TOKEN.to_owned(), json!(["MINE"])), (TOKEN.to_owned(), json!(["AWSCURRENT"]))]);
    vault.put(THIRD_TOKEN, Value::Null).await;
    let versions = vault.versions(false).await;
    let expected = [
        (THIRD_TOKEN.to_owned(), json!(["AWSCURRENT"])),
        (OTHER_TOKEN.to_owned(), json!(["MINE"])),
        (TOKEN.to_owned(), json!(["AWSPREVIOUS"])),
    ];
    assert_eq!(versions, expected);
    let take = json!({"SecretId": "n", "VersionStage": "MINE", "RemoveFromVersionId": OTHER_TOKEN});
    vault.ok("UpdateSecretVersionStage", take).await;
    assert_eq!(vault.versions(false).await.len(), 2, "a version without labels is deprecated and hidden");
    assert_eq!(vault.versions(true).await.len(), 3);
    let described = vault.ok("DescribeSecret", json!({"SecretId": "n"})).await;
    assert_eq!(described["VersionIdsToStages"], json!({THIRD_TOKEN: ["AWSCURRENT"], TOKEN: ["AWSPREVIOUS"]}));
    let listed = vault.ok("ListSecretVersionIds", json!({"SecretId": "n"})).await;
    assert_eq!(listed["Versions"][0]["KmsKeyIds"], json!(["DefaultEncryptionKey"]));
}

#[tokio::test]
async fn a_label_is_taken_only_from_the_version_that_the_caller_names() {
    let vault = Vault::new().await;
    vault.create("n", "one").await;
    vault.put(OTHER_TOKEN, json!(["MINE"])).await;
    let stage = |stage: &str, to: Value, from: Value| json!({"SecretId": "n", "VersionStage": stage, "MoveToVersionId": to, "RemoveFromVersionId": from});
    let text = format!(
        "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version {TOKEN}, so you must explicitly reference that version in RemoveFromVersionId."
    );
    let blind = stage("AWSCURRENT", json!(OTHER_TOKEN), Value::Null);
    vault.refused("UpdateSecretVersionStage", blind, "InvalidParameterException", &text).await;
    let wrong = vault.call("UpdateSecretVersionStage", stage("AWSCURRENT", json!(TOKEN), json!(OTHER_TOKEN))).await;
    assert_eq!(wrong.code(), "InvalidParameterException");
    let drop = vault.call("UpdateSecretVersionStage", stage("AWSCURRENT", Value::Null, json!(TOKEN))).await;
    assert_eq!(drop.code(), "InvalidParameterException");
    let unknown = format!("Secrets Manager can't find the specified secret value for VersionId: {THIRD_TOKEN}");
    let missing = stage("MINE", json!(THIRD_TOKEN), json!(OTHER_TOKEN));
    vault.refused("UpdateSecretVersionStage", missing, "ResourceNotFoundException", &unknown).await;
    vault.ok("UpdateSecretVersionStage", stage("AWSCURRENT", json!(OTHER_TOKEN), json!(TOKEN))).await;
    let expected =
        [(OTHER_TOKEN.to_owned(), json!(["MINE", "AWSCURRENT"])), (TOKEN.to_owned(), json!(["AWSPREVIOUS"]))];
    assert_eq!(vault.versions(false).await, expected);
}

#[tokio::test]
async fn tokens_are_checked_and_repeat_what_they_did() {
    let vault = Vault::new().await;
    vault.create("n", "one").await;
    let put = |token: Value| json!({"SecretId": "n", "SecretString": "two", "ClientRequestToken": token});
    let missing = "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
    vault.refused("PutSecretValue", put(Value::Null), "InvalidRequestException", missing).await;
    for token in ["short", &"x".repeat(65)] {
        assert_eq!(vault.call("PutSecretValue", put(json!(token))).await.code(), "InvalidParameterException");
    }
    let first = vault.ok("PutSecretValue", put(json!(OTHER_TOKEN))).await;
    assert_eq!(vault.ok("PutSecretValue", put(json!(OTHER_TOKEN))).await, first);
    assert_eq!(vault.versions(true).await.len(), 2);
    let updated = vault.ok("UpdateSecret", json!({"SecretId": "n", "Description": "d"})).await;
    assert_eq!(updated.get("VersionId"), None, "no value, no version");
    let both = json!({"SecretId": "n", "SecretString": "x", "SecretBinary": "AAE=", "ClientRequestToken": THIRD_TOKEN});
    assert_eq!(vault.call("PutSecretValue", both).await.code(), "InvalidParameterException");
    let none = json!({"SecretId": "n", "ClientRequestToken": THIRD_TOKEN});
    assert_eq!(vault.call("PutSecretValue", none).await.code(), "InvalidRequestException");
}

#[tokio::test]
async fn filters_match_by_prefix_a_mark_negates_and_all_looks_everywhere() {
    let vault = Vault::new().await;
    for (name, description, key, value) in [
        ("app/prod/db", "Orders database", "Team", "Payments"),
        ("app/test/db", "scratch", "Team", "Search"),
        ("web/prod/key", "Signing key", "Stage", "prod"),
    ] {
        let tags = json!([{"Key": key, "Value": value}]);
        let input = json!({"Name": name, "Description": description, "Tags": tags, "ClientRequestToken": TOKEN});
        vault.ok("CreateSecret", input).await;
    }
    for (filters, expected) in [
        (json!([{"Key": "name", "Values": ["app/"]}]), vec!["app/prod/db", "app/test/db"]),
        (json!([{"Key": "name", "Values": ["APP/"]}]), vec![]),
        (json!([{"Key": "name", "Values": ["!app/"]}]), vec!["web/prod/key"]),
        (json!([{"Key": "name", "Values": ["app/prod", "web"]}]), vec!["app/prod/db", "web/prod/key"]),
        (json!([{"Key": "description", "Values": ["ORDERS"]}]), vec!["app/prod/db"]),
        (
            json!([{"Key": "tag-key", "Values": ["Team"]}, {"Key": "tag-value", "Values": ["!Pay"]}]),
            vec!["app/test/db"],
        ),
        (json!([{"Key": "all", "Values": ["PROD"]}]), vec!["app/prod/db", "web/prod/key"]),
        (json!([{"Key": "all", "Values": ["payments orders"]}]), vec!["app/prod/db"]),
        (json!([{"Key": "all", "Values": ["!prod"]}]), vec!["app/test/db"]),
        (
            json!([{"Key": "primary-region", "Values": ["us-east-1"]}, {"Key": "name", "Values": ["web"]}]),
            vec!["web/prod/key"],
        ),
        (json!([{"Key": "owning-service", "Values": ["rds"]}]), vec![]),
    ] {
        assert_eq!(vault.names(filters.clone()).await, expected, "{filters}");
    }
    let many = json!({"Filters": vec![json!({"Key": "name", "Values": ["a"]}); 11]});
    assert_eq!(vault.call("ListSecrets", many).await.code(), "InvalidParameterException");
    let unknown = json!({"Filters": [{"Key": "colour", "Values": ["red"]}]});
    assert_eq!(vault.call("ListSecrets", unknown).await.code(), "ValidationException");
    let batch = vault.ok("BatchGetSecretValue", json!({"Filters": [{"Key": "name", "Values": ["app/"]}]})).await;
    assert_eq!(batch["Errors"].as_array().unwrap().len(), 2, "secrets without a value are told one by one");
}

#[tokio::test]
async fn a_batch_has_awss_rules() {
    let vault = Vault::new().await;
    let parameter = "InvalidParameterException";
    let neither = "Either 'SecretIdList' or 'Filters' must be provided, but not both.";
    vault.refused("BatchGetSecretValue", json!({}), parameter, neither).await;
    let text = "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.";
    let input = json!({"SecretIdList": ["a"], "MaxResults": 5});
    vault.refused("BatchGetSecretValue", input, parameter, text).await;
    for input in [
        json!({"SecretIdList": vec!["a"; 21]}),
        json!({"SecretIdList": []}),
        json!({"Filters": [], "MaxResults": 0}),
        json!({"Filters": [], "MaxResults": 21}),
    ] {
        assert_eq!(vault.call("BatchGetSecretValue", input.clone()).await.code(), parameter, "{input}");
    }
    for name in ["a", "b", "c"] {
        vault.create(name, name).await;
    }
    let page = vault.ok("BatchGetSecretValue", json!({"Filters": [], "MaxResults": 2})).await;
    let rest =
        vault.ok("BatchGetSecretValue", json!({"Filters": [], "MaxResults": 2, "NextToken": page["NextToken"]})).await;
    let both = [&page, &rest].map(|page| page["SecretValues"].as_array().unwrap().len());
    assert_eq!((both, rest.get("NextToken")), ([2, 1], None));
}

#[tokio::test]
async fn each_version_shows_the_day_of_its_last_read() {
    let vault = Vault::new().await;
    let jobs = vault.jobs();
    vault.create("n", "one").await;
    vault.ok("GetSecretValue", json!({"SecretId": "n"})).await;
    jobs.settle().await;
    vault.rig.advance(&jobs, DAY).await;
    vault.put(OTHER_TOKEN, Value::Null).await;
    vault.ok("BatchGetSecretValue", json!({"SecretIdList": ["n"]})).await;
    vault.put(THIRD_TOKEN, json!(["AWSPENDING"])).await;
    jobs.settle().await;
    let days = async || {
        let listed = vault.ok("ListSecretVersionIds", json!({"SecretId": "n"})).await;
        let days = listed["Versions"].as_array().unwrap().iter().map(|one| one["LastAccessedDate"].clone());
        days.collect::<Vec<_>>()
    };
    let first = 1_772_323_200;
    assert_eq!(days().await, [Value::Null, json!(first + 24 * 3600), json!(first)]);
    vault.rig.advance(&jobs, DAY).await;
    vault.ok("GetSecretValue", json!({"SecretId": "n", "VersionId": TOKEN})).await;
    vault.ok("GetSecretValue", json!({"SecretId": "n", "VersionStage": "AWSPENDING"})).await;
    jobs.settle().await;
    assert_eq!(days().await, [json!(first + 48 * 3600), json!(first + 24 * 3600), json!(first + 48 * 3600)]);
    jobs.drain().await;
}

#[tokio::test]
async fn passwords_follow_the_rules_they_are_asked_for() {
    let vault = Vault::new().await;
    let draw =
        async |input: Value| vault.ok("GetRandomPassword", input).await["RandomPassword"].as_str().unwrap().to_owned();
    assert_eq!(draw(json!({})).await.len(), 32);
    let digits =
        json!({"PasswordLength": 8, "ExcludeUppercase": true, "ExcludeLowercase": true, "ExcludePunctuation": true});
    assert!(draw(digits).await.bytes().all(|byte| byte.is_ascii_digit()));
    let short = json!({"PasswordLength": 3});
    let text = "Password length is too short based on the required types.";
    vault.refused("GetRandomPassword", short, "InvalidParameterException", text).await;
    assert_eq!(draw(json!({"PasswordLength": 3, "RequireEachIncludedType": false})).await.len(), 3);
    for length in [0, 4097] {
        let refused = vault.call("GetRandomPassword", json!({"PasswordLength": length})).await;
        assert_eq!(refused.code(), "InvalidParameterException");
    }
    let password = draw(json!({"ExcludePunctuation": true})).await;
    let records = serde_json::to_string(&vault.rig.records().await).unwrap();
    assert!(!records.contains(&password));
}
