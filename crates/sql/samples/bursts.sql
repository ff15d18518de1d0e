-- Callers that read many different secrets within one hour.
SELECT date_trunc('hour', eventTime) AS hour, userIdentity.arn AS caller, approx_distinct(requestParameters.secretId) AS secrets, count(*) AS reads,
       array_distinct(array_agg(sourceIPAddress)) AS addresses
FROM events
WHERE eventSource = 'secretsmanager.amazonaws.com' AND eventName = 'GetSecretValue' AND eventTime > date_add('day', -7, now())
GROUP BY 1, 2
HAVING approx_distinct(requestParameters.secretId) >= 20
ORDER BY secrets DESC
