use datafusion::logical_expr::{col, lit};
use keeptrail_sql::functions::map_get::map_get;

use super::*;

async fn filled(rig: &Rig) -> (Lake, EventStore) {
    let (lake, store) = rig.start().await;
    append(&lake, &store, (0..200).map(|number| record(number, number as i64 * 1_000)).collect()).await.unwrap();
    store.follow(1, &mut batch((200..210).map(|number| record(number, number as i64 * 1_000)))).unwrap();
    (lake, store)
}

#[tokio::test]
async fn files_and_tail_answer_as_one_table() {
    let rig = Rig::new();
    let (_lake, store) = filled(&rig).await;
    for (query, expected) in [
        ("SELECT count(*) FROM events", 210),
        ("SELECT count(*) FROM events WHERE eventname = 'GetSecretValue'", 105),
        ("SELECT count(*) FROM events WHERE eventtime >= timestamp '2023-07-11 00:00:00'", 166),
        (
            "SELECT count(*) FROM events WHERE eventtime BETWEEN timestamp '2023-07-10 12:00:00' AND timestamp '2023-07-10 13:00:00'",
            4,
        ),
        ("SELECT count(*) FROM events WHERE useridentity['arn'] LIKE '%u1'", 70),
        ("SELECT count(*) FROM events WHERE eventid = '00000000-0000-4000-8000-0000000000cd'", 1),
        ("SELECT count(*) FROM events WHERE eventid = '00000000-0000-4000-8000-00000000ffff'", 0),
        ("SELECT count(DISTINCT useridentity['username']) FROM events", 3),
    ] {
        assert_eq!(one(&store, query).await, json!(expected), "{query}");
    }
}

#[tokio::test]
async fn what_a_search_column_answers_is_rewritten_to_it_with_the_same_answer() {
    let rig = Rig::new();
    let (_lake, store) = filled(&rig).await;
    let context = context(&store);
    let secret = map_get(col("requestparameters"), lit("secretId"));
    let frame = context.table("events").await.unwrap();
    let frame = frame.filter(secret.clone().eq(lit("ethos/3"))).unwrap().select(vec![secret, col("eventid")]).unwrap();
    let names: Vec<_> = frame.schema().fields().iter().map(|field| field.name().clone()).collect();
    let plan = frame.clone().into_optimized_plan().unwrap().to_string();
    assert!(plan.contains("TableScan: events projection=[eventid, _secret_id]"), "the map is not read: {plan}");
    let rows = frame.collect().await.unwrap();
    assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), 42);
    let found: Vec<_> = rows[0].schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(found, names, "columns keep their names");

    for key in ["secretid", "SecretId", "name"] {
        let other = context
            .table("events")
            .await
            .unwrap()
            .filter(map_get(col("requestparameters"), lit(key)).eq(lit("ethos/3")))
            .unwrap();
        assert_eq!(other.count().await.unwrap(), 0, "keys keep their case: {key}");
    }
}

#[tokio::test]
async fn another_useridentity_is_not_taken_for_the_tables_own() {
    let rig = Rig::new();
    let (_lake, store) = filled(&rig).await;
    let query = "SELECT count(*) FROM (SELECT named_struct('arn', 'x') AS useridentity, _user_arn FROM events) s WHERE s.useridentity['arn'] = 'x'";
    assert_eq!(one(&store, query).await, json!(210));
}

#[tokio::test]
async fn page_indexes_are_kept_with_the_files_metadata() {
    let rig = Rig::new();
    let (_lake, store) = filled(&rig).await;
    let context = context(&store);
    context.sql("SELECT eventid FROM events WHERE eventname = 'x'").await.unwrap().collect().await.unwrap();
    let kept = context.runtime_env().cache_manager.get_file_metadata_cache().list_entries();
    assert_eq!(kept.len(), rig.files());
    for entry in kept.values() {
        assert_eq!(entry.value.file_metadata.extra_info()["page_index"], "true");
    }
}

#[tokio::test]
async fn files_outside_the_time_are_not_opened() {
    let rig = Rig::new();
    let (_lake, store) = filled(&rig).await;
    let first = store.files()[0].clone();
    std::fs::remove_file(store.directory().join(first.path())).unwrap();
    let query = "SELECT count(*) FROM events WHERE eventtime > timestamp '2023-07-12 00:00:00'";
    assert_eq!(one(&store, query).await, json!(210 - 130));
}
