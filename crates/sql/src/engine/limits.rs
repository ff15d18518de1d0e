//! What a query may take.

use std::time::Duration;

use crate::error::{ErrorKind, SqlError};

/// Bounds on queries. Memory and disk are shared by all queries of an engine.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest statement, in characters.
    pub statement_chars: usize,
    /// The longest time a query runs.
    pub time: Duration,
    /// Memory for sorts, joins and groups, in bytes; beyond it they go to disk. Half as much again is for what is remembered of
    /// files.
    pub memory_bytes: usize,
    /// Disk for what does not fit into memory, in bytes.
    pub spill_bytes: u64,
    /// The most rows of a result.
    pub result_rows: u64,
    /// The largest result, in bytes of values.
    pub result_bytes: u64,
    /// How many parts of a query run at once.
    pub parallelism: usize,
}

impl Default for Limits {
    /// AWS's: 10,000 characters and an hour. Ours: 512 MiB, 16 GiB on disk, 100 million rows, 16 GiB.
    fn default() -> Self {
        Self {
            statement_chars: 10_000,
            time: Duration::from_secs(3_600),
            memory_bytes: 512 << 20,
            spill_bytes: 16 << 30,
            result_rows: 100_000_000,
            result_bytes: 16 << 30,
            parallelism: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

impl Limits {
    pub(super) fn time_is_up(&self) -> SqlError {
        let seconds = self.time.as_secs();
        let message = format!("the query ran longer than {seconds} seconds; bound eventTime, or ask for less");
        SqlError::new(ErrorKind::TimedOut, message)
    }

    pub(super) fn too_many_rows(&self) -> SqlError {
        let message = format!("the result has more than {} rows; add LIMIT or conditions", self.result_rows);
        SqlError::new(ErrorKind::ResultTooLarge, message)
    }

    pub(super) fn too_many_bytes(&self) -> SqlError {
        let message = format!("the result is larger than {} bytes; add LIMIT, or name the columns", self.result_bytes);
        SqlError::new(ErrorKind::ResultTooLarge, message)
    }
}
