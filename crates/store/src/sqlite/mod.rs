//! The embedded engine: one SQLite file, one writer thread with group commit, a few read-only connections.
//!
//! WAL mode with `synchronous=FULL`: a commit is on disk before it is acknowledged. Checkpoints run on a thread of their
//! own, so that they do not stand in the way of commits (measured: they are SQLite's tail latency).

mod checkpoint;
mod writer;

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
};

use bytes::Bytes;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use tokio::sync::oneshot;

use crate::{Backend, Changes, Key, Listener, OutboxRow, Page, Scan, StoreError, Stored};
use writer::{Job, Writer};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS kv (key BLOB NOT NULL PRIMARY KEY, version INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, record BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS fact (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
";

/// The embedded back end.
pub struct Sqlite {
    shared: Arc<Shared>,
    jobs: mpsc::Sender<Job>,
    readers: Mutex<Vec<Connection>>,
    path: std::path::PathBuf,
    threads: Vec<std::thread::JoinHandle<()>>,
}

struct Shared {
    sequence: AtomicU64,
    listeners: Mutex<Vec<Listener>>,
    /// The write-ahead log is to be emptied before the next commit.
    log_is_long: AtomicBool,
}

impl Sqlite {
    /// Opens or creates the database file at `path`.
    ///
    /// # Errors
    /// When the file cannot be opened as a database of ours.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "page_size", 8192)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.execute_batch(SCHEMA)?;
        let sequence: Option<i64> = connection
            .query_row("SELECT CAST(value AS INTEGER) FROM fact WHERE name = 'sequence'", [], |row| row.get(0))
            .optional()?;
        let shared = Arc::new(Shared {
            sequence: AtomicU64::new(sequence.unwrap_or(0).unsigned_abs()),
            listeners: Mutex::default(),
            log_is_long: AtomicBool::new(false),
        });
        let (wake, checkpoints) = mpsc::channel();
        let (jobs, queue) = mpsc::channel();
        let keeper = Connection::open(path)?;
        let threads = vec![
            spawn("store-writer", {
                let writer = Writer::new(connection, Arc::clone(&shared), wake);
                move || writer.run(&queue)
            })?,
            spawn("store-checkpoint", {
                let shared = Arc::clone(&shared);
                move || checkpoint::run(&keeper, &shared, &checkpoints)
            })?,
        ];
        Ok(Self { shared, jobs, readers: Mutex::default(), path: path.to_owned(), threads })
    }

    /// A fact of the database at `path`, which a server may have open; changes nothing.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read_fact(path: &Path, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        fact(&Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?, name)
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let pooled = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match pooled {
            Some(connection) => connection,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                Connection::open_with_flags(&self.path, flags)?
            }
        };
        let result = query(&connection);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < 8 {
            readers.push(connection);
        }
        result
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job) -> Result<T, StoreError> {
        let (answer, result) = oneshot::channel();
        self.jobs.send(job(answer)).map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)?
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // Closing the queue ends the writer, whose end closes the checkpoint thread's queue.
        self.jobs = mpsc::channel().0;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<std::thread::JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

#[async_trait::async_trait]
impl Backend for Sqlite {
    async fn get(&self, key: &Key) -> Result<Option<Arc<Stored>>, StoreError> {
        self.read(|connection| {
            let mut query = connection.prepare_cached("SELECT version, value FROM kv WHERE key = ?1")?;
            Ok(query.query_row([key.as_bytes()], |row| stored(row, 0)).optional()?)
        })
    }

    async fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        self.read(|connection| page(connection, scan))
    }

    async fn commit(&self, changes: Changes) -> Result<(u64, Vec<OutboxRow>), StoreError> {
        self.ask(|answer| Job::Commit(changes, answer)).await
    }

    fn sequence(&self) -> u64 {
        self.shared.sequence.load(Ordering::Acquire)
    }

    async fn outbox(&self, after: u64, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        self.read(|connection| {
            let mut query = connection
                .prepare_cached("SELECT seq, event_id, record FROM outbox WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
            let rows = query.query_map(params![signed(after), i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
                Ok(OutboxRow {
                    seq: row.get::<_, i64>(0)?.unsigned_abs(),
                    event_id: row.get(1)?,
                    bytes: Bytes::from(row.get::<_, Vec<u8>>(2)?),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    async fn clear_outbox(&self, rows: Vec<u64>, facts: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        self.ask(|answer| Job::ClearOutbox(rows, facts, answer)).await
    }

    async fn fact(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|connection| fact(connection, name))
    }

    fn listen(&self, listener: Listener) {
        self.shared.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }
}

fn fact(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(connection.query_row("SELECT value FROM fact WHERE name = ?1", [name], |row| row.get(0)).optional()?)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn stored(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Arc<Stored>> {
    let version = row.get::<_, i64>(first)?.unsigned_abs();
    Ok(Arc::new(Stored::new(version, Bytes::from(row.get::<_, Vec<u8>>(first + 1)?))))
}

fn page(connection: &Connection, scan: &Scan) -> Result<Page, StoreError> {
    let order = if scan.reverse { "DESC" } else { "ASC" };
    let mut query = connection.prepare_cached(&format!(
        "SELECT version, value, key FROM kv WHERE key >= ?1 AND key < ?2 ORDER BY key {order} LIMIT ?3"
    ))?;
    let limit = i64::try_from(scan.limit).unwrap_or(i64::MAX);
    let rows = query.query_map(params![scan.from.as_bytes(), scan.to.as_bytes(), limit], |row| {
        Ok((Key::from_bytes(row.get(2)?), stored(row, 0)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests;
