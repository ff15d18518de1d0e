-- Calls with TLS below 1.3 in the last week, by service and user agent.
SELECT eventSource, tlsDetails.tlsVersion, regexp_extract(userAgent, '^[^ /]+') AS client, count(*) AS calls
FROM events
WHERE tlsDetails.tlsVersion <> 'TLSv1.3' AND eventTime > date_add('day', -7, now())
GROUP BY 1, 2, 3
ORDER BY calls DESC
