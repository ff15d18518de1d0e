//! CloudWatch as its callers, its topics and the event bus see it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod alarms;
mod data;
mod fixture;
mod protocols;
mod time;
