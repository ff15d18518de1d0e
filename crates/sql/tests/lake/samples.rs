//! Queries of the shapes that published Lake samples have, in our own words.

use crate::fixture::lake;

#[tokio::test]
async fn queries_of_the_published_shapes_run() {
    let lake = lake();
    for (statement, rows) in [
        // Comments in front, a function over a line break, grouped and sorted by an expression.
        (
            "/* Reads for each day of the week.
                Put your own store's id in. */
             SELECT day_of_week(eventTime
                ) as weekday, COUNT(*
                ) as reads
             FROM $EDS
             WHERE eventTime > '2026-11-01 00:00:00' AND eventCategory = 'Management'
             GROUP
                BY day_of_week(eventTime
                )ORDER BY day_of_week(eventTime
                )",
            vec!["1 | 1", "2 | 1", "3 | 2", "5 | 1"],
        ),
        // A union of two selects, names without AS, sorted by a column of the first.
        (
            "SELECT eventName, userIdentity.arn AS user, element_at(requestParameters, 'secretId') AS secret
             FROM $EDS WHERE eventName = 'DescribeSecret'
             UNION ALL
             SELECT eventName, userIdentity.arn AS user, json_extract_scalar(element_at(requestParameters, 'instancesSet'), '$.items[0].imageId') secret
             FROM $EDS WHERE element_at(requestParameters, 'instancesSet') LIKE '%ami-1%' -- by its text
             ORDER
                BY eventName",
            vec!["DescribeSecret | arn:aws:iam::111122223333:user/mallory | ethos/prod/db", "RunInstances | arn:aws:iam::111122223333:root | ami-1"],
        ),
        // An object inside a map as text.
        (
            "SELECT userIdentity.principalid, eventName FROM $EDS WHERE responseElements IS NOT NULL AND element_at(responseElements, 'instancesSet') like '%\"instanceId\":\"i-77\"%'",
            vec!["111122223333 | RunInstances"],
        ),
        // A ranked subquery without a name, lambdas over JSON.
        (
            "SELECT eventID, transform(filter(items, item -> cast(json_extract(item, '$.minCount') as bigint) > 1), item -> json_extract(item, '$.imageId')) AS many
             FROM (SELECT eventID, cast(json_extract(json_parse(eventJson), '$.requestParameters.instancesSet.items') as array(json)) AS items,
                          rank() over (partition by replace(eventName, 'Run') order by eventTime desc) as rnk
                   FROM $EDS WHERE eventSource = 'ec2.amazonaws.com')
             WHERE rnk = 1",
            vec!["e-5 | [\"ami-2\"]"],
        ),
        // The values of an object, cast to a map of JSON.
        (
            "SELECT map_values(cast(json_extract(json_parse(eventJson), '$.requestParameters.encryptionContext') as map(varchar, json)))
             FROM $EDS WHERE eventID = 'e-4'",
            vec!["[\"arn:aws:s3:::vault\"]"],
        ),
        // IN a subquery that cuts a name by a regular expression.
        (
            "SELECT eventID FROM $EDS WHERE eventName LIKE '%Secret'
               AND element_at(requestParameters, 'secretId') IN (
                 SELECT regexp_replace(element_at(requestParameters, 'secretId') || '-x9', '^secret:|(-[a-z0-9]{2})$') AS name
                 FROM $OTHER WHERE userIdentity.principalId IN (SELECT userIdentity.principalid FROM $EDS WHERE eventID = 'e-2'))",
            vec!["e-3"],
        ),
        // AND before OR without parentheses; != and NOT IN on what may be NULL.
        (
            "SELECT eventID FROM $EDS
             WHERE (eventName LIKE '%Get%' OR eventName LIKE '%Run%') AND sourceIpAddress != '10.0.0.5'
             AND userIdentity.username NOT IN ('')
             ORDER BY eventTime DESC;",
            vec!["e-2"],
        ),
        // Fields of one name from several places, and whole structures.
        (
            "SELECT userIdentity.arn, userIdentity.accountID, userIdentity.sessionContext.sessionIssuer.arn, userIdentity.sessionContext.sessionIssuer.accountID,
                    userIdentity.sessionContext.webidfederationData.attributes, resources, vpcEndPointID, serviceEventDetails, insightDetails
             FROM $EDS WHERE userIdentity.sessionContext.attributes.mfaAuthenticated = 'false'",
            vec!["arn:aws:sts::111122223333:assumed-role/EthosInstanceRole/i-1 | 111122223333 | arn:aws:iam::111122223333:role/EthosInstanceRole | 111122223333 | ∅ | ∅ | ∅ | ∅ | ∅"],
        ),
        // Rows by TLS version.
        (
            "SELECT tlsDetails.tlsVersion AS version, COUNT(*) AS calls FROM $EDS WHERE tlsDetails.tlsVersion IS NOT NULL GROUP BY tlsDetails.tlsVersion ORDER BY calls DESC, version",
            vec!["TLSv1.2 | 1", "TLSv1.3 | 1"],
        ),
    ] {
        assert_eq!(lake.answer(statement).await, rows, "{statement}");
    }
}

#[tokio::test]
async fn our_own_samples_run_and_say_what_they_answer() {
    let lake = lake();
    for sample in keeptrail_sql::SAMPLES {
        assert!(sample.about().ends_with('.'), "{}", sample.name);
        lake.answer(&sample.sql.replace("FROM events", "FROM trail")).await;
    }
}
