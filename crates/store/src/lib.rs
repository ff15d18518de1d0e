//! The store: ordered keys under serialisable transactions.
//!
//! A [`Tx`] reads through a cache, remembers what it read, and buffers what it writes; [`Store::commit`] hands reads and
//! writes to the [`Backend`], which applies them only when nothing that was read has changed since (optimistic
//! concurrency). Audit records ride in the same commit as *outbox* rows, so that a change and its record are one
//! durable step; the journal takes them over from there.
//!
//! INVARIANT: whatever the cache holds for a key is the newest committed value or is about to be replaced by the commit
//! that is applying it; a commit is acknowledged only after the cache shows it.

mod backend;
mod cache;
pub mod conformance;
mod error;
mod key;
mod sqlite;
mod store;
mod stored;
mod table;
mod tx;

pub use backend::{Backend, Change, Changes, Listener, OutboxRow, Page, ReadCheck, Scan};
pub use error::StoreError;
pub use key::Key;
pub use sqlite::Sqlite;
pub use store::{Body, Committed, Store};
pub use stored::Stored;
pub use table::{Row, Table};
pub use tx::Tx;
