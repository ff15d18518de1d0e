//! Events into a store: doubles left out, sorted, written by day.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use keeptrail_store::Tx;
use tokio::sync::OwnedMutexGuard;

use crate::{
    BatchBuilder, EventId, EventStore, LakeError, Layout,
    catalog::{self, FileRow},
    day_file::{DayFile, RUN_ROWS},
    encode::{Encoded, Keys, time::day_of},
    gather::gather,
    seen::{Damage, Seen},
};

/// Days that are written at once; a further one closes the oldest.
const OPEN_DAYS: usize = 4;
/// Rows are sorted together up to so many bytes of text.
const GATHERED_BYTES: usize = 64 << 20;
/// Rows that are put in order and written at once, so that they stay in the processor's caches.
const WRITTEN_ROWS: usize = 2_048;
/// A file is closed at this size.
const FILE_BYTES: usize = 256 << 20;
/// After so many rows a caller should stage what it has.
const STAGE_ROWS: u64 = 2_000_000;

/// Writes events to files of a store. One appender works on a store at a time.
///
/// Dropping it leaves no trace.
pub struct Appender {
    store: EventStore,
    guard: Guard,
    gathered: Gathered,
    open: BTreeMap<i32, DayFile>,
    done: Vec<FileRow>,
    rows: u64,
}

/// Durable files that the store does not name yet.
///
/// [`Staged::name`] puts them into a transaction, beside a cursor for example; [`Staged::adopt`] shows them to queries once
/// it is committed. Dropping it instead removes the files.
#[must_use = "what is staged counts only once it is named and adopted"]
pub struct Staged {
    store: EventStore,
    guard: Guard,
    files: Vec<FileRow>,
}

/// Batches that are sorted and written together.
#[derive(Default)]
struct Gathered {
    batches: Vec<(RecordBatch, Arc<Keys>)>,
    rows: Vec<Row>,
    bytes: usize,
}

/// A row of a gathered batch. Rows are written in the order of these.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    day: i32,
    /// Among the rows of all batches; known when all are there.
    place: u64,
    time: i64,
    batch: u32,
    row: u32,
}

impl Row {
    fn at(&self) -> (usize, usize) {
        (self.batch as usize, self.row as usize)
    }
}

/// The set of known ids, which must forget what did not come to count.
struct Guard {
    seen: OwnedMutexGuard<Seen>,
    dirty: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.dirty {
            self.seen.clear();
        }
    }
}

impl Appender {
    pub(crate) fn new(store: EventStore, seen: OwnedMutexGuard<Seen>) -> Self {
        let guard = Guard { seen, dirty: false };
        Self { store, guard, gathered: Gathered::default(), open: BTreeMap::new(), done: Vec::new(), rows: 0 }
    }

    /// Adds the records of `batch`, which is empty afterwards. Returns how many of them were in the store already.
    /// Blocks on the disk.
    ///
    /// # Errors
    /// When a file cannot be read or written; the appender is of no more use then.
    pub fn append(&mut self, batch: &mut BatchBuilder) -> Result<u64, LakeError> {
        self.append_encoded(&batch.finish()?)
    }

    pub(crate) fn append_encoded(&mut self, encoded: &Encoded) -> Result<u64, LakeError> {
        // What is in the tail comes to a file by itself: the journal has it.
        let coming = self.store.tail_ids(&encoded.times);
        self.add(encoded, Damage::Fails, &coming)
    }

    /// Adds events, but for those that are there already or `coming`.
    pub(crate) fn add(
        &mut self,
        encoded: &Encoded,
        damage: Damage,
        coming: &HashSet<EventId>,
    ) -> Result<u64, LakeError> {
        self.guard.dirty = true;
        let named = self.store.files();
        let files: Vec<FileRow> = named.iter().chain(&self.done).cloned().collect();
        self.guard.seen.meet(self.store.directory(), &encoded.times, &files, damage)?;
        let batch = self.gathered.batches.len() as u32;
        let before = self.gathered.rows.len();
        for (row, (id, time)) in (0u32..).zip(encoded.ids.iter().zip(&encoded.times)) {
            if !coming.contains(id) && self.guard.seen.insert(*time, *id) {
                self.gathered.rows.push(Row { day: day_of(*time), place: 0, time: *time, batch, row });
            }
        }
        let new = self.gathered.rows.len() - before;
        if new > 0 {
            self.gathered.batches.push((encoded.batch.clone(), Arc::clone(&encoded.keys)));
            self.gathered.bytes += encoded.bytes;
            self.rows += new as u64;
        }
        if self.gathered.rows.len() >= RUN_ROWS || self.gathered.bytes >= GATHERED_BYTES {
            self.write()?;
        }
        if self.guard.seen.is_full() {
            self.guard.seen.shrink();
        }
        Ok((encoded.ids.len() - new) as u64)
    }

