//! Names, paths, tags, pages.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::realm::{ALLOW_ALL, Realm, policy_arn, role_arn, trust};

#[tokio::test]
async fn names_that_differ_only_in_case_are_one_name_and_keep_their_spelling() {
    let realm = Realm::new().await;
    realm.ok("CreateUser", json!({"UserName": "Bob"})).await;
    let (code, message) = realm.refused("CreateUser", json!({"UserName": "bOB", "Path": "/other/"})).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("EntityAlreadyExistsException", "User with name bOB already exists.")
    );
    assert_eq!(realm.ok("GetUser", json!({"UserName": "bob"})).await["User"]["UserName"], "Bob");

    realm.role("Reader", &trust(json!({})), ALLOW_ALL).await;
    let again = json!({"RoleName": "reader", "AssumeRolePolicyDocument": trust(json!({})).to_string()});
    assert_eq!(realm.refused("CreateRole", again).await.1, "Role with name reader already exists.");

    realm.ok("CreatePolicy", json!({"PolicyName": "Reads", "PolicyDocument": ALLOW_ALL})).await;
    let again = json!({"PolicyName": "reads", "Path": "/other/", "PolicyDocument": ALLOW_ALL});
    assert_eq!(
        realm.refused("CreatePolicy", again).await.1,
        "A policy called reads already exists. Duplicate names are not allowed."
    );
    // An ARN is no name: it is compared as it is spelled.
    assert_eq!(realm.refused("GetPolicy", json!({"PolicyArn": policy_arn("reads")})).await.0, "NoSuchEntityException");
    realm.ok("GetPolicy", json!({"PolicyArn": policy_arn("Reads")})).await;
}

#[tokio::test]
async fn a_right_on_one_spelling_is_not_one_on_another() {
    let realm = Realm::new().await;
    realm.ok("CreateUser", json!({"UserName": "Admin"})).await;
    let arn = role_arn("x").replace("role/x", "user/admin");
    let policy = crate::realm::document(&json!([{"Effect": "Allow", "Action": "iam:*", "Resource": arn}]));
    let eve = realm.user("eve", &policy).await;
    let answer = realm.call_with(&eve, "CreateAccessKey", json!({"UserName": "admin"})).await;
    assert_eq!(answer.code(), "AccessDenied", "the user's ARN decides, however its name was spelled");
}

#[tokio::test]
async fn names_and_paths_must_be_well_formed() {
    let realm = Realm::new().await;
    for name in ["a b", "a/b", "ü", "a:b", "a*"] {
        let (code, message) = realm.refused("CreateUser", json!({"UserName": name})).await;
        assert_eq!(code, "ValidationException");
        assert_eq!(
            message,
            "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
        );
    }
    for (name, must) in [(String::new(), "greater than or equal to 1"), ("x".repeat(65), "less than or equal to 64")] {
        let (_, message) = realm.refused("CreateUser", json!({"UserName": name})).await;
        assert_eq!(
            message,
            format!(
                "1 validation error detected: Value '{name}' at 'userName' failed to satisfy constraint: Member must have length {must}"
            )
        );
    }
    realm.ok("CreateUser", json!({"UserName": "Az09_+=,.@-"})).await;
    for path in ["", "x", "/x", "x/", "/a b/", "/ü/"] {
        let (code, _) = realm.refused("CreateUser", json!({"UserName": "bob", "Path": path})).await;
        assert_eq!(code, "ValidationException", "{path}");
    }
}

#[tokio::test]
async fn tags_must_be_well_formed() {
    let realm = Realm::new().await;
    realm.ok("CreateUser", json!({"UserName": "bob"})).await;
    let tag = async |key: &str, value: &str| {
        let answer = realm.call("TagUser", json!({"UserName": "bob", "Tags": [{"Key": key, "Value": value}]})).await;
        answer.status
    };
    assert_eq!(tag("Kostenstelle ä_.:/=+-@", "").await, 200);
    for (key, value) in [("", "v"), ("a*b", "v"), ("k", "v\u{7}"), ("aws:k", "v"), ("AWS:k", "v")] {
        assert_eq!(tag(key, value).await, 400, "{key:?} {value:?}");
    }
    assert_eq!(tag(&"k".repeat(129), "v").await, 400);
    assert_eq!(tag("k", &"v".repeat(257)).await, 400);
    let twice = json!([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]);
    let (code, message) = realm.refused("TagUser", json!({"UserName": "bob", "Tags": twice})).await;
    assert_eq!(code, "InvalidInputException");
    assert_eq!(message, "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    let many: Vec<_> = (0..50).map(|number| json!({"Key": format!("k{number}"), "Value": ""})).collect();
    let (code, _) = realm.refused("TagUser", json!({"UserName": "bob", "Tags": many})).await;
    assert_eq!(code, "LimitExceededException", "50 and the one that was there");
}

/// The names on all pages, and how many pages there were.
async fn pages(realm: &Realm, limit: usize) -> (Vec<String>, usize) {
    let (mut names, mut marker, mut count) = (Vec::new(), Value::Null, 0);
    loop {
        let mut input = json!({"MaxItems": limit, "PathPrefix": "/p/"});
        if !marker.is_null() {
            input["Marker"] = marker;
        }
        let page = realm.ok("ListUsers", input).await;
        count += 1;
        names
            .extend(page["Users"].as_array().unwrap().iter().map(|user| user["UserName"].as_str().unwrap().to_owned()));
        marker = page["Marker"].clone();
        assert_eq!(page["IsTruncated"], json!(!marker.is_null()));
        if marker.is_null() {
            return (names, count);
        }
    }
}

#[tokio::test]
async fn pages_show_everything_once_in_order() {
    let realm = Realm::new().await;
    for name in ["e", "B", "a", "D", "c"] {
        realm.ok("CreateUser", json!({"UserName": name, "Path": "/p/"})).await;
    }
    realm.ok("CreateUser", json!({"UserName": "elsewhere"})).await;
    for limit in 1..=6 {
        let (names, count) = pages(&realm, limit).await;
        assert_eq!(names, ["a", "B", "c", "D", "e"]);
        assert_eq!(count, 5_usize.div_ceil(limit));
    }
    assert!(realm.refused("ListUsers", json!({"MaxItems": 0})).await.1.contains("'maxItems'"));
    assert_eq!(realm.refused("ListUsers", json!({"MaxItems": 1001})).await.0, "ValidationException");
}

#[tokio::test]
async fn a_user_who_goes_between_two_pages_moves_nothing() {
    let realm = Realm::new().await;
    for name in ["a", "b", "c", "d"] {
        realm.ok("CreateUser", json!({"UserName": name})).await;
    }
    let first = realm.ok("ListUsers", json!({"MaxItems": 2})).await;
    realm.ok("DeleteUser", json!({"UserName": "b"})).await;
    let second = realm.ok("ListUsers", json!({"MaxItems": 2, "Marker": first["Marker"]})).await;
    let names: Vec<_> = second["Users"].as_array().unwrap().iter().map(|user| &user["UserName"]).collect();
    assert_eq!(names, ["c", "d"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a name is, it is either refused or found again under every spelling, and shown as it was given.
    #[test]
    fn a_name_is_refused_or_found_again(name in "[ -~]{0,70}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let realm = Realm::new().await;
            if realm.call("CreateUser", json!({"UserName": name})).await.status == 200 {
                for spelling in [name.to_ascii_lowercase(), name.to_ascii_uppercase()] {
                    let found = realm.ok("GetUser", json!({"UserName": spelling})).await;
                    assert_eq!(found["User"]["UserName"], name);
                }
            }
        });
    }
}
