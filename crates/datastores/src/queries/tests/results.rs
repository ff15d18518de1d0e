//! Rows, pages and lists.

use serde_json::{Value, json};

use super::{OTHER, STORE, World, arn, event};

#[tokio::test]
async fn the_two_queries_of_the_document_find_what_they_ask_for() {
    let world = World::new().await;
    let role_or_not = world
        .answer(&format!(
            "SELECT eventTime, userIdentity.arn, requestParameters.secretId\nFROM {STORE}\nWHERE eventName = 'GetSecretValue'\n\
             AND requestParameters.secretId = 'ethos/prod/channels/telegram/default/botToken'\n\
             AND eventTime > DATE_ADD('hour', -24, now())\nORDER BY eventTime DESC"
        ))
        .await;
    assert_eq!(role_or_not["QueryResultRows"].as_array().unwrap().len(), 10);
    insta::assert_json_snapshot!(role_or_not["QueryResultRows"][0]);

    let strangers = world
        .answer(&format!(
            "SELECT eventTime, userIdentity.arn, requestParameters.secretId, sourceIPAddress\nFROM {STORE}\n\
             WHERE eventName = 'GetSecretValue'\nAND requestParameters.secretId LIKE 'ethos/%'\n\
             AND userIdentity.arn NOT LIKE '%EthosInstanceRole%'\nAND eventTime > DATE_ADD('day', -7, now())\n\
             ORDER BY eventTime DESC"
        ))
        .await;
    let rows = strangers["QueryResultRows"].as_array().unwrap();
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row[1]["arn"].as_str().unwrap().contains("/Laptop/")));
}

#[tokio::test]
async fn answers_and_records_are_those_of_aws() {
    let world = World::new().await;
    let jobs = world.jobs();
    let statement = format!("SELECT eventID, errorCode, eventID FROM {STORE} ORDER BY eventTime LIMIT 2");
    let started = world.ok("StartQuery", json!({"QueryStatement": statement})).await;
    let start_record = world.rig.last_record().await;
    world.settle(&jobs).await;
    let described =
        world.ok("DescribeQuery", json!({"QueryId": started["QueryId"], "EventDataStore": arn(STORE)})).await;
    let results = world.ok("GetQueryResults", json!({"QueryId": started["QueryId"], "EventDataStore": STORE})).await;
    insta::assert_json_snapshot!(json!({
        "StartQuery": started,
        "DescribeQuery": described,
        "GetQueryResults": results,
        "record of StartQuery": start_record,
        "record of GetQueryResults": world.rig.last_record().await,
    }), {".DescribeQuery.QueryStatistics.BytesScanned" => "[bytes]", ".GetQueryResults.QueryStatistics.BytesScanned" => "[bytes]"});
    jobs.drain().await;
}

#[tokio::test]
async fn what_was_read_is_counted_whether_it_is_in_a_file_or_not_yet() {
    let world = World::new().await;
    let jobs = world.jobs();
    world.follow(STORE, (10..13).map(event).collect()).await;
    for (condition, found) in [("", 13), (" WHERE sourceIPAddress LIKE '%nowhere%'", 0)] {
        let id = world.start(&format!("SELECT eventID FROM {STORE}{condition}")).await;
        world.settle(&jobs).await;

        let described = world.ok("DescribeQuery", json!({"QueryId": id})).await;

        let statistics = &described["QueryStatistics"];
        assert_eq!(statistics["EventsMatched"], found, "{described}");
        assert_eq!(statistics["EventsScanned"], 13, "{described}");
    }
    jobs.drain().await;
}

#[tokio::test]
async fn results_come_in_pages_and_tokens_belong_to_their_query() {
    let world = World::new().await;
    world.append(OTHER, (0..2_345).map(event_of_the_hour).collect()).await;
    let jobs = world.jobs();
    let id = world.start(&format!("SELECT eventID FROM {OTHER} ORDER BY eventID")).await;
    let another = world.start(&format!("SELECT eventID FROM {OTHER}")).await;
    world.settle(&jobs).await;

    let (mut ids, mut sizes, mut token) = (Vec::new(), Vec::new(), Value::Null);
    loop {
        let input = json!({"QueryId": id, "MaxQueryResults": 900, "NextToken": token});
        let page = world.ok("GetQueryResults", input).await;
        let rows = page["QueryResultRows"].as_array().unwrap();
        assert_eq!(page["QueryStatistics"]["ResultsCount"], rows.len());
        assert_eq!(page["QueryStatistics"]["TotalResultsCount"], 2_345);
        sizes.push(rows.len());
        ids.extend(rows.iter().map(|row| row[0]["eventID"].as_str().unwrap().to_owned()));
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
        let elsewhere = world.call("GetQueryResults", json!({"QueryId": another, "NextToken": token})).await;
        assert_eq!(elsewhere.code(), "InvalidNextTokenException");
    }
    assert_eq!(sizes, [900, 900, 545]);
    assert!(ids.is_sorted_by(|a, b| a < b) && ids.len() == 2_345);
    for (input, code) in [
        (json!({"QueryId": id, "MaxQueryResults": 0}), "InvalidMaxResultsException"),
        (json!({"QueryId": id, "MaxQueryResults": 1_001}), "InvalidMaxResultsException"),
        (json!({"QueryId": id, "NextToken": "nonsense"}), "InvalidNextTokenException"),
        (json!({"QueryId": id, "EventDataStore": STORE}), "QueryIdNotFoundException"),
        (json!({"QueryId": "00000000-0000-4000-8000-000000000000"}), "QueryIdNotFoundException"),
    ] {
        assert_eq!(world.call("GetQueryResults", input.clone()).await.code(), code, "{input}");
    }
    jobs.drain().await;
}

