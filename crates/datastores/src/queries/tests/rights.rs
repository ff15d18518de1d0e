//! A statement reaches the stores that its caller may read, and nothing else.

use keeptrail_testkit::user;
use serde_json::{Value, json};

use super::{OTHER, STORE, World, arn, stranger};

fn may_ask(store: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "cloudtrail:*", "Resource": arn(store)}]})
        .to_string()
}

#[tokio::test]
async fn every_store_of_a_statement_must_be_allowed() {
    let world = World::new().await;
    let jobs = world.jobs();
    let reader = || user("reader", &may_ask(STORE));
    let start = async |statement: &str| {
        world.rig.call_as(reader(), &world.service, "StartQuery", &json!({"QueryStatement": statement})).await
    };
    for statement in [
        format!("SELECT eventID FROM {OTHER}"),
        format!("SELECT eventID FROM {STORE} UNION ALL SELECT eventID FROM {OTHER}"),
        format!("SELECT eventID FROM {STORE} WHERE eventID IN (SELECT eventID FROM {OTHER})"),
        format!("WITH a AS (SELECT eventID FROM {OTHER}) SELECT a.eventID FROM {STORE} CROSS JOIN a"),
        format!("SELECT (SELECT max(eventID) FROM \"{OTHER}\") FROM {STORE}"),
    ] {
        let refused = start(&statement).await;
        assert_eq!(refused.code(), "AccessDeniedException", "{statement}");
        assert!(refused.message().contains(&arn(OTHER)), "{}", refused.message());
        let record = world.rig.last_record().await;
        assert_eq!((&record["errorCode"], &record["requestParameters"]), (&json!("AccessDenied"), &Value::Null));
    }
    // A name that WITH gives is no store, and hides none.
    let hidden = format!("WITH \"{OTHER}\" AS (SELECT 1 x) SELECT (SELECT count(*) FROM \"{OTHER}\") FROM {STORE}");
    let hidden = start(&hidden);
    let id = hidden.await.body["QueryId"].as_str().unwrap().to_owned();
    world.settle(&jobs).await;
    let results = world.rig.call_as(reader(), &world.service, "GetQueryResults", &json!({"QueryId": id})).await;
    assert_eq!(results.body["QueryResultRows"][0][0]["_col0"], "1");
    let outside =
        format!("SELECT 1 FROM (WITH \"{OTHER}\" AS (SELECT 1 x) SELECT x FROM {STORE}) CROSS JOIN \"{OTHER}\"");
    assert_eq!(start(&outside).await.code(), "InvalidQueryStatementException");

    let both = world.start(&format!("SELECT 1 FROM {STORE} UNION ALL SELECT 2 FROM {OTHER}")).await;
    for operation in ["GetQueryResults", "DescribeQuery", "CancelQuery"] {
        let refused = world.rig.call_as(reader(), &world.service, operation, &json!({"QueryId": both})).await;
        assert_eq!(refused.code(), "AccessDeniedException", "{operation}");
        let unknown = json!({"QueryId": "00000000-0000-4000-8000-000000000000"});
        let unknown = world.rig.call_as(reader(), &world.service, operation, &unknown).await;
        assert_eq!(unknown.code(), "AccessDeniedException", "{operation}: who may not ask learns nothing");
    }
    jobs.drain().await;
}

#[tokio::test]
async fn another_accounts_store_and_queries_are_not_there() {
    let world = World::new().await;
    let id = world.start(&format!("SELECT 1 FROM {STORE}")).await;
    let statement = json!({"QueryStatement": format!("SELECT eventID FROM {STORE}")});
    let refused = world.rig.call_as(stranger(), &world.service, "StartQuery", &statement).await;
    assert_eq!(refused.code(), "EventDataStoreNotFoundException");
    for name in [arn(STORE), format!("other.{STORE}"), "events".to_owned(), "information_schema.tables".to_owned()] {
        let quoted = json!({"QueryStatement": format!("SELECT 1 FROM \"{name}\"")});
        for caller in [keeptrail_testkit::root(), stranger()] {
            let refused = world.rig.call_as(caller, &world.service, "StartQuery", &quoted).await;
            assert_eq!(refused.code(), "EventDataStoreNotFoundException", "{name}");
        }
    }
    for operation in ["GetQueryResults", "DescribeQuery", "CancelQuery"] {
        let refused = world.rig.call_as(stranger(), &world.service, operation, &json!({"QueryId": id})).await;
        assert_eq!(refused.code(), "QueryIdNotFoundException", "{operation}");
    }
    let owner =
        json!({"QueryStatement": format!("SELECT 1 FROM {STORE}"), "EventDataStoreOwnerAccountId": "999999999999"});
    assert_eq!(world.call("StartQuery", owner).await.code(), "UnsupportedOperationException");
}

#[tokio::test]
async fn a_store_that_is_pending_deletion_gives_no_rows() {
    let world = World::new().await;
    let jobs = world.jobs();
    let statement = format!("SELECT eventID FROM {STORE}");
    let id = world.start(&statement).await;
    world.settle(&jobs).await;
    world.add_store(STORE, json!("2026-03-01T12:00:00Z")).await;

    assert_eq!(
        world.call("StartQuery", json!({"QueryStatement": statement})).await.code(),
        "InactiveEventDataStoreException"
    );
    for operation in ["GetQueryResults", "DescribeQuery"] {
        let refused = world.call(operation, json!({"QueryId": id})).await;
        assert_eq!(refused.code(), "InactiveEventDataStoreException", "{operation}");
    }
    world.add_store(STORE, Value::Null).await;
    let restored = world.ok("GetQueryResults", json!({"QueryId": id})).await;
    assert_eq!(restored["QueryResultRows"].as_array().unwrap().len(), 10);
    jobs.drain().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_statement_is_told_with_its_place() {
    let world = World::new().await;
    let long = format!("SELECT 1 FROM {STORE} --{}", "x".repeat(10_000));
    for (input, code, text) in [
        (json!({"QueryStatement": "SELECT 1 FROM <eds-id>"}), "InvalidQueryStatementException", "line 1, column 15"),
        (
            json!({"QueryStatement": format!("SELECT nothing FROM {STORE}")}),
            "InvalidQueryStatementException",
            "line 1, column 8",
        ),
        (json!({"QueryStatement": format!("DELETE FROM {STORE}")}), "InvalidQueryStatementException", "only SELECT"),
        (json!({"QueryStatement": "SELECT 1"}), "InvalidQueryStatementException", "asks no event data store"),
        (json!({"QueryStatement": long}), "InvalidQueryStatementException", "10000 characters"),
        (json!({"QueryStatement": ""}), "InvalidParameterException", "QueryStatement"),
        (json!({}), "InvalidParameterException", "QueryStatement"),
        (json!({"QueryAlias": "dashboard"}), "UnsupportedOperationException", "dashboards"),
    ] {
        let refused = world.call("StartQuery", input.clone()).await;
        assert_eq!(refused.code(), code, "{input}");
        assert!(refused.message().contains(text), "{input}: {}", refused.message());
    }
    assert_eq!(world.call("DescribeQuery", json!({"QueryAlias": "x"})).await.code(), "UnsupportedOperationException");
    assert_eq!(world.call("DescribeQuery", json!({})).await.code(), "InvalidParameterException");
}
