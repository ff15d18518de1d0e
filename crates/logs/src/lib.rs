//! Amazon CloudWatch Logs: groups, streams, events, metric filters
