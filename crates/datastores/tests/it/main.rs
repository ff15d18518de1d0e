//! Event data stores as a caller sees them, and what is in them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod fixture;
mod ingestion;
mod stores;
mod upkeep;
