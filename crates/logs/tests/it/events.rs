use keeptrail_clock::Random;
use keeptrail_logs::LogsError;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixture::{Desk, NOW, messages};

#[tokio::test]
async fn events_come_back_in_the_order_of_their_times_with_the_time_of_their_arrival() {
    let desk = Desk::with_stream().await;
    desk.put("s", &[(10, "b"), (20, "c")]).await;
    desk.put("s", &[(5, "a"), (20, "d")]).await;
    let page =
        desk.ok("GetLogEvents", json!({ "logGroupName": "g", "logStreamName": "s", "startFromHead": true })).await;
    assert_eq!(messages(&page), ["a", "b", "c", "d"]);
    assert_eq!(page["events"][0], json!({ "timestamp": NOW + 5, "message": "a", "ingestionTime": NOW }));
    assert!(page["nextForwardToken"].as_str().unwrap().starts_with("f/"));
    assert!(page["nextBackwardToken"].as_str().unwrap().starts_with("b/"));
}

#[tokio::test]
async fn times_bound_what_is_shown_and_the_two_operations_bound_it_as_on_aws() {
    let desk = Desk::with_stream().await;
    desk.put("s", &[(1, "a"), (2, "b"), (3, "c")]).await;
    let range = json!({ "logGroupName": "g", "logStreamName": "s", "startTime": NOW + 1, "endTime": NOW + 3 });
    assert_eq!(messages(&desk.ok("GetLogEvents", range).await), ["a", "b"], "the end is not included");
    let range = json!({ "logGroupName": "g", "startTime": NOW + 2, "endTime": NOW + 3 });
    assert_eq!(desk.filtered(range).await, ["b", "c"], "the end is included");
}

#[tokio::test]
async fn a_token_at_the_end_comes_back_as_it_was_sent_and_leads_on_to_later_events() {
    let desk = Desk::with_stream().await;
    let read = async |members: Value| {
        let mut input = json!({ "logGroupName": "g", "logStreamName": "s" });
        members.as_object().unwrap().iter().for_each(|(member, value)| input[member] = value.clone());
        desk.ok("GetLogEvents", input).await
    };
    let empty = read(json!({})).await;
    assert_eq!(messages(&empty), [""; 0]);
    desk.put("s", &[(1, "a"), (2, "b")]).await;
    let page = read(json!({ "nextToken": empty["nextForwardToken"] })).await;
    assert_eq!(messages(&page), ["a", "b"]);
    let end = read(json!({ "nextToken": page["nextForwardToken"] })).await;
    assert_eq!((messages(&end).len(), &end["nextForwardToken"]), (0, &page["nextForwardToken"]));
    assert_eq!(messages(&read(json!({ "nextToken": end["nextBackwardToken"] })).await), ["a", "b"]);
    let head = read(json!({ "nextToken": page["nextBackwardToken"] })).await;
    assert_eq!((messages(&head).len(), &head["nextBackwardToken"]), (0, &page["nextBackwardToken"]));
    assert_eq!(messages(&read(json!({ "nextToken": head["nextForwardToken"] })).await), ["a", "b"]);
    desk.put("s", &[(3, "c")]).await;
    assert_eq!(messages(&read(json!({ "nextToken": end["nextForwardToken"] })).await), ["c"]);

    desk.ok("CreateLogStream", json!({ "logGroupName": "g", "logStreamName": "t" })).await;
    let foreign = json!({ "logGroupName": "g", "logStreamName": "t", "nextToken": page["nextForwardToken"] });
    desk.refused("GetLogEvents", foreign, "InvalidParameterException", "The specified nextToken is invalid.").await;
}

