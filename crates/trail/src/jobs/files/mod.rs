//! Log files: what trails take is spooled as it is read from the journal, and written to buckets at an interval.
//!
//! The reader decides, in the transaction of its cursor, which trail takes a record, and puts it into the trail's open
//! *batch*. The task seals batches that are due and writes each as one file: the row of a sealed batch names the file and
//! holds what is in it, so a repetition after a crash writes the same file again. Only then is the batch deleted. The
//! journal need not be kept for a bucket that cannot be written. See ADR 5.

mod batch;
mod body;
mod deliver;
mod give_up;
mod status;
mod take;

pub use deliver::LogFiles;
pub use take::LogFileReader;

pub(crate) use status::STATUS;
