//! What result columns are called.

use crate::fixture::lake;

async fn names(select: &str) -> Vec<String> {
    lake().rows(&format!("SELECT {select} FROM $EDS LIMIT 1")).await.unwrap().0
}

#[tokio::test]
async fn names_are_as_the_user_spelled_them() {
    for (select, expected) in [
        ("eventTime, EVENTNAME, eventsource", vec!["eventTime", "EVENTNAME", "eventsource"]),
        ("userIdentity.arn, requestParameters.secretId", vec!["arn", "secretId"]),
        ("userIdentity.sessionContext.sessionIssuer.userName", vec!["userName"]),
        ("resources[1].ARN", vec!["ARN"]),
        ("eventName AS \"Event Name\", eventID AS eventId", vec!["Event Name", "eventId"]),
        ("count(*)", vec!["_col0"]),
        ("eventName || 'x', eventName, lower(eventName)", vec!["_col0", "eventName", "_col2"]),
        ("requestParameters['secretId']", vec!["_col0"]),
    ] {
        assert_eq!(names(select).await, expected, "{select}");
    }
}

#[tokio::test]
async fn columns_of_one_name_stay_apart() {
    let (names, rows) = lake()
        .rows("SELECT eventName, eventName, userIdentity.arn, resources[1].arn, eventName AS arn FROM $EDS WHERE eventID = 'e-4'")
        .await
        .unwrap();

    assert_eq!(names, ["eventName", "eventName", "arn", "arn", "arn"]);
    assert_eq!(rows, [["Decrypt", "Decrypt", "∅", "arn:aws:kms:us-east-1:111122223333:key/k-1", "Decrypt"]]);
}

#[tokio::test]
async fn a_star_gives_the_lakes_columns_and_no_hidden_one() {
    let (names, _) = lake().rows("SELECT * FROM $EDS LIMIT 1").await.unwrap();

    assert_eq!(names.len(), keeptrail_sql::schema::lake_schema().fields().len());
    assert_eq!(names.first().map(String::as_str), Some("eventversion"));
    assert!(!names.iter().any(|name| name.starts_with('_')));
}

#[tokio::test]
async fn a_hidden_column_shows_when_it_is_named() {
    let lake = lake();

    let (starred, _) = lake.rows("SELECT * FROM $EDS WHERE _secret_id = 'hidden'").await.unwrap();
    let (named, rows) = lake.rows("SELECT _Secret_Id FROM (SELECT * FROM $EDS) LIMIT 1").await.unwrap();

    assert_eq!(starred.len(), keeptrail_sql::schema::lake_schema().fields().len());
    assert_eq!((named, rows), (vec!["_Secret_Id".to_owned()], vec![vec!["hidden".to_owned()]]));
}

#[tokio::test]
async fn a_star_stands_between_named_columns() {
    let (names, _) = lake()
        .rows("SELECT e.*, eventName AS What FROM (SELECT eventID, awsRegion FROM $EDS) e, $EDS LIMIT 1")
        .await
        .unwrap();

    assert_eq!(names, ["eventid", "awsregion", "What"]);
}

#[tokio::test]
async fn names_go_on_into_outer_queries() {
    let answer = lake()
        .answer(
            "WITH reads AS (SELECT userIdentity.arn, requestParameters.secretId AS \"Secret\" FROM $EDS)
             SELECT ARN, secret FROM reads WHERE Secret = 'ethos/prod/db' GROUP BY arn, SECRET",
        )
        .await;

    assert_eq!(answer, ["arn:aws:iam::111122223333:user/mallory | ethos/prod/db"]);
}
