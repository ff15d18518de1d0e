//! What the Lake holds, as rows of the store: the files that count, and the log files that are in them.

use keeptrail_store::{Table, Tx};
use serde::{Deserialize, Serialize};

use crate::{LakeError, Layout};

/// Event data stores, by name. What else there is of a store goes by the directory that holds its files, so that a rebuilt
/// store takes the place of the old one in a single row.
pub(crate) const STORES: Table<StoreRow> = Table::new("lake.store");
/// Directories of stores that are gone and may still have rows or files.
pub(crate) const DELETED: Table<DeletedRow> = Table::new("lake.deleted");
/// Files that count, by directory, day and name.
pub(crate) const FILES: Table<FileRow> = Table::new("lake.file");
/// Files that counted, by directory and path; queries that began before may still read them.
pub(crate) const OBSOLETE: Table<ObsoleteRow> = Table::new("lake.obsolete");
/// Log files whose events are in the store, by directory, archive and key.
pub(crate) const SOURCES: Table<SourceRow> = Table::new("lake.source");

/// An event data store.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoreRow {
    pub(crate) layout: Layout,
    /// The directory below the Lake's.
    pub(crate) directory: String,
}

/// A directory that is given up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeletedRow {}

/// A file of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileRow {
    /// The day that all its events fall on, counted from 1970.
    pub day: i32,
    /// Its name in the day's directory.
    pub name: String,
    /// Events.
    pub rows: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// The earliest `eventTime`, in milliseconds since 1970.
    pub min_time: i64,
    /// The latest.
    pub max_time: i64,
    /// The hours of the day that events fall on, as bits.
    pub hours: u32,
    /// It was made by compaction: one sorted run.
    #[serde(default)]
    pub compacted: bool,
}

impl FileRow {
    /// The file's path below the store's directory, in the form that other tools read as a partition: `day=2026-11-25/…`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", day_directory(self.day), self.name)
    }
}

/// `day=2026-11-25`.
pub(crate) fn day_directory(day: i32) -> String {
    format!("day={}", day_text(day))
}

fn day_text(day: i32) -> String {
    let date = jiff::Timestamp::from_second(i64::from(day) * 86_400).map(|time| time.strftime("%Y-%m-%d").to_string());
    date.unwrap_or_else(|_| day.to_string())
}

/// A file that counts no more.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObsoleteRow {
    /// When it ceased to count, in milliseconds since 1970.
    pub(crate) since: i64,
}

/// A log file that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRow {
    /// Its size.
    #[serde(rename = "s")]
    pub size: u64,
    /// Its entity tag or time of change.
    #[serde(rename = "v")]
    pub version: String,
    /// Events in it, doubles included.
    #[serde(rename = "e")]
    pub events: u64,
}

pub(crate) fn put_file(tx: &Tx, directory: &str, file: &FileRow) -> Result<(), LakeError> {
    Ok(FILES.put(tx, &[directory, &day_text(file.day), &file.name], file)?)
}

/// Takes a file out of the store; it is removed from the disk later.
pub(crate) fn drop_file(tx: &Tx, directory: &str, file: &FileRow) -> Result<(), LakeError> {
    FILES.delete(tx, &[directory, &day_text(file.day), &file.name]);
    let since = tx.now().as_millisecond();
    Ok(OBSOLETE.put(tx, &[directory, &file.path()], &ObsoleteRow { since })?)
}

pub(crate) async fn files(tx: &Tx, directory: &str) -> Result<Vec<FileRow>, LakeError> {
    let rows = FILES.all(tx, &[directory]).await?;
    Ok(rows.into_iter().map(|(_, row)| (*row).clone()).collect())
}
