-- Addresses that a caller used today and not in the two weeks before.
SELECT userIdentity.arn AS caller, sourceIPAddress AS address, min(eventTime) AS first, array_distinct(array_agg(eventName)) AS calls
FROM events
WHERE userIdentity.arn IS NOT NULL AND eventTime > date_add('day', -15, now())
GROUP BY 1, 2
HAVING min(eventTime) > date_trunc('day', now())
ORDER BY first
