//! What a query may take.

use std::time::Duration;

use keeptrail_sql::{Canceller, ErrorKind, Limits};

use crate::fixture::{EDS, OTHER, lake, lake_within};

/// The fixture's events, multiplied.
const MANY: &str = "$EDS a CROSS JOIN UNNEST(sequence(1, 200)) AS s (n) CROSS JOIN UNNEST(sequence(1, 200)) AS t (k) CROSS JOIN UNNEST(sequence(1, 200)) AS u (m)";

fn limits() -> Limits {
    Limits { parallelism: 2, ..Limits::default() }
}

#[tokio::test]
async fn a_billion_rows_are_not_given() {
    let lake = lake_within(Limits { result_rows: 50_000, ..limits() });

    let error = lake.refusal(&format!("SELECT m FROM {MANY}")).await;

    assert_eq!(error.kind, ErrorKind::ResultTooLarge);
    assert_eq!(error.message, "the result has more than 50000 rows; add LIMIT or conditions");
}

#[tokio::test]
async fn a_large_result_is_not_given() {
    let lake = lake_within(Limits { result_bytes: 1 << 20, ..limits() });

    let error = lake.refusal(&format!("SELECT a.eventJson, m FROM {MANY}")).await;

    assert_eq!(error.kind, ErrorKind::ResultTooLarge);
}

#[tokio::test]
async fn memory_and_disk_are_bounded() {
    let lake = lake_within(Limits { memory_bytes: 1 << 20, spill_bytes: 1 << 20, ..limits() });

    let error = lake
        .refusal("SELECT n, array_agg(eventJson) FROM $EDS CROSS JOIN UNNEST(sequence(1, 10000)) AS s (n) GROUP BY n")
        .await;

    assert_eq!(error.kind, ErrorKind::OutOfMemory, "{error}");
}

#[tokio::test]
async fn a_sort_larger_than_memory_goes_to_disk() {
    let lake = lake_within(Limits { memory_bytes: 144 << 20, ..limits() });

    let rows = lake
        .answer("SELECT x FROM (SELECT eventJson || cast(n as varchar) AS x FROM $EDS CROSS JOIN (SELECT n FROM UNNEST(sequence(1, 20000)) AS s (n))) ORDER BY x DESC OFFSET 119998")
        .await;

    assert_eq!(rows.len(), 2);
}

#[tokio::test]
async fn no_time_is_no_answer() {
    let lake = lake_within(Limits { time: Duration::ZERO, ..limits() });

    assert_eq!(lake.refusal("SELECT 1").await.kind, ErrorKind::TimedOut);
}

#[tokio::test]
async fn an_answer_that_is_dropped_is_cancelled() {
    let lake = lake();
    let mut answer = lake.query(&format!("SELECT m FROM {MANY}")).await.unwrap();

    let first = answer.next_batch().await.unwrap();

    assert!(first.is_some_and(|batch| batch.num_rows() > 0));
    drop(answer);
    assert_eq!(lake.answer("SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn statistics_count_rows() {
    let lake = lake();
    let mut answer = lake.query("SELECT eventID FROM $EDS WHERE readOnly").await.unwrap();
    while answer.next_batch().await.unwrap().is_some() {}

    assert_eq!(answer.statistics().rows, 4);
}

#[tokio::test]
async fn a_statement_has_a_length() {
    let long = format!("SELECT '{}'", "x".repeat(10_000));

    assert_eq!(lake().refusal(&long).await.message, "the statement is longer than 10000 characters");
}

#[tokio::test]
async fn deep_expressions_are_refused_and_do_not_overflow_the_stack() {
    let lake = lake_within(Limits { statement_chars: 1 << 20, ..limits() });
    for statement in [
        format!("SELECT {}", vec!["1"; 20_000].join(" + ")),
        format!("SELECT {}1", "- ".repeat(20_000)),
        format!("SELECT {}1{}", "abs(".repeat(5_000), ")".repeat(5_000)),
        format!("SELECT CASE {}", "WHEN 1 = 1 THEN CASE ".repeat(5_000)),
        format!("SELECT {}", "CAST(".repeat(5_000)),
        format!("SELECT {} 1", "NOT ".repeat(5_000)),
        format!("SELECT {}", "(SELECT ".repeat(5_000)),
        format!("SELECT 1 {}", "UNION SELECT 1 ".repeat(5_000)),
        format!("SELECT * FROM {}", "(".repeat(5_000)),
        format!("SELECT x{}", ".y".repeat(20_000)),
        format!("SELECT x{}", "[1]".repeat(20_000)),
    ] {
        let kind = lake.refusal(&statement).await.kind;
        assert!(matches!(kind, ErrorKind::Invalid | ErrorKind::Unsupported), "{kind:?}");
    }
}

#[tokio::test]
async fn explain_shows_the_plan() {
    let lake = lake();
    let sql = format!(
        "SELECT eventID FROM {} WHERE requestParameters.secretId = 'x' AND eventTime > '2026-11-01'",
        crate::fixture::EDS
    );

    let plan = lake.engine.explain(&sql, &lake.stores).await.unwrap();

    assert!(plan.contains("map_get(") && plan.contains("Utf8(\"secretId\")"), "{plan}");
    assert!(plan.contains("eventtime > TimestampMillisecond("), "{plan}");
}

#[tokio::test]
async fn a_join_asks_whether_it_is_cancelled_before_it_gives_a_row() {
    let lake = lake();
    let canceller = Canceller::default();
    let statement = format!("SELECT count(*) FROM \"{EDS}\" a JOIN \"{OTHER}\" b ON a.eventID < b.eventID");
    let prepared = lake.engine.prepare(&statement, &lake.stores).await.unwrap().cancelled_by(&canceller);

    canceller.cancel();
    let error = lake.engine.run(prepared).await.unwrap().next_batch().await.unwrap_err();

    assert_eq!(error.kind, ErrorKind::Cancelled);
}
