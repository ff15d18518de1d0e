//! Reads CloudTrail archives as they are found.
