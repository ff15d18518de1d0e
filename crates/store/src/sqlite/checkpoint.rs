//! Moves the write-ahead log into the database file, beside the commits.

use std::{
    sync::{Arc, atomic::Ordering, mpsc},
    time::Duration,
};

use rusqlite::Connection;

use super::Shared;

/// A checkpoint after this many batches of commits.
const BATCHES: u32 = 256;
/// A log of more pages (32 MiB) is emptied by the writer, so that commits wait for it. Under steady load a checkpoint beside the
/// commits never catches up with the last one, and the log would grow for ever; the next start reads all of it.
const LONGEST: i64 = 4096;
/// With nothing committed for so long, the log is emptied and cut.
const IDLE: Duration = Duration::from_secs(5);

pub(super) fn run(connection: &Connection, shared: &Arc<Shared>, committed: &mpsc::Receiver<()>) {
    let mut batches = 0;
    loop {
        match committed.recv_timeout(IDLE) {
            Ok(()) => {
                batches += 1;
                if batches >= BATCHES {
                    // Most is moved beside the commits, so that they wait only for the rest.
                    if checkpoint(connection, "PASSIVE") > LONGEST {
                        shared.log_is_long.store(true, Ordering::Release);
                    }
                    batches = 0;
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) if batches > 0 => {
                checkpoint(connection, "TRUNCATE");
                batches = 0;
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Runs a checkpoint; the log's length in pages before it, as far as it is known.
pub(super) fn checkpoint(connection: &Connection, mode: &str) -> i64 {
    // A busy database or a full disk only postpones the checkpoint.
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(1)).unwrap_or_else(|error| {
        tracing::debug!(%error, mode, "checkpoint postponed");
        0
    })
}
