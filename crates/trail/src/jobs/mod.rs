//! The trails' work in the background.

mod files;
mod log_delivery;
mod taking;
mod troubles;

pub(crate) use files::STATUS;
pub use files::{LogFileReader, LogFiles};
pub use log_delivery::LogDelivery;
pub use troubles::{Trouble, troubles};
