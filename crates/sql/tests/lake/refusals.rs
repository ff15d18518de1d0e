//! What is refused, and in which words.

use keeptrail_sql::ErrorKind;

use crate::fixture::lake;

/// Each statement is refused with a message that contains the text.
async fn each_says(kind: ErrorKind, cases: &[(&str, &str)]) {
    let lake = lake();
    for (statement, says) in cases {
        let error = lake.refusal(statement).await;
        assert!(error.to_string().contains(says), "{statement}\nsays: {error}");
        assert_eq!(error.kind, kind, "{statement}\nsays: {error}");
    }
}

#[tokio::test]
async fn only_stores_are_found() {
    each_says(
        ErrorKind::StoreNotFound,
        &[
            (
                "SELECT * FROM d0d0d0d0-1111-4222-8333-abcdefabcdef",
                "event data store d0d0d0d0-1111-4222-8333-abcdefabcdef was not found",
            ),
            ("SELECT * FROM information_schema.tables", "was not found"),
            ("SELECT * FROM datafusion.public.trail", "was not found"),
            ("SELECT * FROM '/etc/passwd'", "was not found"),
            ("SELECT * FROM \"s3://bucket/key.parquet\"", "was not found"),
            ("SELECT * FROM \"events.json\"", "was not found"),
            ("SELECT 1 FROM $EDS WHERE EXISTS (SELECT 1 FROM elsewhere)", "event data store elsewhere was not found"),
        ],
    )
    .await;
    each_says(
        ErrorKind::Unsupported,
        &[
            ("SELECT * FROM read_csv('/etc/passwd')", "there is no table function read_csv"),
            ("SELECT * FROM generate_series(1, 1000000000)", "there is no table function generate_series"),
        ],
    )
    .await;
}

#[tokio::test]
async fn other_statements_and_clauses_are_named() {
    each_says(
        ErrorKind::Unsupported,
        &[
            ("INSERT INTO $EDS VALUES (1)", "only SELECT statements are carried out, not INSERT"),
            ("COPY $EDS TO 'x'", "not COPY"),
            ("SET a = 1", "not SET"),
            ("SHOW TABLES", "not SHOW"),
            ("WITH a AS (SELECT 1) DELETE FROM a", "only SELECT statements are carried out"),
            ("EXPLAIN ANALYZE SELECT 1", "not EXPLAIN"),
            ("SELECT * FROM $EDS TABLESAMPLE BERNOULLI (10)", "TABLESAMPLE is not supported"),
            ("SELECT * FROM $EDS NATURAL JOIN $OTHER", "NATURAL JOIN is not supported; use USING"),
            ("SELECT DISTINCT ON (eventName) eventID FROM $EDS", "DISTINCT ON is not supported"),
            ("WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t", "WITH RECURSIVE is not supported"),
            ("SELECT eventID FROM $EDS FETCH FIRST 2 ROWS WITH TIES", "WITH TIES is not supported"),
            ("SELECT eventID FROM $EDS FOR UPDATE", "FOR is not supported"),
            ("SELECT eventName ILIKE 'x' FROM $EDS", "write lower(x) LIKE"),
            ("SELECT eventName::varchar FROM $EDS", "write CAST(x AS type)"),
            ("SELECT ? FROM $EDS", "a parameter (?) is not supported"),
            ("SELECT 1 & 2", "the operator & is not supported"),
            (
                "SELECT approx_distinct(eventName, 0.1) FROM $EDS",
                "the standard error of approx_distinct cannot be chosen",
            ),
            ("SELECT cast(1 as uuid)", "the type uuid is not supported"),
        ],
    )
    .await;
}

