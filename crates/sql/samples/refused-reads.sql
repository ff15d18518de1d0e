-- Calls for secrets that were refused in the last month: who, what, how often, since when.
SELECT coalesce(userIdentity.arn, userIdentity.invokedBy) AS caller, eventName, requestParameters.secretId AS secret, errorCode, count(*) AS calls,
       min(eventTime) AS first, max(eventTime) AS last
FROM events
WHERE eventSource = 'secretsmanager.amazonaws.com' AND errorCode IS NOT NULL AND eventTime > date_add('day', -30, now())
GROUP BY 1, 2, 3, 4
ORDER BY calls DESC
