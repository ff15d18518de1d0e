//! Reads CloudTrail archives as they are found: trees of hundreds of thousands of small files, in a directory or a bucket.
//!
//! [`Archive::open`] names the place, [`Archive::list`] lists its log files in the order of their time, [`Archive::contents`]
//! opens them one after another, and [`Records`] splits each into raw records. Memory is bounded whatever the files hold;
//! what cannot be read is a [`Fault`] of its file, never the end of the run.
//!
//! A log file may be gzip (several members too) or plain, and hold `{"Records":[…]}`, an array of records, JSON lines or
//! records one after another, compact or pretty. Digests, Config snapshots and Insights lie beside log files in real
//! buckets: [`Kind`] tells them apart, by key before a file is opened and by content after.
//!
//! ```
//! use keeptrail_archive::{Limits, Records};
//!
//! let file = br#"{"Records":[{"eventName":"GetSecretValue"},{"eventName":"PutSecretValue"}]}"#;
//! let mut records = Records::new(&file[..], file.len() as u64, &Limits::default());
//! let mut names = Vec::new();
//! while let Some(record) = records.next().expect("the file is whole") {
//!     names.push(record.to_owned());
//! }
//! assert_eq!(names[1], r#"{"eventName":"PutSecretValue"}"#);
//! ```

mod archive;
mod decode;
mod fault;
mod head;
mod kind;
mod listing;
mod remote;
mod s3;
mod skip;
mod split;
mod when;

pub use archive::{Archive, ArchiveError, Content, Contents, Objects};
pub use decode::Limits;
pub use fault::{Fault, FaultReason};
pub use kind::Kind;
pub use listing::{Listing, Object, Range};
pub use split::Records;
pub use when::FileTime;
