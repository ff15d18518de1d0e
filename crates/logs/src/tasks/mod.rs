//! What happens by itself.

mod merge;
mod purge;
mod retention;

pub use merge::Merge;
pub use purge::Purge;
pub use retention::Retention;
