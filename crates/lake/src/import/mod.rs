//! Archives into a store.
//!
//! Worker threads read, split and encode; one writer leaves out doubles, sorts and writes. What a log file held counts together
//! with the note that the file was read, so that an import that is stopped anywhere goes on without doubles and without loss.

mod report;
mod worker;

use std::{
    num::NonZero,
    sync::{Mutex, mpsc},
    thread,
};

use keeptrail_archive::{Archive, ArchiveError, Limits, Object, Range};
use keeptrail_store::Tx;
use tokio::runtime::Handle;

use crate::{
    Appender, EventStore, LakeError,
    catalog::{SOURCES, SourceRow},
};
use worker::{Batch, Worker};

pub use report::{Failure, Progress, Report};

/// So many read files are noted in one transaction.
const STAGE_FILES: usize = 20_000;

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Which events.
    pub range: Range,
    /// What a file may hold.
    pub limits: Limits,
    /// Threads that read; by default one for each processor.
    pub workers: Option<NonZero<usize>>,
}

/// An import ended early. What was noted until then is in the store; the next import goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The Lake cannot be written.
    #[error(transparent)]
    Lake(#[from] LakeError),
}

/// A log file that was read to its end.
struct Read {
    object: Object,
    events: u64,
    failed: bool,
}

impl EventStore {
    /// Takes the log files of `archive` into the store. `location` is the archive's name, under which its files are
    /// remembered. Blocks; `runtime` carries the archive's and the catalog's calls.
    ///
    /// # Errors
    /// When the archive cannot be listed or the Lake not written. A file that cannot be read is in the report instead.
    pub fn import(
        &self,
        archive: &Archive,
        location: &str,
        options: &ImportOptions,
        progress: &Progress,
        runtime: &Handle,
    ) -> Result<Report, ImportError> {
        let seen = |count| Progress::add(&progress.found, u64::from(count > 0));
        let listing = runtime.block_on(archive.list(&options.range, &seen))?;
        let mut report = Report {
            files: listing.objects.len() as u64,
            files_out_of_range: listing.out_of_range,
            other_files: listing.skipped.iter().map(|(kind, count)| (kind.to_string(), *count)).collect(),
            ..Report::default()
        };
        for (key, fault) in listing.faults {
            report.fail(Failure { key, code: fault.reason.code(), reason: fault.to_string(), faults: 1, events: 0 });
        }
        let objects = runtime.block_on(self.unknown(location, listing.objects))?;
        report.files_known = report.files - objects.len() as u64;
        Progress::add(&progress.files, objects.len() as u64);

        let workers = options.workers.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get);
        let contents = {
            let _inside = runtime.enter();
            Mutex::new(archive.contents(objects))
        };
        let (sender, batches) = mpsc::sync_channel::<Result<Batch, LakeError>>(1);
        let layout = self.layout();
        let written = thread::scope(|scope| {
            for _ in 0..workers {
                let (sender, contents) = (sender.clone(), &contents);
                scope.spawn(move || Worker::run(layout, options, contents, progress, &sender));
            }
            drop(sender);
            // Dropping the receiver at the end of this call lets the workers stop.
            Writer { store: self, location, runtime, report: &mut report, read: Vec::new() }.run(batches)
        });
        written?;
        Ok(report)
    }

    /// The files that have not been read as they are.
    async fn unknown(&self, location: &str, mut objects: Vec<Object>) -> Result<Vec<Object>, LakeError> {
        let tx = self.lake().begin();
        if SOURCES.page(&tx, &[self.key(), location], None, 1).await?.is_empty() {
            return Ok(objects);
        }
        let mut known = Vec::with_capacity(objects.len());
        for object in &objects {
            let row = tx.peek(&SOURCES.key(&[self.key(), location, &object.key])).await?;
            let row = row.and_then(|row| serde_json::from_slice::<SourceRow>(row.bytes()).ok());
            known.push(row.is_some_and(|row| row.size == object.size && row.version == object.version));
        }
        let mut known = known.into_iter();
        objects.retain(|_| !known.next().unwrap_or(false));
        Ok(objects)
    }
}

/// Takes the workers' batches into the store.
struct Writer<'a> {
    store: &'a EventStore,
    location: &'a str,
    runtime: &'a Handle,
    report: &'a mut Report,
    /// Files that were read since the last commit.
    read: Vec<Read>,
}

impl Writer<'_> {
    fn run(&mut self, batches: mpsc::Receiver<Result<Batch, LakeError>>) -> Result<(), LakeError> {
        let mut appender = self.store.appender();
        for batch in batches {
            let batch = batch?;
            let rows = batch.encoded.ids.len() as u64;
            let doubles = appender.append_encoded(&batch.encoded)?;
            self.report.events += rows + batch.out_of_range;
            self.report.events_out_of_range += batch.out_of_range;
            self.report.doubles += doubles;
            self.report.events_added += rows - doubles;
            self.report.record_bytes += batch.record_bytes;
            self.report.files_read += batch.files.len() as u64;
            self.report.bytes += batch.files.iter().map(|file| file.object.size).sum::<u64>();
            batch.failures.into_iter().for_each(|failure| self.report.fail(failure));
            self.read.extend(batch.files);
            if appender.should_stage() || self.read.len() >= STAGE_FILES {
                self.commit(appender)?;
                appender = self.store.appender();
            }
        }
        self.commit(appender)
    }

    fn commit(&mut self, appender: Appender) -> Result<(), LakeError> {
        let staged = appender.stage()?;
        let lake = self.store.lake();
        let tx = lake.begin();
        staged.name(&tx)?;
        for read in std::mem::take(&mut self.read).into_iter().filter(|read| !read.failed) {
            self.note(&tx, read)?;
        }
        self.runtime.block_on(lake.store.commit(tx)).map_err(LakeError::from)?;
        staged.adopt(None);
        Ok(())
    }

    fn note(&self, tx: &Tx, read: Read) -> Result<(), LakeError> {
        let row = SourceRow { size: read.object.size, version: read.object.version, events: read.events };
        Ok(SOURCES.put(tx, &[self.store.key(), self.location, &read.object.key], &row)?)
    }
}
