//! From text to one parsed SELECT.

mod cast_types;
mod dialect;
mod parse;
mod store_ids;

pub(crate) use parse::parse;