    /// Writes what was gathered.
    fn write(&mut self) -> Result<(), LakeError> {
        let Gathered { batches, mut rows, .. } = std::mem::take(&mut self.gathered);
        let keys: Vec<&Keys> = batches.iter().map(|(_, keys)| &**keys).collect();
        let places = Keys::places(&keys);
        for row in &mut rows {
            let (batch, at) = row.at();
            row.place = places.get(batch).and_then(|places| places.get(at)).copied().unwrap_or_default();
        }
        rows.sort_unstable();
        let batches: Vec<&RecordBatch> = batches.iter().map(|(batch, _)| batch).collect();
        rows.chunk_by(|a, b| a.day == b.day).try_for_each(|day| self.write_day(&batches, day))?;
        // Archives are read in the order of time: a day that had no event now will have few more, and what is open takes memory.
        let met = |day: &i32| rows.binary_search_by_key(day, |row| row.day).is_ok();
        let (open, past): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.open).into_iter().partition(|(day, _)| met(day));
        self.open = open;
        past.into_iter().try_for_each(|(_, file)| file.finish().map(|file| self.done.push(file)))
    }

    fn write_day(&mut self, batches: &[&RecordBatch], rows: &[Row]) -> Result<(), LakeError> {
        let Some(&Row { day, .. }) = rows.first() else { return Ok(()) };
        if !self.open.contains_key(&day) {
            if self.open.len() >= OPEN_DAYS
                && let Some((_, oldest)) = self.open.pop_first()
            {
                self.done.push(oldest.finish()?);
            }
            self.open.insert(day, self.store.create_file(day, &self.store.layout().batch_schema())?);
        }
        let Some(file) = self.open.get_mut(&day) else { return Ok(()) };
        for rows in rows.chunks(WRITTEN_ROWS) {
            let places: Vec<_> = rows.iter().map(Row::at).collect();
            let sorted = gather(batches, &places)?;
            file.write(&sorted, rows.iter().map(|row| row.time))?;
        }
        if file.size() >= FILE_BYTES
            && let Some(full) = self.open.remove(&day)
        {
            self.done.push(full.finish()?);
        }
        Ok(())
    }

    pub(crate) fn layout(&self) -> Layout {
        self.store.layout()
    }

    /// Rows taken in so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether so much is open that it should be staged now.
    #[must_use]
    pub fn should_stage(&self) -> bool {
        self.rows >= STAGE_ROWS || self.guard.seen.is_full()
    }

    /// Makes all files durable. Blocks on the disk.
    ///
    /// # Errors
    /// When a file cannot be written; nothing counts then.
    pub fn stage(mut self) -> Result<Staged, LakeError> {
        self.write()?;
        for (_, file) in std::mem::take(&mut self.open) {
            self.done.push(file.finish()?);
        }
        self.guard.seen.settle();
        Ok(Staged { store: self.store, guard: self.guard, files: self.done })
    }
}

impl Staged {
    /// The files.
    #[must_use]
    pub fn files(&self) -> &[FileRow] {
        &self.files
    }

    /// Makes the files part of the store with the commit of `tx`.
    ///
    /// # Errors
    /// When a row cannot be encoded.
    pub fn name(&self, tx: &Tx) -> Result<(), LakeError> {
        self.files.iter().try_for_each(|file| catalog::put_file(tx, self.store.key(), file))
    }

    /// Shows the files to queries, after the commit, and takes away what of the tail is in them: what was followed up to
    /// `tail`.
    pub fn adopt(mut self, tail: Option<u64>) {
        self.guard.dirty = false;
        self.store.adopt(&self.files, &[], tail);
        self.files.clear();
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for file in &self.files {
            // What stays is swept at the next start.
            drop(self.store.remove(file));
        }
    }
}

impl std::fmt::Debug for Staged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Staged").field("files", &self.files).finish_non_exhaustive()
    }
}

impl EventStore {
    /// Begins to append. Waits for another appender of this store to end; blocks.
    #[must_use]
    pub fn appender(&self) -> Appender {
        Appender::new(self.clone(), Arc::clone(self.writing()).blocking_lock_owned())
    }
}
