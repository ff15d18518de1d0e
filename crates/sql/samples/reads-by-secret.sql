-- How often each secret was read in the last week, by how many callers, and when last.
SELECT requestParameters.secretId AS secret, count(*) AS reads, count(DISTINCT userIdentity.arn) AS callers, max(eventTime) AS last
FROM events
WHERE eventSource = 'secretsmanager.amazonaws.com' AND eventName = 'GetSecretValue' AND errorCode IS NULL
  AND eventTime > date_add('day', -7, now())
GROUP BY requestParameters.secretId
ORDER BY reads DESC
