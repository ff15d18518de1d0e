//! Tables of statements and their answers.

use crate::fixture::lake;

/// Each expression over one row without a table.
async fn each_is(cases: &[(&str, &str)]) {
    let lake = lake();
    for (expression, expected) in cases {
        assert_eq!(lake.answer(&format!("SELECT {expression}")).await, [*expected], "{expression}");
    }
}

/// Each SELECT over the fixture's store.
async fn each_gives(cases: &[(&str, &[&str])]) {
    let lake = lake();
    for (statement, expected) in cases {
        assert_eq!(lake.answer(statement).await, *expected, "{statement}");
    }
}

#[tokio::test]
async fn secrets_are_found_however_the_key_is_reached() {
    const FOUND: &[&str] = &["e-2", "e-3"];
    each_gives(&[
        ("SELECT eventID FROM $EDS WHERE requestParameters.secretId = 'ethos/prod/db' ORDER BY 1", FOUND),
        ("SELECT eventID FROM $EDS WHERE requestparameters.secretId = 'ethos/prod/db' ORDER BY eventid", FOUND),
        ("SELECT eventID FROM $EDS WHERE REQUESTPARAMETERS.\"secretId\" = 'ethos/prod/db' ORDER BY eventid", FOUND),
        ("SELECT e.eventID FROM $EDS e WHERE e.requestParameters.secretId = 'ethos/prod/db' ORDER BY e.eventID", FOUND),
        ("SELECT eventID FROM $EDS WHERE requestParameters['secretId'] = 'ethos/prod/db' ORDER BY eventID", FOUND),
        ("SELECT eventID FROM $EDS WHERE element_at(requestParameters, 'secretId') = 'ethos/prod/db' ORDER BY eventID", FOUND),
        ("SELECT eventID FROM $EDS WHERE requestParameters.secretId LIKE 'ethos/%db' ORDER BY eventID", FOUND),
        ("SELECT eventID FROM $EDS WHERE requestParameters.secretId IN ('x', 'ethos/prod/db') ORDER BY eventID", FOUND),
        ("SELECT eventID FROM \"$EDS\" WHERE json_extract_scalar(eventJson, '$.requestParameters.secretId') = 'ethos/prod/db' ORDER BY eventID", FOUND),
        ("SELECT eventID FROM trail WHERE requestParameters[concat('secret', 'Id')] = 'ethos/prod/db' ORDER BY eventID", FOUND),
    ])
    .await;
}