fn event_of_the_hour(number: u64) -> String {
    event(number % 60)
        .replace("00000000-0000-4000-8000-", "00000000-0000-4000-9000-")
        .replace(&format!("{:012x}", number % 60), &format!("{number:012x}"))
}

#[tokio::test]
async fn queries_of_a_store_are_listed_newest_first() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(world.start(&format!("SELECT 1 FROM {STORE}")).await);
        world.rig.time.advance(std::time::Duration::from_secs(60));
    }
    world.start(&format!("SELECT 1 FROM {OTHER}")).await;
    ids.push(world.start(&format!("SELECT 1 FROM {OTHER} UNION ALL SELECT 2 FROM {STORE}")).await);
    world.ok("CancelQuery", json!({"QueryId": ids[1]})).await;
    ids.reverse();

    let listed = async |input: Value| {
        let mut queries = Vec::new();
        let mut token = Value::Null;
        loop {
            let mut input = input.clone();
            input["EventDataStore"] = json!(arn(STORE));
            input["NextToken"] = token;
            let page = world.ok("ListQueries", input).await;
            queries.extend(
                page["Queries"].as_array().unwrap().iter().map(|query| query["QueryId"].as_str().unwrap().to_owned()),
            );
            token = page.get("NextToken").cloned().unwrap_or_default();
            if token.is_null() {
                return queries;
            }
        }
    };
    assert_eq!(listed(json!({})).await, ids);
    assert_eq!(listed(json!({"MaxResults": 1})).await, ids);
    assert_eq!(listed(json!({"QueryStatus": "CANCELLED"})).await, ids[2..3]);
    let noon = 1_772_366_400;
    assert_eq!(listed(json!({"StartTime": noon + 1, "EndTime": noon + 61})).await, ids[2..3]);
    for (input, code) in [
        (json!({"EventDataStore": "0b2e9a1c-1111-4222-8333-ffffffffffff"}), "EventDataStoreNotFoundException"),
        (
            json!({"EventDataStore": "arn:aws:cloudtrail:us-east-1:999999999999:eventdatastore/x"}),
            "EventDataStoreARNInvalidException",
        ),
        (json!({"EventDataStore": STORE, "QueryStatus": "DONE"}), "InvalidQueryStatusException"),
        (json!({"EventDataStore": STORE, "MaxResults": 1_001}), "InvalidMaxResultsException"),
        (json!({"EventDataStore": STORE, "StartTime": noon, "EndTime": noon - 1}), "InvalidDateRangeException"),
        (json!({"EventDataStore": STORE, "NextToken": "nonsense"}), "InvalidNextTokenException"),
    ] {
        assert_eq!(world.call("ListQueries", input.clone()).await.code(), code, "{input}");
    }
}

#[tokio::test]
async fn samples_are_found_by_words() {
    let world = World::new().await;
    let found = world.ok("SearchSampleQueries", json!({"SearchPhrase": "who read a secret", "MaxResults": 2})).await;
    assert_eq!(found["SearchResults"][0]["Name"], "who-read-a-secret");
    assert!(found["SearchResults"][0]["SQL"].as_str().unwrap().contains("SELECT"));
    let rest = json!({"SearchPhrase": "who read a secret", "MaxResults": 50, "NextToken": found["NextToken"]});
    let rest = world.ok("SearchSampleQueries", rest).await;
    assert!(rest["SearchResults"].as_array().unwrap().iter().all(|sample| sample["Name"] != "who-read-a-secret"));
    let nothing = world.ok("SearchSampleQueries", json!({"SearchPhrase": "zzzz"})).await;
    assert_eq!(nothing, json!({"SearchResults": []}));
}
