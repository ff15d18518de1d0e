//! One event data store: its files and its tail as one view.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use arrow::datatypes::SchemaRef;

use crate::{
    LakeError, Layout,
    catalog::{FileRow, StoreRow},
    day_file::DayFile,
    lake::Shared,
    seen::Seen,
    tail::{Tail, TailBatch},
};

/// A cheaply cloned handle to a store.
#[derive(Clone)]
pub struct EventStore(Arc<Inner>);

struct Inner {
    lake: Arc<Shared>,
    name: String,
    layout: Layout,
    /// The directory's name: what the catalog knows the files by.
    key: String,
    directory: PathBuf,
    view: RwLock<View>,
    writing: Arc<tokio::sync::Mutex<Seen>>,
}

#[derive(Default)]
struct View {
    files: Arc<Vec<FileRow>>,
    tail: Tail,
}

/// What a query sees: files and tail of one moment.
pub(crate) struct Snapshot {
    pub(crate) files: Arc<Vec<FileRow>>,
    pub(crate) tail: Vec<Arc<TailBatch>>,
}

/// What a store holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// Events in files.
    pub events: u64,
    /// Events in the tail.
    pub tail_events: u64,
    /// Files.
    pub files: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Days that have files.
    pub days: u64,
    /// The earliest `eventTime` in files, in milliseconds since 1970.
    pub min_time: Option<i64>,
    /// The latest.
    pub max_time: Option<i64>,
}

impl EventStore {
    pub(crate) fn new(lake: Arc<Shared>, name: &str, row: &StoreRow, files: Vec<FileRow>) -> Self {
        let directory = lake.root.join(&row.directory);
        let view = View { files: Arc::new(files), tail: Tail::default() };
        let writing = Arc::default();
        Self(Arc::new(Inner {
            lake,
            name: name.to_owned(),
            layout: row.layout,
            key: row.directory.clone(),
            directory,
            view: RwLock::new(view),
            writing,
        }))
    }

    /// The store's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    pub(crate) fn key(&self) -> &str {
        &self.0.key
    }

    /// How its files look.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.0.layout
    }

    /// The schema of its table.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        self.0.layout.schema()
    }

    /// Where its files are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.0.directory
    }

    /// The files that count.
    #[must_use]
    pub fn files(&self) -> Arc<Vec<FileRow>> {
        Arc::clone(&self.view().files)
    }

    /// What the store holds.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let view = self.view();
        let mut days: Vec<i32> = view.files.iter().map(|file| file.day).collect();
        days.sort_unstable();
        days.dedup();
        Statistics {
            events: view.files.iter().map(|file| file.rows).sum(),
            tail_events: view.tail.rows(),
            files: view.files.len() as u64,
            bytes: view.files.iter().map(|file| file.bytes).sum(),
            days: days.len() as u64,
            min_time: view.files.iter().map(|file| file.min_time).min(),
            max_time: view.files.iter().map(|file| file.max_time).max(),
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let view = self.view();
        Snapshot { files: Arc::clone(&view.files), tail: view.tail.batches() }
    }

    pub(crate) fn lake(&self) -> &Arc<Shared> {
        &self.0.lake
    }

    pub(crate) fn writing(&self) -> &Arc<tokio::sync::Mutex<Seen>> {
        &self.0.writing
    }

    pub(crate) fn create_file(&self, day: i32, schema: &SchemaRef) -> Result<DayFile, LakeError> {
        let name = self.0.lake.file_name()?;
        DayFile::create(&self.0.lake.disk, &self.0.directory, self.0.layout, schema, day, name)
    }

    pub(crate) fn remove(&self, file: &FileRow) -> Result<(), LakeError> {
        let path = self.0.directory.join(file.path());
        self.0.lake.disk.remove(&path).map_err(LakeError::file(path))
    }

    /// Changes the view after a commit: files that came, files that went, and the tail up to where it is in files.
    pub(crate) fn adopt(&self, added: &[FileRow], dropped: &[FileRow], tail: Option<u64>) {
        let mut view = self.0.view.write().unwrap_or_else(PoisonError::into_inner);
        let kept = view.files.iter().filter(|file| !dropped.contains(file));
        let mut files: Vec<FileRow> = kept.chain(added).cloned().collect();
        files.sort_unstable_by(|a, b| (a.day, &a.name).cmp(&(b.day, &b.name)));
        view.files = Arc::new(files);
        if let Some(tail) = tail {
            view.tail.forget(tail);
        }
    }

    pub(crate) fn with_tail<T>(&self, change: impl FnOnce(&mut Tail) -> T) -> T {
        change(&mut self.0.view.write().unwrap_or_else(PoisonError::into_inner).tail)
    }

    fn view(&self) -> std::sync::RwLockReadGuard<'_, View> {
        self.0.view.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for EventStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventStore({})", self.0.name)
    }
}
