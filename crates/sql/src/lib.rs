//! CloudTrail Lake SQL.
