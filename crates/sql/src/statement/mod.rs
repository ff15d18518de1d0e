//! From text to one parsed SELECT.

mod cast_types;
mod dialect;
mod names;
mod parse;
mod store_ids;

pub(crate) use names::store_names;
pub(crate) use parse::{Parsed, parse};
