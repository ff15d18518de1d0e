//! Trails as a caller sees them, and what they deliver.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod files;
mod fixture;
mod history;
mod logs;
mod notices;
mod trails;
