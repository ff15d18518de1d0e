//! CloudWatch Logs filter patterns, EventBridge patterns, event selectors: parse, compile, match
