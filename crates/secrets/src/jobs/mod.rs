//! Background work: ends of recovery windows, days of last access.

mod last_access;
mod version_deletion;

pub use last_access::LastAccess;
pub use version_deletion::VersionDeletion;
pub(crate) use version_deletion::remove;
