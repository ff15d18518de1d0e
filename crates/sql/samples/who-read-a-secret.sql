-- Who read one secret in the last day, by name or by ARN, and from where.
SELECT eventTime, userIdentity.arn, sourceIPAddress, userAgent, requestParameters.secretId, errorCode
FROM events
WHERE eventSource = 'secretsmanager.amazonaws.com'
  AND eventName IN ('GetSecretValue', 'BatchGetSecretValue')
  AND (requestParameters.secretId = 'prod/db/password' OR requestParameters.secretId LIKE '%:secret:prod/db/password-______')
  AND eventTime > date_add('hour', -24, now())
ORDER BY eventTime DESC
