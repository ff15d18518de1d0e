//! The event history: management events of 90 days, found by one attribute.
//!
//! Records are kept as compressed chunks by account, region and time. A look-up goes through the chunks newest first,
//! skips those that cannot hold the value, and stops when the page is full.

mod attribute;
mod chunk;
mod keep;
mod lookup;

pub use keep::{HistoryReader, HistoryRetention};

pub(crate) use attribute::{Attribute, access_key, read_only, resources, username};
pub(crate) use lookup::{Found, Position, Query, lookup};
