//! CloudWatch Logs filter patterns, EventBridge patterns, event selectors: parse, compile, match
//!
//! Everything here is pure and total: parsing ends for every input in bounded time and memory, with an error that says
//! what is wrong; matching is linear in the event.

pub mod document;
pub mod event;
pub mod filter;
pub mod index;
pub mod selector;

mod decimal;
mod wildcard;
