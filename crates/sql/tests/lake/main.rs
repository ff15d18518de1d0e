//! The dialect as behaviour: what a statement answers over a handful of events.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod columns;
mod dialect;
mod fixture;
mod fuzz;
mod limits;
mod refusals;
mod samples;