#[tokio::test]
async fn batches_beyond_the_services_limits_are_refused_in_its_words() {
    let desk = Desk::with_stream().await;
    let put = |events: Value| json!({ "logGroupName": "g", "logStreamName": "s", "logEvents": events });
    let event = |at: i64, message: &str| json!({ "timestamp": NOW + at, "message": message });
    let invalid = "InvalidParameterException";
    let disorder = put(json!([event(2, "b"), event(1, "a")]));
    desk.refused(
        "PutLogEvents",
        disorder,
        invalid,
        "Log events in a single PutLogEvents request must be in chronological order.",
    )
    .await;
    let span = put(json!([event(-86_400_001, "a"), event(0, "b")]));
    desk.refused(
        "PutLogEvents",
        span,
        invalid,
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
    )
    .await;
    let large = "x".repeat(600_000);
    let large = put(json!([event(1, &large), event(2, &large)]));
    desk.refused("PutLogEvents", large, invalid, "Upload too large: 1200052 bytes exceeds limit of 1048576").await;
    let empty = put(json!([event(1, "")]));
    desk.refused("PutLogEvents", empty, invalid, "1 validation error detected: Value '' at 'logEvents.1.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1").await;
    let none = put(json!([]));
    desk.refused("PutLogEvents", none, invalid, "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1").await;
    let missing = json!({ "logGroupName": "g", "logStreamName": "none", "logEvents": [event(1, "a")] });
    desk.refused("PutLogEvents", missing, "ResourceNotFoundException", "The specified log stream does not exist.")
        .await;
    assert_eq!(desk.rows("logs.chunk").await, 0);
}

#[tokio::test]
async fn events_too_old_or_too_new_are_left_out_and_reported() {
    let desk = Desk::with_stream().await;
    let day = 86_400_000;
    let info = desk.put("s", &[(-14 * day - 2, "old"), (-14 * day - 1, "old"), (-14 * day, "kept")]).await;
    assert_eq!(info, json!({ "rejectedLogEventsInfo": { "tooOldLogEventEndIndex": 2 } }));
    let info = desk.put("s", &[(0, "now"), (7_200_000, "soon"), (7_200_001, "new"), (7_200_002, "new")]).await;
    assert_eq!(info, json!({ "rejectedLogEventsInfo": { "tooNewLogEventStartIndex": 2 } }));
    desk.ok("PutRetentionPolicy", json!({ "logGroupName": "g", "retentionInDays": 1 })).await;
    let info = desk.put("s", &[(-day - 1, "expired"), (-1_000, "fresh")]).await;
    assert_eq!(info, json!({ "rejectedLogEventsInfo": { "expiredLogEventEndIndex": 1 } }));
    desk.ok("DeleteRetentionPolicy", json!({ "logGroupName": "g" })).await;
    assert_eq!(desk.filtered(json!({ "logGroupName": "g" })).await, ["kept", "fresh", "now", "soon"]);
}

#[tokio::test]
async fn what_was_written_stays_out_of_the_record() {
    let desk = Desk::with_stream().await;
    desk.put("s", &[(0, "canary")]).await;
    let record = desk.rig.last_record().await;
    assert_eq!(record["requestParameters"], json!({ "logGroupName": "g", "logStreamName": "s" }));
    assert_eq!(record["managementEvent"], false);
    assert!(!record.to_string().contains("canary"));
}

#[tokio::test]
async fn thousands_of_events_in_one_batch_make_few_chunks() {
    let desk = Desk::with_stream().await;
    let batch: Vec<(i64, String)> = (0..5000).map(|number| (NOW + number / 200, format!("event {number}"))).collect();
    desk.append("trail", &batch).await.unwrap();
    assert_eq!(desk.rows("logs.chunk").await, 2);
    let all = desk
        .pages(json!({ "logGroupName": "g", "logStreamName": "trail", "startFromHead": true, "limit": 1999 }), true)
        .await;
    assert_eq!(all, batch.into_iter().map(|(_, message)| message).collect::<Vec<_>>());
    let refused = desk.append("trail", &[]).await;
    assert!(refused.is_ok());
    desk.ok("DeleteLogGroup", json!({ "logGroupName": "g" })).await;
    let refused = desk.append("trail", &[(NOW, "late".into())]).await;
    assert!(matches!(refused, Err(LogsError::NoGroup(name)) if name == "g"));
}

