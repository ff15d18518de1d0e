//! The operations.

use keeptrail_testkit::{ACCOUNT, START, user};
use serde_json::{Value, json};

use super::fixture::{DAY, Stage, id, stranger};

/// What a bare store is made of.
#[tokio::test]
async fn a_store_is_made_with_the_defaults_of_aws_and_told_on_the_record() {
    let stage = Stage::new().await;
    let made = stage.ok("CreateEventDataStore", json!({"Name": "ethos-lake"})).await;
    let arn = made["EventDataStoreArn"].as_str().unwrap();
    assert!(arn.starts_with(&format!("arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/")), "{arn}");
    insta::assert_json_snapshot!(made, {".EventDataStoreArn" => "[arn]"});
    insta::assert_json_snapshot!(stage.rig.last_record().await, {
        ".eventID" => "[id]", ".requestID" => "[id]", ".responseElements.eventDataStoreArn" => "[arn]",
    });

    let shown = stage.ok("GetEventDataStore", json!({"EventDataStore": arn})).await;
    assert_eq!(stage.ok("GetEventDataStore", json!({"EventDataStore": id(arn)})).await, shown, "by id");
    insta::assert_json_snapshot!(shown, {".EventDataStoreArn" => "[arn]"});
    let listed = stage.ok("ListEventDataStores", json!({})).await;
    assert_eq!(listed, json!({"EventDataStores": [{"EventDataStoreArn": arn, "Name": "ethos-lake"}]}));
}

