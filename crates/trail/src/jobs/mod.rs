//! The trails' work in the background.

mod files;
mod log_delivery;

pub use files::LogFiles;
pub use log_delivery::LogDelivery;
