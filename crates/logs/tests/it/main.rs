//! CloudWatch Logs as its callers and its metrics see it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod events;
mod filters;
mod fixture;
mod groups;
mod time;
