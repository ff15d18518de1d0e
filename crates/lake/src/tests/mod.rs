//! A store from outside: what goes in comes out, once, whatever happens meanwhile.

mod append;
mod care;
mod crash;
mod import;
mod query;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use arrow::array::{AsArray, RecordBatch};
use datafusion::execution::{context::SessionContext, session_state::SessionStateBuilder};
use keeptrail_clock::{Clock, Random, SimClock};
use keeptrail_store::{Sqlite, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    BatchBuilder, EventStore, Lake, LakeError, Layout, SearchColumns,
    disk::{Disk, DiskFile, SystemDisk},
};

/// 2023-07-10T12:00:00Z.
pub(crate) const NOON: i64 = 1_688_990_400;

/// A Lake in a directory of its own, which can be opened again and again.
pub(crate) struct Rig {
    pub(crate) directory: TempDir,
    pub(crate) time: SimClock,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let start = jiff::Timestamp::from_second(NOON + 86_400 * 30).unwrap();
        Self { directory: TempDir::new().unwrap(), time: SimClock::new(start) }
    }

    pub(crate) fn clock(&self) -> Clock {
        self.time.clock()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().join("lake")
    }

    /// The Lake on a disk that may fail.
    pub(crate) fn open(&self, disk: Arc<dyn Disk>) -> Lake {
        SystemDisk.prepare(&self.root()).unwrap();
        let store = Store::new(Sqlite::open(&self.root().join("catalog.db")).unwrap(), 1 << 20);
        Lake::on(disk, self.root(), store, self.clock(), Random::system(), None)
    }

    /// The Lake after a start: swept, with its store.
    pub(crate) async fn start(&self) -> (Lake, EventStore) {
        let lake = self.open(Arc::new(SystemDisk));
        lake.sweep().await.unwrap();
        let store = lake.event_store_or_new("events", Layout::default()).await.unwrap();
        (lake, store)
    }

    /// Files of any kind in the store's directory.
    pub(crate) fn files(&self) -> usize {
        SystemDisk.files(&self.root().join("events")).unwrap().len()
    }
}

/// A record at `second` after noon of the first day, told apart by `number`.
pub(crate) fn record(number: u64, second: i64) -> String {
    let time = jiff::Timestamp::from_second(NOON + second).unwrap();
    let secret = format!("ethos/{}", number % 5);
    json!({
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": format!("arn:aws:iam::1:user/u{}", number % 3), "userName": format!("u{}", number % 3)},
        "eventTime": time.to_string(),
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": if number.is_multiple_of(2) { "GetSecretValue" } else { "DescribeSecret" },
        "sourceIPAddress": "192.0.2.1",
        "requestParameters": {"secretId": secret},
        "eventID": format!("00000000-0000-4000-8000-{number:012x}"),
    })
    .to_string()
}

pub(crate) fn batch(records: impl IntoIterator<Item = String>) -> BatchBuilder {
    let mut builder = BatchBuilder::new(Layout::default()).unwrap();
    records.into_iter().for_each(|record| builder.push(&record).unwrap());
    builder
}

/// Appends records and commits; how many were doubles.
pub(crate) async fn append(lake: &Lake, store: &EventStore, records: Vec<String>) -> Result<u64, LakeError> {
    let appending = store.clone();
    let (staged, doubles) = tokio::task::spawn_blocking(move || {
        let mut appender = appending.appender();
        let doubles = appender.append(&mut batch(records))?;
        Ok::<_, LakeError>((appender.stage()?, doubles))
    })
    .await
    .unwrap()?;
    let tx = lake.begin();
    staged.name(&tx)?;
    lake.catalog().commit(tx).await?;
    staged.adopt(None);
    Ok(doubles)
}

pub(crate) fn context(store: &EventStore) -> SessionContext {
    let state = SessionStateBuilder::new().with_default_features().with_optimizer_rules(SearchColumns::first()).build();
    let context = SessionContext::new_with_state(state);
    context.register_table("events", Arc::new(store.table())).unwrap();
    context
}

pub(crate) async fn sql(store: &EventStore, query: &str) -> Vec<RecordBatch> {
    context(store).sql(query).await.unwrap().collect().await.unwrap()
}

/// The numbers of the records in the store, sorted.
pub(crate) async fn numbers(store: &EventStore) -> Vec<u64> {
    let batches = sql(store, "SELECT eventid FROM events").await;
    let ids = batches.iter().flat_map(|batch| {
        batch.column(0).as_string::<i32>().iter().map(|id| id.unwrap().to_owned()).collect::<Vec<_>>()
    });
    let mut numbers: Vec<u64> = ids.map(|id| u64::from_str_radix(id.get(24..).unwrap(), 16).unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

pub(crate) async fn one(store: &EventStore, query: &str) -> Value {
    let batches = sql(store, query).await;
    let column = batches[0].column(0);
    let text = arrow::util::display::array_value_to_string(column, 0).unwrap();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

/// A disk that stops for good at a call: what came before is there, nothing comes after. That is what `kill -9` leaves.
pub(crate) struct Stopping {
    left: Arc<AtomicUsize>,
    kind: io::ErrorKind,
}

impl Stopping {
    pub(crate) fn after(calls: usize, kind: io::ErrorKind) -> Arc<Self> {
        Arc::new(Self { left: Arc::new(AtomicUsize::new(calls)), kind })
    }

    fn call(&self) -> io::Result<()> {
        step(&self.left, self.kind)
    }
}

fn step(left: &AtomicUsize, kind: io::ErrorKind) -> io::Result<()> {
    let more = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
    if more { Ok(()) } else { Err(kind.into()) }
}

struct StoppingFile {
    inner: Box<dyn DiskFile>,
    left: Arc<AtomicUsize>,
    kind: io::ErrorKind,
}

impl io::Write for StoppingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if step(&self.left, self.kind).is_err() {
            // A write that is stopped may have got half-way.
            let half = bytes.len() / 2;
            self.inner.write_all(&bytes[..half])?;
            return Err(self.kind.into());
        }
        self.inner.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl DiskFile for StoppingFile {
    fn sync(&mut self) -> io::Result<()> {
        step(&self.left, self.kind)?;
        self.inner.sync()
    }
}

impl Disk for Stopping {
    fn prepare(&self, dir: &Path) -> io::Result<()> {
        self.call()?;
        SystemDisk.prepare(dir)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.call()?;
        let inner = SystemDisk.create(path)?;
        Ok(Box::new(StoppingFile { inner, left: Arc::clone(&self.left), kind: self.kind }))
    }

    fn publish(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call()?;
        SystemDisk.publish(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call()?;
        SystemDisk.remove(path)
    }

    fn remove_tree(&self, dir: &Path) -> io::Result<u64> {
        self.call()?;
        SystemDisk.remove_tree(dir)
    }

    fn files(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        SystemDisk.files(dir)
    }
}
