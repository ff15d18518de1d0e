//! The durable audit log.
//!
//! Records are appended to JSON-lines *segments*, chained by hash (see [`segment`]), and are answered only when they are
//! on the disk. One thread writes: it takes everything that is queued, writes it at once, syncs once and answers all
//! (group commit without timers). Readers follow at their own pace, each with its own cursor.
//!
//! [`Ledger`] joins the journal with the store, so that a change and its record are one durable step.
//!
//! INVARIANT: what was acknowledged is in a file that stands at its place, whole and chained, or a [`Fault`] was reported.

mod disk;
mod entry;
mod error;
mod fault;
mod files;
mod guard;
mod journal;
mod ledger;
mod leftover;
mod queue;
mod repair;
mod retain;
mod scan;
pub mod segment;
mod shared;
mod takeover;
mod verify;
mod writer;

#[cfg(test)]
mod tests;

pub use entry::{Entry, Record};
pub use error::JournalError;
pub use fault::{Fault, FaultKind, OnFault};
pub use journal::{Journal, Options, Pending, Status};
pub use ledger::{CommitError, Ledger};
pub use segment::{Anchor, ChainHash, parse_entry};
pub use verify::{FaultAt, Report, verify, verify_against, verify_remembered};
