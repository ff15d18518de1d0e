-- Secrets read by people in the last month: users, the root user, and sessions that came from the console.
SELECT eventTime, userIdentity.type, userIdentity.arn, requestParameters.secretId, sourceIPAddress,
       userIdentity.sessionContext.attributes.mfaAuthenticated AS mfa
FROM events
WHERE eventSource = 'secretsmanager.amazonaws.com' AND eventName = 'GetSecretValue'
  AND (userIdentity.type IN ('IAMUser', 'Root') OR sessionCredentialFromConsole = 'true')
  AND eventTime > date_add('day', -30, now())
ORDER BY eventTime DESC
