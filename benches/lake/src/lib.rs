//! Makes CloudTrail archives that look like real ones: seeded, so that everybody gets the same bytes.
//!
//! The shapes and their shares follow published records (eventVersion 1.08 to 1.11): KMS and STS calls of services dominate,
//! about one event in ten is of Secrets Manager, a record has about 1.4 KB.

mod archive;
mod event;
mod world;

pub use archive::{Archive, Made};
pub use event::Events;
