//! The dialect as behaviour: what a statement answers over a handful of events.

mod columns;
mod dialect;
mod fixture;
mod fuzz;
mod limits;
mod refusals;
mod samples;