#[tokio::test]
async fn settings_are_kept_and_bad_ones_refused_in_words() {
    let stage = Stage::new().await;
    let selectors = json!([{"Name": "reads", "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventName", "Equals": ["GetSecretValue"]},
    ]}]);
    let made = stage
        .ok("CreateEventDataStore", json!({
            "Name": "reads", "AdvancedEventSelectors": selectors, "MultiRegionEnabled": false, "RetentionPeriod": 90,
            "TerminationProtectionEnabled": false, "BillingMode": "FIXED_RETENTION_PRICING", "StartIngestion": false,
            "TagsList": [{"Key": "team", "Value": "ethos"}], "OrganizationEnabled": false,
        }))
        .await;
    assert_eq!(made["AdvancedEventSelectors"], selectors);
    assert_eq!((&made["Status"], &made["RetentionPeriod"]), (&json!("STOPPED_INGESTION"), &json!(90)));
    assert_eq!(made["TagsList"], json!([{"Key": "team", "Value": "ethos"}]));
    let fixed =
        stage.ok("CreateEventDataStore", json!({"Name": "fix", "BillingMode": "FIXED_RETENTION_PRICING"})).await;
    assert_eq!(fixed["RetentionPeriod"], 2557);

    let foreign = json!([{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Insight"]}]}]);
    let six = vec![json!({"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}); 6];
    let many: Vec<_> = (0..51).map(|number| json!({"Key": format!("k{number}")})).collect();
    for (input, code, text) in [
        (json!({"Name": "ab"}), "InvalidParameterException", "3 to 128 letters"),
        (json!({"Name": "a b c"}), "InvalidParameterException", "3 to 128 letters"),
        (json!({"Name": "reads"}), "EventDataStoreAlreadyExistsException", "reads already exists"),
        (json!({"Name": "abc", "RetentionPeriod": 6}), "InvalidParameterException", "7 to 3653 days"),
        (json!({"Name": "abc", "RetentionPeriod": 3654}), "InvalidParameterException", "7 to 3653 days"),
        (
            json!({"Name": "abc", "RetentionPeriod": 2558, "BillingMode": "FIXED_RETENTION_PRICING"}),
            "InvalidParameterException",
            "7 to 2557 days",
        ),
        (json!({"Name": "abc", "AdvancedEventSelectors": foreign}), "UnsupportedOperationException", "Insight"),
        (json!({"Name": "abc", "AdvancedEventSelectors": six}), "InvalidEventSelectorsException", "at most five"),
        (
            json!({"Name": "abc", "AdvancedEventSelectors": [{"FieldSelectors": []}]}),
            "InvalidEventSelectorsException",
            "eventCategory is required",
        ),
        (json!({"Name": "abc", "KmsKeyId": "alias/lake"}), "UnsupportedOperationException", "KmsKeyId"),
        (json!({"Name": "abc", "OrganizationEnabled": true}), "UnsupportedOperationException", "OrganizationEnabled"),
        (json!({"Name": "abc", "TagsList": many}), "TagsLimitExceededException", "at most 50"),
        (json!({"Name": "abc", "TagsList": [{"Key": ""}]}), "InvalidTagParameterException", "1 to 128"),
    ] {
        let answer = stage.call("CreateEventDataStore", input.clone()).await;
        assert_eq!(answer.code(), code, "{input}: {}", answer.body);
        assert!(answer.message().contains(text), "{input}: {}", answer.message());
    }
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let stage = Stage::new().await;
    let arn = stage.store("lake", json!({})).await;
    let other = stage.store("other", json!({})).await;
    stage.rig.time.advance(DAY);
    let update = |more: Value| {
        let mut input = json!({"EventDataStore": arn});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let wanted = json!({"Name": "better", "RetentionPeriod": 7, "TerminationProtectionEnabled": true, "MultiRegionEnabled": false});
    let updated = stage.ok("UpdateEventDataStore", update(wanted)).await;
    insta::assert_json_snapshot!(updated, {".EventDataStoreArn" => "[arn]"});
    assert_eq!(stage.ok("GetEventDataStore", json!({"EventDataStore": arn})).await, updated);

    for (input, code) in [
        (update(json!({"Name": "other"})), "EventDataStoreAlreadyExistsException"),
        (update(json!({"RetentionPeriod": 1})), "InvalidParameterException"),
        (update(json!({"BillingMode": "FIXED_RETENTION_PRICING"})), "InvalidParameterException"),
        (update(json!({"AdvancedEventSelectors": []})), "InvalidEventSelectorsException"),
        (update(json!({"KmsKeyId": "alias/lake"})), "UnsupportedOperationException"),
    ] {
        let answer = stage.call("UpdateEventDataStore", input.clone()).await;
        assert_eq!(answer.code(), code, "{input}: {}", answer.body);
    }
    assert_eq!(
        stage.ok("UpdateEventDataStore", update(json!({"Name": "better"}))).await["Name"],
        "better",
        "its own name"
    );
    stage.ok("DeleteEventDataStore", json!({"EventDataStore": other})).await;
    assert_eq!(
        stage.ok("UpdateEventDataStore", update(json!({"Name": "other"}))).await["Name"],
        "other",
        "a free name"
    );
}

#[tokio::test]
async fn a_protected_store_stays_and_a_deleted_one_can_be_restored() {
    let stage = Stage::new().await;
    let made = stage.ok("CreateEventDataStore", json!({"Name": "lake"})).await;
    let store = json!({"EventDataStore": made["EventDataStoreArn"]});
    let refused = stage.call("DeleteEventDataStore", store.clone()).await;
    assert_eq!(refused.code(), "EventDataStoreTerminationProtectedException");
    let unprotected = json!({"EventDataStore": made["EventDataStoreArn"], "TerminationProtectionEnabled": false});
    stage.ok("UpdateEventDataStore", unprotected).await;
    stage.ok("DeleteEventDataStore", store.clone()).await;

    let status = async || stage.ok("GetEventDataStore", store.clone()).await["Status"].clone();
    assert_eq!(status().await, "PENDING_DELETION");
    for operation in ["DeleteEventDataStore", "UpdateEventDataStore"] {
        assert_eq!(stage.call(operation, store.clone()).await.code(), "InactiveEventDataStoreException", "{operation}");
    }
    for operation in ["StartEventDataStoreIngestion", "StopEventDataStoreIngestion"] {
        let answer = stage.call(operation, store.clone()).await;
        assert_eq!(answer.code(), "InvalidEventDataStoreStatusException", "{operation}");
    }
    let restored = stage.ok("RestoreEventDataStore", store.clone()).await;
    assert_eq!((&restored["Status"], status().await), (&json!("ENABLED"), json!("ENABLED")));
    let again = stage.call("RestoreEventDataStore", store.clone()).await;
    assert_eq!(again.code(), "InvalidEventDataStoreStatusException");

    stage.ok("StopEventDataStoreIngestion", store.clone()).await;
    assert_eq!(status().await, "STOPPED_INGESTION");
    assert_eq!(
        stage.call("StopEventDataStoreIngestion", store.clone()).await.code(),
        "InvalidEventDataStoreStatusException"
    );
    stage.rig.time.advance(DAY);
    stage.ok("DeleteEventDataStore", store.clone()).await;
    let restored = stage.ok("RestoreEventDataStore", store.clone()).await;
    assert_eq!(restored["Status"], "STOPPED_INGESTION", "it is as it was");
    stage.ok("StartEventDataStoreIngestion", store.clone()).await;
    assert_eq!(status().await, "ENABLED");
    assert_eq!(stage.call("StartEventDataStoreIngestion", store).await.code(), "InvalidEventDataStoreStatusException");
}

#[tokio::test]
async fn the_name_of_a_deleted_store_is_free_and_it_comes_back_only_while_it_is() {
    let stage = Stage::new().await;
    let first = stage.store("lake", json!({})).await;
    stage.ok("DeleteEventDataStore", json!({"EventDataStore": first})).await;
    let second = stage.store("lake", json!({})).await;
    let refused = stage.call("RestoreEventDataStore", json!({"EventDataStore": first})).await;
    assert_eq!(refused.code(), "EventDataStoreAlreadyExistsException");
    stage.ok("UpdateEventDataStore", json!({"EventDataStore": second, "Name": "new"})).await;
    stage.ok("RestoreEventDataStore", json!({"EventDataStore": first})).await;
}

#[tokio::test]
async fn there_are_ten_stores_at_most_and_pages_of_them() {
    let stage = Stage::new().await;
    let mut arns = Vec::new();
    for number in 0..10 {
        arns.push(stage.store(&format!("lake-{number}"), json!({})).await);
    }
    arns.sort();
    let refused = stage.call("CreateEventDataStore", json!({"Name": "one-more"})).await;
    assert_eq!(refused.code(), "EventDataStoreMaxLimitExceededException");

    let (mut found, mut input, mut pages) = (Vec::new(), json!({"MaxResults": 4}), 0);
    loop {
        let page = stage.ok("ListEventDataStores", input.clone()).await;
        pages += 1;
        let stores = page["EventDataStores"].as_array().unwrap();
        found.extend(stores.iter().map(|store| store["EventDataStoreArn"].as_str().unwrap().to_owned()));
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!((found, pages), (arns.clone(), 3));
    for (input, code) in [
        (json!({"MaxResults": 0}), "InvalidMaxResultsException"),
        (json!({"MaxResults": 1001}), "InvalidMaxResultsException"),
        (json!({"NextToken": "no token!"}), "InvalidNextTokenException"),
    ] {
        assert_eq!(stage.call("ListEventDataStores", input).await.code(), code);
    }

    stage.ok("DeleteEventDataStore", json!({"EventDataStore": arns[0]})).await;
    stage.store("one-more", json!({})).await;
    let refused = stage.call("RestoreEventDataStore", json!({"EventDataStore": arns[0]})).await;
    assert_eq!(refused.code(), "EventDataStoreMaxLimitExceededException");
}

#[tokio::test]
async fn another_accounts_store_is_not_found_and_neither_is_garbage() {
    let stage = Stage::new().await;
    let arn = stage.store("lake", json!({})).await;
    for operation in [
        "GetEventDataStore",
        "UpdateEventDataStore",
        "DeleteEventDataStore",
        "RestoreEventDataStore",
        "StartEventDataStoreIngestion",
        "StopEventDataStoreIngestion",
    ] {
        for name in [arn.as_str(), id(&arn)] {
            let input = json!({"EventDataStore": name});
            let answer = stage.rig.call_as(stranger(), &stage.service, operation, &input).await;
            assert_eq!(answer.code(), "EventDataStoreNotFoundException", "{operation} {name}: {}", answer.body);
        }
        for (name, code) in [
            ("ee54f226-431d-4b5a-8e4c-000000000000", "EventDataStoreNotFoundException"),
            (&arn.replace("us-east-1", "eu-west-1"), "EventDataStoreNotFoundException"),
            ("arn:aws:cloudtrail:us-east-1:123456789012:trail/lake", "EventDataStoreARNInvalidException"),
        ] {
            let answer = stage.call(operation, json!({"EventDataStore": name})).await;
            assert_eq!(answer.code(), code, "{operation} {name}: {}", answer.body);
        }
    }
    let listed = stage.rig.call_as(stranger(), &stage.service, "ListEventDataStores", &json!({})).await;
    assert_eq!(listed.body, json!({"EventDataStores": []}));
}

#[tokio::test]
async fn rights_are_asked_on_the_stores_arn() {
    let stage = Stage::new().await;
    let (mine, other) = (stage.store("mine", json!({})).await, stage.store("other", json!({})).await);
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "cloudtrail:GetEventDataStore", "Resource": mine},
    ]});
    let alice = || user("alice", &policy.to_string());
    let get = async |name: &str| {
        let input = json!({"EventDataStore": name});
        stage.rig.call_as(alice(), &stage.service, "GetEventDataStore", &input).await
    };
    assert_eq!(get(&mine).await.status, 200);
    assert_eq!(get(id(&mine)).await.status, 200);
    let refused = get(&other).await;
    assert_eq!(refused.code(), "AccessDeniedException");
    assert!(refused.message().contains(&format!("on resource: {other}")), "{}", refused.message());
    let record = stage.rig.last_record().await;
    assert_eq!((&record["errorCode"], &record["eventName"]), (&json!("AccessDenied"), &json!("GetEventDataStore")));
    assert_eq!(record["eventTime"], START);
}

#[tokio::test]
async fn a_denial_of_a_store_holds_in_whatever_case_its_id_is_written() {
    let stage = Stage::new().await;
    let (mine, other) = (stage.store("mine", json!({})).await, stage.store("other", json!({})).await);
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "cloudtrail:GetEventDataStore", "Resource": mine},
    ]});
    let get = async |name: &str| {
        let input = json!({"EventDataStore": name});
        let alice = user("alice", &policy.to_string());
        stage.rig.call_as(alice, &stage.service, "GetEventDataStore", &input).await
    };
    let upper = id(&mine).to_uppercase();
    for name in [id(&mine), &upper, &mine.replace(id(&mine), &upper)] {
        assert_eq!(get(name).await.code(), "AccessDeniedException", "{name}");
    }
    let upper = id(&other).to_uppercase();
    assert_eq!(get(&upper).await.body["EventDataStoreArn"], other);
    let nowhere = other.replace("cloudtrail:us-east-1", "cloudtrail:US-EAST-1");
    assert_eq!(get(&nowhere).await.code(), "EventDataStoreNotFoundException");
}