#[tokio::test]
async fn filtering_interleaves_streams_finds_by_pattern_and_gives_each_event_an_id_of_its_own() {
    let desk = Desk::with_stream().await;
    desk.ok("CreateLogStream", json!({ "logGroupName": "g", "logStreamName": "t" })).await;
    desk.put("s", &[(1, "ERROR one"), (3, "fine"), (5, "ERROR three")]).await;
    desk.put("t", &[(2, "ERROR two"), (5, "ERROR four")]).await;
    for limit in 1..6 {
        let input = json!({ "logGroupName": "g", "filterPattern": "ERROR", "limit": limit });
        assert_eq!(desk.filtered(input).await, ["ERROR one", "ERROR two", "ERROR three", "ERROR four"], "{limit}");
    }
    let by_name = json!({ "logGroupName": "g", "logStreamNames": ["t"] });
    assert_eq!(desk.filtered(by_name).await, ["ERROR two", "ERROR four"]);
    let by_prefix = json!({ "logGroupName": "g", "logStreamNamePrefix": "s" });
    assert_eq!(desk.filtered(by_prefix).await.len(), 3);
    let page = desk.ok("FilterLogEvents", json!({ "logGroupName": "g" })).await;
    let ids: std::collections::BTreeSet<String> =
        page["events"].as_array().unwrap().iter().map(|event| event["eventId"].to_string()).collect();
    assert_eq!(ids.len(), 5);
    assert_eq!(page["searchedLogStreams"], json!([]));
    let refused = desk.call("FilterLogEvents", json!({ "logGroupName": "g", "filterPattern": "{ $.a = }" })).await;
    assert_eq!(refused.code(), "InvalidParameterException");
    assert!(refused.message().starts_with("Invalid filter pattern: at character "), "{}", refused.message());
}

/// Batches of events at random times within some minutes, in streams that are merged now and then.
async fn scattered(desk: &Desk, random: &Random, batches: u32) -> Vec<(i64, String, String)> {
    let mut all = Vec::new();
    let jobs = desk.jobs();
    for batch in 0..batches {
        let stream = ["s", "t", "u"][random.below(3).unwrap() as usize];
        let events: Vec<(i64, String)> = (0..=random.below(6).unwrap())
            .map(|number| (NOW + i64::from(random.below(200_000).unwrap()), format!("{stream} {batch:04} {number}")))
            .collect();
        desk.append(stream, &events).await.unwrap();
        all.extend(events.into_iter().map(|(time, message)| (time, stream.to_owned(), message)));
    }
    jobs.settle().await;
    jobs.drain().await;
    // Of one time, by stream and in the order of arrival, which the messages have.
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn pages_of_any_size_in_any_direction_hold_every_event_once_and_in_order(seed: u64, size in 1usize..40) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let desk = Desk::with_stream().await;
            let all = scattered(&desk, &Random::seeded(seed), 120).await;
            let everything: Vec<String> = all.iter().map(|(_, _, message)| message.clone()).collect();
            assert_eq!(desk.filtered(json!({ "logGroupName": "g", "limit": size })).await, everything);
            let (from, to) = (NOW + 30_000, NOW + 130_000);
            let within: Vec<String> =
                all.iter().filter(|(time, ..)| (from..to).contains(time)).map(|(_, _, message)| message.clone()).collect();
            let filter = json!({ "logGroupName": "g", "limit": size, "startTime": from, "endTime": to - 1 });
            assert_eq!(desk.filtered(filter).await, within);
            for stream in ["s", "t", "u"] {
                let of = |messages: &[String]| -> Vec<String> {
                    messages.iter().filter(|message| message.starts_with(stream)).cloned().collect()
                };
                let mut read = json!({ "logGroupName": "g", "logStreamName": stream, "limit": size, "startFromHead": true });
                assert_eq!(desk.pages(read.clone(), true).await, of(&everything));
                read["startFromHead"] = json!(false);
                let mut backwards = desk.pages(read.clone(), false).await;
                backwards.reverse();
                assert_eq!(backwards, of(&everything));
                read["startTime"] = json!(from);
                read["endTime"] = json!(to);
                let mut backwards = desk.pages(read, false).await;
                backwards.reverse();
                assert_eq!(backwards, of(&within));
            }
        });
    }
}
