//! How the delivery of a trail's log files goes.

use keeptrail_clock::Timestamp;
use keeptrail_store::Table;
use serde::{Deserialize, Serialize};

/// By trail id.
pub(crate) const STATUS: Table<FileStatus> = Table::new("trail.file-status");

/// How the delivery of a trail's log files goes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct FileStatus {
    pub(crate) trail_arn: String,
    /// The last attempt to write a file, and the last that succeeded.
    pub(crate) attempted: Option<Timestamp>,
    pub(crate) delivered: Option<Timestamp>,
    /// What the last attempt met: the error code of S3 that CloudTrail would have met.
    pub(crate) error: Option<String>,
    /// Since when nothing could be delivered.
    pub(crate) failing: Option<Timestamp>,
    /// The last attempt to tell the topic, and the last that succeeded.
    pub(crate) notice_attempted: Option<Timestamp>,
    pub(crate) noticed: Option<Timestamp>,
    pub(crate) notice_error: Option<String>,
}
