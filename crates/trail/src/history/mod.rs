//! The event history: management events of 90 days, found by one attribute.
//!
//! Records are kept as compressed chunks by account, region and time, each with an index of what its records can be found
//! by. A look-up goes through the chunks newest first, opens those that may hold the value, and stops when the page is full
//! or it has looked at enough for one call.

mod attribute;
mod chunk;
mod index;
mod keep;
mod lookup;
#[cfg(test)]
mod tests;

pub use keep::{HistoryReader, HistoryRetention};

pub(crate) use attribute::{Attribute, access_key, read_only, resources, username};
pub(crate) use lookup::{Found, FoundPage, MOST, Position, Query, lookup};
