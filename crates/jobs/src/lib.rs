//! Work in the background: readers of the journal and tasks.
//!
//! A [`Reader`] follows the journal from its own durable cursor. Its effects and its cursor commit in one transaction, so
//! a crash neither loses nor doubles an effect; readers at one place share it, and the parsed records.
//!
//! A [`Task`] does what is due and says when it is due again; it takes no input: what is to be done stands in the store. A
//! task is woken when a commit touches a table it watches, and looks again at the time it named in any case, so a lost
//! wake-up only costs time.
//!
//! A [`Follower`] is a reader whose effects are in memory at once and durable later: queries see them, and files are not made
//! for each of them. Its cursor moves when they are written.
//!
//! The [`Driver`] runs them, with back-off after failures, shows their status, and drains at the end.

mod cursor;
mod driver;
mod error;
mod follower;
mod following;
mod parsed;
mod reader;
mod readers;
mod status;
mod task;

pub use cursor::cursor;
pub use driver::{Driver, Running};
pub use error::JobError;
pub use follower::{Follower, Load, Writing, Written};
pub use parsed::Parsed;
pub use reader::Reader;
pub use status::{JobState, JobStatus};
pub use task::{Next, Task};
