//! The Lake: CloudTrail events as sorted Parquet files, queried with SQL.
//!
//! The signed log files are the record; the Lake is an index over them that can be made again at any time. A [`Lake`] is a
//! directory of event data stores and a catalog that names their files; an [`EventStore`] is one of them.
//!
//! - **Append**: [`EventStore::appender`] takes batches of records ([`BatchBuilder`]), leaves out those whose `eventID` is there
//!   already, and writes one file a day. [`Appender::stage`] makes the files durable; [`Staged::name`] puts them into the caller's
//!   transaction, beside its cursor; after the commit [`Staged::adopt`] shows them.
//! - **Follow**: [`EventStore::follow`] shows records of the journal to queries at once, before they are in a file;
//!   [`EventStore::seal`] and [`Appender::append_tail`] write them, and [`Staged::adopt`] takes them out of memory in the same moment in which the file shows.
//! - **Query**: [`EventStore::table`] is a DataFusion table; [`SearchColumns`] lets it use the columns for searching.
//! - **Care**: [`EventStore::compact`], [`EventStore::retain`], [`Lake::delete`], [`Lake::clear_deleted`], [`Lake::sweep`],
//!   [`Lake::retire`].
//! - **Import**: [`EventStore::import`] reads archives of log files.
//!
//! # Files
//! `DIR/catalog.db` (or the server's store) and `DIR/STORE/day=2026-11-25/NAME.parquet`. A file is written beside its place,
//! synced, renamed, and counts when a transaction names it; what no transaction names is swept. Stopping the process at any
//! moment loses nothing that was acknowledged and doubles nothing.

mod append;
mod catalog;
mod compact;
mod day_file;
mod disk;
mod encode;
mod error;
mod event_store;
mod gather;
pub mod import;
mod lake;
pub mod layout;
mod page_index;
mod retain;
mod rewrite;
mod seen;
mod sweep;
mod table;
mod tail;
mod tail_source;
mod time_bounds;

pub use append::{Appender, Staged};
pub use catalog::FileRow;
pub use compact::Compacted;
pub use encode::{BatchBuilder, EncodeError, EventId, JsonError};
pub use error::LakeError;
pub use event_store::{EventStore, Statistics};
pub use lake::{Access, DEFAULT_STORE, Lake};
pub use layout::Layout;
pub use rewrite::SearchColumns;
pub use table::LakeTable;
pub use tail::{Sealed, TailSize};

#[cfg(test)]
mod tests;