#[tokio::test]
async fn the_documents_queries_run_as_they_are_written() {
    each_gives(&[
        (
            "SELECT eventTime, userIdentity.arn, requestParameters.secretId
             FROM $EDS
             WHERE eventName = 'GetSecretValue'
             AND requestParameters.secretId = 'ethos/prod/channels/telegram/default/botToken'
             AND eventTime > DATE_ADD('hour', -24, now())
             ORDER BY eventTime DESC",
            &["2026-11-25 10:00:00.000 | arn:aws:sts::111122223333:assumed-role/EthosInstanceRole/i-1 | ethos/prod/channels/telegram/default/botToken"],
        ),
        (
            "SELECT eventTime, userIdentity.arn, requestParameters.secretId, sourceIPAddress
             FROM $EDS
             WHERE eventName = 'GetSecretValue'
             AND requestParameters.secretId LIKE 'ethos/%'
             AND userIdentity.arn NOT LIKE '%EthosInstanceRole%'
             AND eventTime > DATE_ADD('day', -7, now())
             ORDER BY eventTime DESC",
            &["2026-11-25 11:30:00.000 | arn:aws:iam::111122223333:user/mallory | ethos/prod/db | 203.0.113.9"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn texts_compare_with_timestamps() {
    each_gives(&[
        ("SELECT count(*) FROM $EDS WHERE eventTime > '2026-11-24 00:00:00'", &["3"]),
        (
            "SELECT count(*) FROM $EDS WHERE eventTime >= '2026-11-24T09:15:30Z' AND eventTime < '2026-11-25 11:30:00'",
            &["2"],
        ),
        ("SELECT count(*) FROM $EDS WHERE eventTime BETWEEN '2026-11-20' AND '2026-11-24 10:00'", &["3"]),
        ("SELECT count(*) FROM $EDS WHERE eventTime NOT BETWEEN '2026-11-20' AND '2026-11-24 10:00'", &["3"]),
        ("SELECT count(*) FROM $EDS WHERE eventTime IN ('2026-11-25 10:00:00', '2026-10-01')", &["2"]),
        ("SELECT count(*) FROM $EDS WHERE '2026-11-25 11:00:00+01:00' = eventTime", &["1"]),
        ("SELECT count(*) FROM $EDS WHERE eventTime > timestamp '2026-11-24 00:00:00' AND eventTime < now()", &["3"]),
        ("SELECT count(*) FROM $EDS WHERE eventTime > now() - interval '1' day", &["2"]),
        ("SELECT count(*) FROM $EDS WHERE eventTime > current_timestamp - INTERVAL '24' HOUR", &["2"]),
        ("SELECT count(*) FROM $EDS WHERE date(eventTime) = date '2026-11-25'", &["2"]),
        ("SELECT count(*) FROM $EDS WHERE eventTime >= current_date", &["2"]),
        ("SELECT count(*) FROM $EDS WHERE eventTime > from_iso8601_timestamp('2026-11-25T10:30:00Z')", &["1"]),
        ("SELECT count(*) FROM $EDS WHERE readOnly = 'true'", &["4"]),
        ("SELECT count(*) FROM $EDS WHERE eventTime > substr(eventJson, 1, 0) || '2026-11-25'", &["2"]),
    ])
    .await;
}

#[tokio::test]
async fn times_are_computed_as_trino_does() {
    each_is(&[
        ("now()", "2026-11-25 12:00:00.000 UTC"),
        ("current_date", "2026-11-25"),
        ("date_add('month', 1, date '2026-01-31')", "2026-02-28"),
        ("date_add('hour', -24, timestamp '2026-11-25 10:00:00')", "2026-11-24 10:00:00.000"),
        ("date_diff('day', date '2026-11-01', date '2026-11-25')", "24"),
        ("date_diff('month', timestamp '2026-01-31 00:00:00', timestamp '2026-03-01 00:00:00')", "1"),
        ("date_diff('hour', timestamp '2026-11-25 12:00:00', timestamp '2026-11-25 10:30:00')", "-1"),
        ("date_trunc('week', timestamp '2026-11-25 10:11:12')", "2026-11-23 00:00:00.000"),
        ("date_trunc('hour', timestamp '2026-11-25 10:11:12.345')", "2026-11-25 10:00:00.000"),
        ("date_trunc('quarter', date '2026-11-25')", "2026-10-01"),
        ("day_of_week(date '2026-11-29')", "7"),
        ("hour(timestamp '2026-11-25 10:11:12') * 100 + minute(timestamp '2026-11-25 10:11:12')", "1011"),
        ("extract(year from date '2026-11-25')", "2026"),
        ("week(date '2027-01-01')", "53"),
        ("year_of_week(date '2027-01-01')", "2026"),
        ("date_format(timestamp '2026-11-25 09:05:07', '%Y-%m-%d %H:%i:%s')", "2026-11-25 09:05:07"),
        ("date_parse('25/11/2026 09:05', '%d/%m/%Y %H:%i')", "2026-11-25 09:05:00.000"),
        ("from_iso8601_timestamp('2026-11-25T10:00:00+01:00')", "2026-11-25 09:00:00.000 UTC"),
        ("to_iso8601(from_iso8601_timestamp('2026-11-25T10:00:00Z'))", "2026-11-25T10:00:00.000Z"),
        ("from_unixtime(1795600800)", "2026-11-25 10:00:00.000 UTC"),
        ("to_unixtime(timestamp '2026-11-25 10:00:00')", "1.7956008E9"),
        ("timestamp '2026-11-25 10:00:00' AT TIME ZONE 'Europe/Berlin'", "2026-11-25 11:00:00.000 Europe/Berlin"),
        ("hour(at_timezone(timestamp '2026-11-25 10:00:00', 'America/New_York'))", "5"),
        ("with_timezone(timestamp '2026-11-25 10:00:00', 'Europe/Berlin') = timestamp '2026-11-25 09:00:00'", "true"),
        ("timestamp '2026-11-25 10:00:00' - timestamp '2026-11-24 09:00:00'", "1 01:00:00.000"),
        ("date '2026-01-31' + interval '1' month", "2026-02-28"),
        ("last_day_of_month(date '2024-02-03')", "2024-02-29"),
        ("cast(timestamp '2026-11-25 10:00:00' as varchar)", "2026-11-25 10:00:00.000"),
        ("cast('2026-11-25 10:00' as timestamp)", "2026-11-25 10:00:00.000"),
        ("cast(timestamp '2026-11-25 23:00:00' as date)", "2026-11-25"),
    ])
    .await;
}

#[tokio::test]
async fn arrays_and_rows_are_reached_from_one() {
    each_gives(&[
        ("SELECT resources[1].arn FROM $EDS WHERE eventID = 'e-4'", &["arn:aws:kms:us-east-1:111122223333:key/k-1"]),
        ("SELECT eventID FROM $EDS WHERE resources[2].type = 'AWS::S3::Bucket'", &["e-4"]),
        ("SELECT element_at(resources, -1).type, element_at(resources, 9) FROM $EDS WHERE eventID = 'e-4'", &["AWS::S3::Bucket | ∅"]),
        ("SELECT resources[1].arn FROM $EDS WHERE eventID = 'e-1'", &["∅"]),
        ("SELECT cardinality(resources), cardinality(requestParameters) FROM $EDS WHERE eventID IN ('e-1', 'e-4') ORDER BY eventID", &["∅ | 2", "2 | 3"]),
        ("SELECT userIdentity.sessionContext.attributes.creationDate FROM $EDS WHERE eventID = 'e-1'", &["2026-11-25 09:00:00.000"]),
        ("SELECT tlsDetails FROM $EDS WHERE eventID = 'e-2'", &["{tlsversion=TLSv1.2, ciphersuite=ECDHE-RSA-AES128-GCM-SHA256, clientprovidedhostheader=secretsmanager.us-east-1.amazonaws.com}"]),
        ("SELECT requestParameters FROM $EDS WHERE eventID = 'e-2'", &["{secretId=ethos/prod/db}"]),
        ("SELECT map_keys(requestParameters) FROM $EDS WHERE eventID = 'e-1'", &["[secretId, versionStage]"]),
    ])
    .await;
    each_is(&[
        ("ARRAY[1, 2, 3][2]", "2"),
        ("ARRAY[1, 2][3]", "∅"),
        ("element_at(ARRAY['a', 'b'], -2)", "a"),
        ("contains(ARRAY[1, 2], 2)", "true"),
        ("contains(ARRAY[1, NULL], 2)", "∅"),
        ("slice(ARRAY[1, 2, 3, 4], 2, 2)", "[2, 3]"),
        ("slice(ARRAY[1, 2, 3, 4], -3, 2)", "[2, 3]"),
        ("array_sort(ARRAY[2, NULL, 1])", "[1, 2, null]"),
        ("array_join(ARRAY['a', NULL, 'b'], '-')", "a-b"),
        ("array_distinct(ARRAY[1, 1, 2])", "[1, 2]"),
        ("ARRAY[1] || ARRAY[2]", "[1, 2]"),
        ("concat(ARRAY['a'], ARRAY['b', 'c'])", "[a, b, c]"),
        ("map(ARRAY['a', 'b'], ARRAY[1, 2])['b']", "2"),
        ("element_at(map(ARRAY[1, 2], ARRAY['x', 'y']), 2)", "y"),
        ("row(1, 'a')", "{c0=1, c1=a}"),
        ("cast(row(1, 'a') as row(n bigint, t varchar)).t", "a"),
        ("sequence(1, 3)", "[1, 2, 3]"),
        ("flatten(ARRAY[ARRAY[1], ARRAY[2, 3]])", "[1, 2, 3]"),
    ])
    .await;
}

#[tokio::test]
async fn lambdas_run_over_arrays() {
    each_is(&[
        ("transform(ARRAY[1, 2], x -> x * 10)", "[10, 20]"),
        ("filter(ARRAY[1, 2, 3], x -> x > 1)", "[2, 3]"),
        ("any_match(ARRAY[1, 2], X -> x = 2)", "true"),
        ("all_match(ARRAY[1, 2], x -> x > 0)", "true"),
        ("all_match(ARRAY[1, NULL], x -> x > 0)", "∅"),
        ("none_match(ARRAY[1, 2], x -> x > 5)", "true"),
        ("reduce(ARRAY[1, 2, 3], 0, (s, x) -> s + x, s -> s * 2)", "12"),
        ("reduce(ARRAY['a', 'b'], '', (s, x) -> s || x, s -> s)", "ab"),
        ("reduce(ARRAY[1, 2], 0.0, (s, x) -> s + x, s -> s)", "3.0"),
    ])
    .await;
    each_gives(&[
        ("SELECT transform(resources, r -> r.type) FROM $EDS WHERE eventID = 'e-4'", &["[AWS::KMS::Key, AWS::S3::Bucket]"]),
        ("SELECT eventID FROM $EDS WHERE any_match(resources, r -> r.arn LIKE '%vault' AND eventName = 'Decrypt')", &["e-4"]),
        ("SELECT filter(map_values(requestParameters), v -> v LIKE 'SYM%')[1] FROM $EDS WHERE eventID = 'e-4'", &["SYMMETRIC_DEFAULT"]),
        ("SELECT eventID, reduce(resources, '', (s, r) -> s || r.type || ';', s -> s) FROM $EDS WHERE eventID > 'e-3' ORDER BY 1", &["e-4 | AWS::KMS::Key;AWS::S3::Bucket;", "e-5 | ∅", "e-6 | ∅"]),
    ])
    .await;
}

#[tokio::test]
async fn unnest_joins_what_is_inside_a_row() {
    each_gives(&[
        ("SELECT eventID, r.arn FROM $EDS CROSS JOIN UNNEST(resources) AS t(r) ORDER BY 2", &["e-4 | arn:aws:kms:us-east-1:111122223333:key/k-1", "e-4 | arn:aws:s3:::vault"]),
        ("SELECT eventID, t.arn, kind FROM $EDS, UNNEST(resources) AS t(account, kind, arn, prefix) ORDER BY kind", &["e-4 | arn:aws:kms:us-east-1:111122223333:key/k-1 | AWS::KMS::Key", "e-4 | arn:aws:s3:::vault | AWS::S3::Bucket"]),
        ("SELECT k, v FROM $EDS CROSS JOIN UNNEST(requestParameters) AS t (k, v) WHERE eventID = 'e-1' ORDER BY k", &["secretId | ethos/prod/channels/telegram/default/botToken", "versionStage | AWSCURRENT"]),
        ("SELECT x, n FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t (x, n)", &["a | 1", "b | 2"]),
        ("SELECT a, b FROM UNNEST(ARRAY[1, 2], ARRAY['x']) AS t (a, b)", &["1 | x", "2 | ∅"]),
        ("SELECT eventID, r.type FROM $EDS LEFT JOIN UNNEST(resources) AS t(r) ON TRUE WHERE eventID IN ('e-3', 'e-4') ORDER BY 1, 2", &["e-3 | ∅", "e-4 | AWS::KMS::Key", "e-4 | AWS::S3::Bucket"]),
        ("SELECT item FROM $EDS CROSS JOIN UNNEST(CAST(json_extract(requestParameters.instancesSet, '$.items') AS array(json))) AS t (item)", &["{\"imageId\":\"ami-1\",\"minCount\":1}", "{\"imageId\":\"ami-2\",\"minCount\":4}"]),
        ("SELECT x, y FROM UNNEST(ARRAY[ARRAY[1, 2], ARRAY[3]]) AS t (x) CROSS JOIN UNNEST(x) AS u (y) ORDER BY y", &["[1, 2] | 1", "[1, 2] | 2", "[3] | 3"]),
    ])
    .await;
}

#[tokio::test]
async fn json_is_taken_apart_and_made() {
    each_is(&[
        ("json_extract('{\"a\": [1, {\"b\": \"x\"}]}', '$.a[1]')", "{\"b\":\"x\"}"),
        ("json_extract_scalar('{\"a\": [1, {\"b\": \"x\"}]}', '$.a[1].b')", "x"),
        ("json_extract_scalar('{\"a\": {}}', '$.a')", "∅"),
        ("json_extract('no json', '$.a')", "∅"),
        ("json_format(json_parse('{ \"b\":1, \"a\":2 }'))", "{\"b\":1,\"a\":2}"),
        ("json_array_get('[1, \"x\"]', -1)", "\"x\""),
        ("json_array_length('[1, 2]')", "2"),
        ("json_array_contains('[1, \"x\"]', 'x')", "true"),
        ("json_array_contains('[1, 2]', 2)", "true"),
        ("json_size('{\"a\": {\"b\": 1, \"c\": 2}}', '$.a')", "2"),
        ("cast('text' as json)", "\"text\""),
        ("cast(ARRAY[1, 2] as json)", "[1,2]"),
        ("cast(map(ARRAY['k'], ARRAY[true]) as json)", "{\"k\":true}"),
        ("cast(json_parse('\"x\"') as varchar)", "x"),
        ("cast(json_parse('{\"a\": 1, \"b\": \"2\"}') as map(varchar, bigint))", "{a=1, b=2}"),
        ("cast(json_parse('[{\"N\": 1}]') as array(row(n bigint, t varchar)))[1].n", "1"),
        ("cast(json_parse('{\"a\": {\"b\": 1}}') as map(varchar, json))['a']", "{\"b\":1}"),
        ("json_extract_scalar(cast(json_parse('{\"a\": {\"b\": 1}}') as map(varchar, json))['a'], '$.b')", "1"),
        ("try_cast(json_parse('\"x\"') as bigint)", "∅"),
    ])
    .await;
}

#[tokio::test]
async fn texts_are_worked_on_as_trino_does() {
    each_is(&[
        ("substr('abcd', 2), substr('abcd', -2), substr('abcd', 0) = ''", "bcd | cd | true"),
        ("substring('abcd' from 2 for 2)", "bc"),
        ("split('a,b,c', ',')[3], split('a,b,c', ',', 2)", "c | [a, b,c]"),
        ("split_part('a/b', '/', 2), split_part('a/b', '/', 3)", "b | ∅"),
        ("strpos('abcabc', 'c'), strpos('abcabc', 'c', 2), position('x' in 'abc')", "3 | 6 | 0"),
        ("concat('a', NULL), 'a' || NULL, concat('a', 'b', 'c')", "∅ | ∅ | abc"),
        ("replace('aXbX', 'X'), replace('aXb', 'X', '-')", "ab | a-b"),
        ("lpad('7', 3, '0'), rpad('abc', 2, '-')", "007 | ab"),
        ("length('äé'), upper('ä'), reverse('ab'), trim('  x ')", "2 | Ä | ba | x"),
        ("regexp_like('i-0abc', '^i-[0-9a-f]+$')", "true"),
        ("regexp_extract('arn:aws:iam::1:role/x', 'role/(.*)', 1)", "x"),
        ("regexp_extract_all('a1b22', '[0-9]+')", "[1, 22]"),
        ("regexp_replace('a1b22', '([0-9]+)', '<$1>'), regexp_replace('a1b2', '[0-9]')", "a<1>b<22> | ab"),
        ("'a_b' LIKE 'a\\_b', 'a_b' LIKE 'a#_b' ESCAPE '#', 'axb' LIKE 'a#_b' ESCAPE '#'", "false | true | false"),
        ("'abc' LIKE 'a' || '%', 'abc' NOT LIKE lower('A') || '_'", "true | true"),
        (
            "url_extract_host('https://u@a.example:8443/p?q=1#f'), url_extract_port('https://a.example:8443/')",
            "a.example | 8443",
        ),
        ("url_extract_parameter('https://x/?a=1&b=2%20', 'b')", "2 "),
        ("cast('abcdef' as varchar(3))", "abc"),
        ("nullif('a', 'a'), coalesce(NULL, 'b')", "∅ | b"),
        ("chr(65), codepoint('A')", "A | 65"),
    ])
    .await;
}

#[tokio::test]
async fn numbers_are_computed_as_trino_does() {
    each_is(&[
        ("7 / 2, -7 / 2, 7 % 3", "3 | -3 | 1"),
        ("7 / 2.0, 1e0 / 4", "3.5 | 0.25"),
        ("cast(2.5 as bigint), cast(-2.5 as bigint), cast('12' as integer)", "3 | -3 | 12"),
        (
            "round(2.345, 2), round(-2.5), round(1250, -2), floor(2.7), ceil(2), abs(-3)",
            "2.35 | -3.0 | 1300 | 2.0 | 2 | 3",
        ),
        ("greatest(1, 3, 2), least(1, NULL)", "3 | ∅"),
        ("cast(1.0 as varchar), cast(12345678.9 as varchar)", "1.0 | 1.23456789E7"),
        ("if(1 > 2, 'a'), if(1 < 2, 'a', 'b')", "∅ | a"),
        ("try(1 / 0), try(cast('x' as bigint)), try_cast('7' as bigint)", "∅ | ∅ | 7"),
        ("power(2, 10), mod(7, 4), sqrt(16)", "1024.0 | 3 | 4.0"),
        ("case when 1 = 1 then 'x' end", "x"),
        ("1 IS DISTINCT FROM NULL", "true"),
    ])
    .await;
    each_gives(&[(
        "SELECT eventID, try(cast(substr(eventID, 3) as bigint) / (cast(substr(eventID, 3) as bigint) - 2)) FROM $EDS WHERE eventID < 'e-4' ORDER BY 1",
        &["e-1 | -1", "e-2 | ∅", "e-3 | 3"],
    )])
    .await;
}

#[tokio::test]
async fn rows_are_grouped() {
    each_gives(&[
        ("SELECT eventName, count(*) AS n FROM $EDS GROUP BY eventName HAVING count(*) > 1 ORDER BY n DESC", &["GetSecretValue | 2"]),
        ("SELECT userIdentity.arn, COUNT(*) FROM $EDS WHERE userIdentity.arn IS NOT NULL GROUP BY userIdentity.arn ORDER BY COUNT(*) DESC, 1", &["arn:aws:iam::111122223333:user/mallory | 2", "arn:aws:iam::111122223333:root | 1", "arn:aws:sts::111122223333:assumed-role/EthosInstanceRole/i-1 | 1"]),
        ("SELECT DISTINCT userIdentity.type FROM $EDS ORDER BY userIdentity.type DESC", &["Root", "IAMUser", "AssumedRole", "∅"]),
        ("SELECT count_if(errorCode IS NOT NULL), count_if(readOnly) FILTER (WHERE eventID > 'e-2') FROM $EDS", &["1 | 2"]),
        ("SELECT max_by(eventID, eventTime), min_by(eventName, eventTime), max_by(eventID, eventTime, 2) FROM $EDS", &["e-2 | EndSecretVersionDelete | [e-2, e-1]"]),
        ("SELECT max_by(eventID, errorCode), arbitrary(errorCode), any_value(errorMessage) FROM $EDS", &["e-3 | AccessDenied | User is not authorized"]),
        ("SELECT approx_distinct(eventName), count(DISTINCT awsRegion) FROM $EDS", &["5 | 3"]),
        ("SELECT approx_percentile(length(eventID), 0.5) FROM $EDS", &["3.0"]),
        ("SELECT approx_percentile(length(eventName), ARRAY[0.0, 1.0]) FROM $EDS WHERE eventName LIKE '%Secret%'", &["[14.0, 22.0]"]),
        ("SELECT approx_percentile(length(eventName), ARRAY[0.5]) FROM $EDS WHERE eventName = 'x'", &["∅"]),
        ("SELECT histogram(awsRegion)['us-east-1'], cardinality(histogram(awsRegion)) FROM $EDS", &["4 | 3"]),
        ("SELECT map_agg(eventID, awsRegion)['e-3'] FROM $EDS", &["eu-west-1"]),
        ("SELECT listagg(eventID, ',') WITHIN GROUP (ORDER BY eventID DESC) FROM $EDS", &["e-6,e-5,e-4,e-3,e-2,e-1"]),
        ("SELECT array_agg(eventID ORDER BY eventTime) FROM $EDS WHERE awsRegion = 'us-east-1'", &["[e-6, e-4, e-1, e-2]"]),
        ("SELECT awsRegion, eventName, count(*) FROM $EDS WHERE eventID < 'e-4' GROUP BY ROLLUP (awsRegion, eventName) ORDER BY 1, 2", &["eu-west-1 | DescribeSecret | 1", "eu-west-1 | ∅ | 1", "us-east-1 | GetSecretValue | 2", "us-east-1 | ∅ | 2", "∅ | ∅ | 3"]),
        ("SELECT count(*) FROM $EDS GROUP BY GROUPING SETS ((awsRegion), ()) ORDER BY 1 DESC LIMIT 2", &["6", "4"]),
        ("SELECT bool_or(readOnly), every(managementEvent), avg(length(eventID)), sum(1) FROM $EDS", &["true | true | 3.0 | 6"]),
        ("SELECT sum(x), sum(DISTINCT x) FILTER (WHERE x < 9) FROM (VALUES (9223372036854775807), (1), (1), (-2), (NULL)) AS t (x)", &["9223372036854775807 | -1"]),
        ("SELECT sum(x) OVER (ORDER BY x ROWS 1 PRECEDING) FROM (VALUES (1), (2), (4)) AS t (x) ORDER BY 1", &["1", "3", "6"]),
        ("SELECT awsRegion, sum(length(eventID)), sum(if(awsRegion = 'none', 1)) FROM $EDS GROUP BY awsRegion ORDER BY 2 DESC LIMIT 1", &["us-east-1 | 12 | ∅"]),
        ("SELECT date_trunc('day', eventTime) AS day, count(*) FROM $EDS WHERE eventTime > '2026-11-24' GROUP BY 1 ORDER BY 1", &["2026-11-24 00:00:00.000 | 1", "2026-11-25 00:00:00.000 | 2"]),
    ])
    .await;
}

#[tokio::test]
async fn queries_are_put_together() {
    each_gives(&[
        ("SELECT eventID FROM $EDS UNION SELECT eventID FROM $OTHER ORDER BY 1 LIMIT 2", &["e-1", "e-2"]),
        ("SELECT count(*) FROM (SELECT eventID FROM $EDS UNION ALL SELECT eventID FROM $OTHER)", &["9"]),
        ("SELECT eventID FROM $EDS EXCEPT SELECT eventID FROM $OTHER ORDER BY 1", &["e-4", "e-5", "e-6"]),
        ("SELECT eventID FROM $EDS INTERSECT SELECT eventID FROM $OTHER ORDER BY 1", &["e-1", "e-2", "e-3"]),
        ("SELECT a.eventID, b.eventID FROM $EDS a JOIN $OTHER b ON a.userIdentity.arn = b.userIdentity.arn AND a.eventID < b.eventID", &["e-2 | e-3"]),
        ("SELECT a.eventID FROM $EDS a LEFT JOIN $OTHER b USING (eventID) WHERE b.eventName IS NULL ORDER BY 1", &["e-4", "e-5", "e-6"]),
        ("SELECT eventID FROM $EDS WHERE eventTime = (SELECT max(eventTime) FROM $EDS)", &["e-2"]),
        ("SELECT eventID FROM $EDS e WHERE EXISTS (SELECT 1 FROM $OTHER o WHERE o.eventID = e.eventID AND o.errorCode IS NOT NULL)", &["e-3"]),
        ("SELECT eventID FROM $EDS WHERE eventID IN (SELECT eventID FROM $OTHER) AND eventID NOT IN ('e-1') ORDER BY 1", &["e-2", "e-3"]),
        ("SELECT eventID, rank() OVER (PARTITION BY eventName ORDER BY eventTime DESC) AS r FROM $EDS WHERE eventName = 'GetSecretValue' ORDER BY r", &["e-2 | 1", "e-1 | 2"]),
        ("SELECT eventID, lag(eventID) OVER (ORDER BY eventTime) FROM $OTHER ORDER BY eventTime", &["e-3 | ∅", "e-1 | e-3", "e-2 | e-1"]),
        ("WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT x, y FROM a CROSS JOIN b", &["1 | 2"]),
        ("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t (n, s) WHERE n > 1", &["2 | b"]),
        ("VALUES (1, 'a')", &["1 | a"]),
        ("SELECT eventID FROM $EDS ORDER BY eventID OFFSET 1 ROWS FETCH FIRST 2 ROWS ONLY", &["e-2", "e-3"]),
        ("SELECT eventID FROM $EDS ORDER BY eventID OFFSET 5 LIMIT ALL", &["e-6"]),
        ("SELECT eventID FROM $EDS ORDER BY eventID FETCH FIRST ROW ONLY; -- one", &["e-1"]),
    ])
    .await;
}

#[tokio::test]
async fn nulls_sort_last_unless_it_is_said() {
    each_gives(&[
        ("SELECT errorCode FROM $OTHER ORDER BY errorCode", &["AccessDenied", "∅", "∅"]),
        ("SELECT errorCode FROM $OTHER ORDER BY errorCode DESC", &["AccessDenied", "∅", "∅"]),
        ("SELECT errorCode FROM $OTHER ORDER BY errorCode NULLS FIRST", &["∅", "∅", "AccessDenied"]),
    ])
    .await;
}

#[tokio::test]
async fn long_lists_of_conditions_stay_flat() {
    let conditions: Vec<_> = (0..300).map(|number| format!("eventName LIKE 'x{number}%'")).collect();
    let statement = format!("SELECT count(*) FROM $EDS WHERE {} OR eventID = 'e-1'", conditions.join(" OR "));

    assert_eq!(lake().answer(&statement).await, ["1"]);
}
