-- Callers that read a secret in the last day and had not read it in the month before.
WITH reads AS (
  SELECT userIdentity.arn AS caller, requestParameters.secretId AS secret, eventTime
  FROM events
  WHERE eventSource = 'secretsmanager.amazonaws.com' AND eventName = 'GetSecretValue' AND eventTime > date_add('day', -31, now())
)
SELECT caller, secret, min(eventTime) AS first, count(*) AS reads
FROM reads
GROUP BY caller, secret
HAVING min(eventTime) > date_add('day', -1, now())
ORDER BY first
