//! Moves the write-ahead log into the database file, beside the commits.

use std::{sync::mpsc, time::Duration};

use rusqlite::Connection;

/// A checkpoint after this many batches of commits.
const BATCHES: u32 = 256;
/// With nothing committed for so long, the log is emptied and cut.
const IDLE: Duration = Duration::from_secs(5);

pub(super) fn run(connection: &Connection, committed: &mpsc::Receiver<()>) {
    let mut batches = 0;
    loop {
        match committed.recv_timeout(IDLE) {
            Ok(()) => {
                batches += 1;
                if batches >= BATCHES {
                    checkpoint(connection, "PASSIVE");
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

fn checkpoint(connection: &Connection, mode: &str) {
    // A busy database or a full disk only postpones the checkpoint.
    if let Err(error) = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(())) {
        tracing::debug!(%error, mode, "checkpoint postponed");
    }
}
