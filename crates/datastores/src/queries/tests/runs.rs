//! What becomes of queries: ends, limits, cancelling, stops of the server.

use std::time::Duration;

use serde_json::{Value, json};

use super::{STORE, World, place};
use crate::queries::{Status, limits};

/// A statement that takes longer than any test.
fn endless() -> String {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let stores: Vec<_> = names.iter().map(|name| format!("{STORE} {name}")).collect();
    format!("SELECT count(a.eventID || b.eventID || l.eventID) FROM {}", stores.join(" CROSS JOIN "))
}

/// A statement whose last join lets nothing pass, after looking for hours.
fn fruitless() -> String {
    let names = ["b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    let stores: Vec<_> = names.iter().map(|name| format!("{STORE} {name}")).collect();
    let product = format!("SELECT b.eventID || k.eventID AS ids FROM {}", stores.join(" CROSS JOIN "));
    format!("SELECT count(*) FROM {STORE} a JOIN ({product}) p ON length(a.eventID) > length(p.ids)")
}

/// A statement with a billion rows.
fn huge() -> String {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let stores: Vec<_> = names.iter().map(|name| format!("{STORE} {name}")).collect();
    format!("SELECT a.eventID, b.eventID FROM {}", stores.join(" CROSS JOIN "))
}

#[tokio::test]
async fn a_billion_rows_end_at_the_limit_and_leave_nothing() {
    let world = World::with_limits(keeptrail_sql::Limits { result_rows: 100_000, ..limits() }).await;
    let jobs = world.jobs();
    let id = world.start(&huge()).await;
    world.settle(&jobs).await;
    let described = world.ok("DescribeQuery", json!({"QueryId": id})).await;
    assert_eq!(described["QueryStatus"], "FAILED");
    assert!(described["ErrorMessage"].as_str().unwrap().contains("more than 100000 rows"), "{described}");
    let results = world.ok("GetQueryResults", json!({"QueryId": id})).await;
    assert_eq!((&results["QueryStatus"], &results["QueryResultRows"]), (&json!("FAILED"), &json!([])));
    assert_eq!(world.files(), 0);
    jobs.drain().await;
}

#[tokio::test]
async fn a_query_that_runs_too_long_times_out() {
    let world = World::new().await;
    let jobs = world.jobs();
    let id = world.start(&endless()).await;
    world.until(&id, "RUNNING").await;
    // In small steps: the hour begins when the query's thread does, and the query is forgotten after a week.
    let described = loop {
        world.rig.time.advance(Duration::from_secs(10));
        let described = world.ok("DescribeQuery", json!({"QueryId": id})).await;
        if described["QueryStatus"] != "RUNNING" {
            break described;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(described["QueryStatus"], "TIMED_OUT");
    let results = world.ok("GetQueryResults", json!({"QueryId": id})).await;
    assert_eq!(results["QueryResultRows"], json!([]));
    world.settle(&jobs).await;
    jobs.drain().await;
}

#[tokio::test]
async fn a_fault_in_the_data_fails_the_query_with_its_reason() {
    let world = World::new().await;
    let jobs = world.jobs();
    let id = world.start(&format!("SELECT cast(eventName AS bigint) FROM {STORE}")).await;
    world.settle(&jobs).await;
    let described = world.ok("DescribeQuery", json!({"QueryId": id})).await;
    assert_eq!(described["QueryStatus"], "FAILED");
    assert!(described["ErrorMessage"].as_str().unwrap().contains("GetSecretValue"), "{described}");
    jobs.drain().await;
}

#[tokio::test]
async fn a_running_query_is_cancelled_and_what_has_ended_is_not() {
    let world = World::new().await;
    let jobs = world.jobs();
    for statement in [endless(), fruitless()] {
        let id = world.start(&statement).await;
        world.until(&id, "RUNNING").await;
        let cancelled = world.ok("CancelQuery", json!({"QueryId": id})).await;
        assert_eq!(cancelled["QueryStatus"], "CANCELLED");
        world.settle(&jobs).await;
        let results = world.ok("GetQueryResults", json!({"QueryId": id})).await;
        assert_eq!((&results["QueryStatus"], &results["QueryResultRows"]), (&json!("CANCELLED"), &json!([])));
        assert_eq!(world.files(), 0, "what was written goes");
        assert_eq!(world.call("CancelQuery", json!({"QueryId": id})).await.code(), "InactiveQueryException");
    }
    jobs.drain().await;
}

#[tokio::test]
async fn ten_queries_of_an_account_are_active_at_most() {
    let world = World::new().await;
    let statement = format!("SELECT eventID FROM {STORE}");
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(world.start(&statement).await);
    }
    let refused = world.call("StartQuery", json!({"QueryStatement": statement})).await;
    assert_eq!(refused.code(), "MaxConcurrentQueriesException");
    world.ok("CancelQuery", json!({"QueryId": ids[0]})).await;
    ids.push(world.start(&statement).await);

    let jobs = world.jobs();
    world.settle(&jobs).await;
    for (index, id) in ids.iter().enumerate() {
        let described = world.ok("DescribeQuery", json!({"QueryId": id})).await;
        assert_eq!(described["QueryStatus"], if index == 0 { "CANCELLED" } else { "FINISHED" });
    }
    jobs.drain().await;
}

#[tokio::test]
async fn after_a_restart_results_are_there_waiting_queries_run_and_interrupted_ones_have_failed() {
    let world = World::new().await;
    let jobs = world.jobs();
    let done = world.start(&format!("SELECT eventID FROM {STORE}")).await;
    world.settle(&jobs).await;
    jobs.drain().await;
    let waiting = world.start(&format!("SELECT eventID FROM {STORE} LIMIT 3")).await;
    let interrupted = world.start(&format!("SELECT eventID FROM {STORE}")).await;
    let interrupted_at = place(&interrupted);
    let running = world.queries.change(&interrupted_at, |query| {
        query.status = Status::Running;
        true
    });
    running.await.unwrap();

    let world = world.restarted().await;
    let jobs = world.jobs();
    world.settle(&jobs).await;
    let rows = async |id: &str| {
        let results = world.ok("GetQueryResults", json!({"QueryId": id})).await;
        results["QueryResultRows"].as_array().map(Vec::len)
    };
    assert_eq!((rows(&done).await, rows(&waiting).await), (Some(10), Some(3)));
    let described = world.ok("DescribeQuery", json!({"QueryId": interrupted})).await;
    assert_eq!(described["QueryStatus"], "FAILED");
    assert_eq!(described["ErrorMessage"], "The server stopped while the query ran. Start it again.");
    jobs.drain().await;
}

#[tokio::test]
async fn queries_and_their_results_go_after_seven_days() {
    let world = World::new().await;
    let jobs = world.jobs();
    let old = world.start(&format!("SELECT eventID FROM {STORE}")).await;
    world.settle(&jobs).await;
    let day = Duration::from_secs(86_400);
    world.rig.advance(&jobs, day).await;
    let young = world.start(&format!("SELECT eventID FROM {STORE}")).await;
    world.settle(&jobs).await;
    assert_eq!(world.files(), 2);

    world.rig.advance(&jobs, day * 6).await;
    world.settle(&jobs).await;
    assert_eq!(world.call("GetQueryResults", json!({"QueryId": old})).await.code(), "QueryIdNotFoundException");
    let listed = world.ok("ListQueries", json!({"EventDataStore": STORE})).await;
    let ids: Vec<&Value> = listed["Queries"].as_array().unwrap().iter().map(|query| &query["QueryId"]).collect();
    assert_eq!((ids, world.files()), (vec![&json!(young)], 1));
    world.rig.advance(&jobs, day).await;
    world.settle(&jobs).await;
    assert_eq!(world.files(), 0);
    jobs.drain().await;
}
