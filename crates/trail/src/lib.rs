//! AWS CloudTrail: trails, selectors, log files, event history