#[tokio::test]
async fn wrong_names_come_with_their_place_and_the_right_ones() {
    each_says(
        ErrorKind::Invalid,
        &[
            ("SELECT approx_percentile(1, ARRAY[]) FROM $EDS", "approx_percentile takes at least one percentile"),
            ("SELECT evntName FROM $EDS", "line 1, column 8: there is no column evntname; did you mean eventname?"),
            ("SELECT 1\nFROM $EDS\nWHERE eventNme = 'x'", "line 3, column 7: there is no column eventnme"),
            ("SELECT userIdentity.arm FROM $EDS", "has no field arm; it has type, principalid, arn"),
            ("SELECT eventName.x FROM $EDS", "is varchar and has no field x"),
            ("SELECT resources.arn FROM $EDS", "take an element first"),
            (
                "SELECT\n  lenght(eventName) FROM $EDS",
                "line 2, column 3: there is no function lenght; did you mean length?",
            ),
            ("SELECT string_agg(eventID, ',') FROM $EDS", "there is no function string_agg; did you mean listagg?"),
            ("SELECT pg_read_file('/etc/passwd')", "there is no function pg_read_file"),
            ("SELECT version()", "there is no function version"),
            ("SELECT \"$try\"(1)", "there is no function $try"),
            ("SELECT eventID FROM $EDS a JOIN $OTHER b ON a.eventID = b.eventID", "is in several tables"),
            ("SELECT * FROM <eds-id>", "put the id of your event data store in place of <…>"),
            ("SELECT eventID FROM $EDS WHERE", "expected an expression"),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_would_be_silently_wrong_is_refused() {
    each_says(
        ErrorKind::Invalid,
        &[
            (
                "SELECT * FROM $EDS WHERE requestParameters.count = 3",
                "varchar = bigint cannot be computed; cast one side",
            ),
            ("SELECT * FROM $EDS WHERE requestParameters.count IN (3)", "varchar IN bigint cannot be computed"),
            ("SELECT * FROM $EDS WHERE eventID > 5", "varchar > bigint"),
            (
                "SELECT * FROM $EDS WHERE json_extract(eventJson, '$.eventID') = 'e-1'",
                "take text out of json with json_extract_scalar",
            ),
            (
                "SELECT eventID FROM $EDS WHERE eventID LIKE json_parse('1')",
                "like takes varchar as argument 2, not json",
            ),
            (
                "SELECT substr(json_extract(eventJson, '$.eventID'), 1) FROM $EDS",
                "takes varchar as argument 1, not json",
            ),
            ("SELECT * FROM $EDS WHERE eventTime LIKE '2026%'", "LIKE is between varchar, not timestamp"),
            (
                "SELECT * FROM $EDS WHERE eventTime > 'yesterday'",
                "\"yesterday\" is not a timestamp; write YYYY-MM-DD HH:MM:SS",
            ),
            ("SELECT * FROM $EDS WHERE eventTime > 20261125", "timestamp > bigint cannot be computed"),
            ("SELECT timestamp 'x'", "line 1, column 18: \"x\" is not a timestamp"),
            ("SELECT '1' + 1", "varchar + bigint cannot be computed"),
            ("SELECT sum(eventID) FROM $EDS", "sum(Utf8): the function does not take these types"),
            ("SELECT cast(eventTime as bigint) FROM $EDS", "timestamp cannot be cast to bigint; use to_unixtime"),
            ("SELECT cast(resources as varchar) FROM $EDS", "cannot be cast to varchar; cast it to json"),
            ("SELECT contains('abc', 'b')", "contains takes an array as argument 1, not varchar"),
            ("SELECT substr(eventTime, 1) FROM $EDS", "substr takes varchar as argument 1, not timestamp"),
            ("SELECT date_add(1, 'day', eventTime) FROM $EDS", "date_add takes varchar as argument 1"),
            ("SELECT x FROM UNNEST(ARRAY[1]) AS t (x, y, z)", "UNNEST gives 1 columns, but 3 names are given"),
            ("SELECT * FROM $EDS CROSS JOIN UNNEST(eventName) AS t (x)", "UNNEST takes arrays and maps, not varchar"),
        ],
    )
    .await;
}

#[tokio::test]
async fn values_that_do_not_allow_it_are_errors() {
    each_says(
        ErrorKind::Data,
        &[
            ("SELECT 1 / (length(eventID) - 3) FROM $EDS", "division by zero"),
            ("SELECT 9223372036854775807 + length(eventID) FROM $EDS", "too large"),
            ("SELECT sum(9223372036854775807) FROM $EDS", "sum: 55340232221128654842 is too large for bigint"),
            ("SELECT cast(eventID as bigint) FROM $EDS", "e-1"),
            ("SELECT json_parse(eventID) FROM $EDS", "\"e-1\" is not JSON"),
            ("SELECT date_parse(eventID, '%Y') FROM $EDS", "does not have the form"),
            ("SELECT date_add(eventID, 1, eventTime) FROM $EDS", "date_add has no unit \"e-1\"; it has millisecond"),
            ("SELECT regexp_like(eventID, '(?=x)' || eventID) FROM $EDS", "is not supported"),
            ("SELECT json_extract(eventJson, '$..' || eventID) FROM $EDS", "the JSON path"),
            ("SELECT ARRAY[1][length(eventID) - 3] FROM $EDS", "array indices begin at 1"),
            ("SELECT split_part(eventID, '-', length(eventID) - 3) FROM $EDS", "counts parts from 1"),
        ],
    )
    .await;
}
