//! The built server as its callers, its operator and its enemies meet it.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod canary;
mod clients;
mod coverage;
mod crash;
mod event_data_stores;
mod full_disk;
mod hostile;
mod lake_commands;
mod operations;
mod operator;
mod queries;
mod signatures;
mod support;
mod tampering;
mod transports;
mod webhooks;
