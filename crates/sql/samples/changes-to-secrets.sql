-- Every change to a secret in the last month: made, written, deleted, shared, tagged, rotated.
SELECT eventTime, eventName, userIdentity.arn, coalesce(requestParameters.secretId, requestParameters.name) AS secret, sourceIPAddress
FROM events
WHERE eventSource = 'secretsmanager.amazonaws.com' AND readOnly = false AND eventTime > date_add('day', -30, now())
ORDER BY eventTime DESC
