//! The CloudTrail record: build, order, redact, read
