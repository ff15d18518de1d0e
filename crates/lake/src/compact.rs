//! Many small files of a day into one sorted run.

use std::collections::BTreeMap;

use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::TimestampMillisecondType,
};
use datafusion::{
    common::DataFusionError,
    execution::{
        context::{SessionConfig, SessionContext},
        memory_pool::FairSpillPool,
        runtime_env::RuntimeEnvBuilder,
    },
    functions::core::expr_fn::coalesce,
    logical_expr::{SortExpr, col},
    physical_plan::SendableRecordBatchStream,
};
use futures_util::TryStreamExt;
use std::sync::Arc;

use crate::{
    EventStore, LakeError,
    catalog::{self, FILES, FileRow},
    layout::{SECRET_NAME, USER_ARN},
    table::LakeTable,
};

/// Memory for sorting a day; what is more is spilled beside the Lake's files.
const SORT_MEMORY: usize = 192 << 20;
/// A compacted file of at least this size is left as it is when small ones have come beside it.
const LARGE: u64 = 64 << 20;
/// A file is closed at this size.
const FILE_BYTES: usize = 256 << 20;

/// What compaction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compacted {
    /// Days that were worked on.
    pub days: u64,
    /// Files before.
    pub files_before: u64,
    /// Files after.
    pub files_after: u64,
    /// Bytes before.
    pub bytes_before: u64,
    /// Bytes after.
    pub bytes_after: u64,
}

impl EventStore {
    /// Compacts the days up to and including `last_day`, counted from 1970, that have more than one file to put together. `each` is
    /// called after every day.
    ///
    /// # Errors
    /// When a file cannot be read or written. Days that were done stay done.
    pub async fn compact(&self, last_day: i32, each: &(dyn Fn(&Compacted) + Sync)) -> Result<Compacted, LakeError> {
        let mut days: BTreeMap<i32, Vec<FileRow>> = BTreeMap::new();
        for file in self.files().iter().filter(|file| file.day <= last_day && (!file.compacted || file.bytes < LARGE)) {
            days.entry(file.day).or_default().push(file.clone());
        }
        let mut total = Compacted::default();
        for files in days.into_values() {
            // A single file is sorted in runs; it is worth the work when it has several.
            let worth = files.len() > 1 || files.iter().any(|file| !file.compacted && file.rows > SINGLE_RUN);
            if !worth {
                continue;
            }
            let made = self.compact_files(&files).await?;
            total.days += 1;
            total.files_before += files.len() as u64;
            total.files_after += made.len() as u64;
            total.bytes_before += files.iter().map(|file| file.bytes).sum::<u64>();
            total.bytes_after += made.iter().map(|file| file.bytes).sum::<u64>();
            each(&total);
        }
        Ok(total)
    }

    async fn compact_files(&self, files: &[FileRow]) -> Result<Vec<FileRow>, LakeError> {
        let day = files.first().map_or(0, |file| file.day);
        let made = self.merge(day, files).await?;
        let tx = self.lake().begin();
        for file in files {
            // Retention may have taken a file meanwhile: then its events must not come back.
            let path = file.path();
            let still = FILES.get(&tx, &[self.key(), path_day(&path), &file.name]).await?;
            if still.is_none() {
                made.iter().try_for_each(|file| self.remove(file))?;
                return Ok(files.to_vec());
            }
            catalog::drop_file(&tx, self.key(), file)?;
        }
        for file in &made {
            catalog::put_file(&tx, self.key(), file)?;
        }
        if let Err(error) = self.lake().store.commit(tx).await {
            made.iter().try_for_each(|file| self.remove(file))?;
            return Err(error.into());
        }
        self.adopt(&made, files, None);
        Ok(made)
    }

    /// The events of `files` as sorted files.
    async fn merge(&self, day: i32, files: &[FileRow]) -> Result<Vec<FileRow>, LakeError> {
        let rows: u64 = files.iter().map(|file| file.rows).sum();
        let mut stream = self.sorted(files).await.map_err(|error| self.failed(error))?;
        let schema = stream.schema();
        let mut made = Vec::new();
        let mut open = None;
        let mut written = 0;
        while let Some(batch) = stream.try_next().await.map_err(|error| self.failed(error))? {
            let mut file = match open.take() {
                Some(file) => file,
                None => self.create_file(day, &schema)?,
            };
            written += batch.num_rows() as u64;
            file.write(&batch, times(&batch).into_iter())?;
            if file.size() >= FILE_BYTES {
                made.push(file.finish()?);
            } else {
                open = Some(file);
            }
        }
        if let Some(file) = open {
            made.push(file.finish()?);
        }
        made.iter_mut().for_each(|file| file.compacted = true);
        if written != rows {
            made.iter().try_for_each(|file| self.remove(file))?;
            let reason = format!("the day's files held {rows} events and hold {written} now");
            return Err(LakeError::Damaged { path: self.directory().to_owned(), reason });
        }
        Ok(made)
    }

    async fn sorted(&self, files: &[FileRow]) -> Result<SendableRecordBatchStream, DataFusionError> {
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(SORT_MEMORY)))
            .with_temp_file_path(self.lake().scratch())
            .build_arc()?;
        let config = SessionConfig::new().with_target_partitions(1).with_batch_size(1_024);
        let context = SessionContext::new_with_config_rt(config, runtime);
        let table = LakeTable::of_files(self.clone(), files.to_vec());
        let subject = coalesce(vec![col(SECRET_NAME), col(USER_ARN)]);
        let order: Vec<SortExpr> = [col("eventsource"), col("eventname"), subject, col("eventtime")]
            .into_iter()
            .map(|column| column.sort(true, true))
            .collect();
        context.read_table(Arc::new(table))?.sort(order)?.execute_stream().await
    }

    fn failed(&self, error: DataFusionError) -> LakeError {
        match error.find_root() {
            DataFusionError::IoError(error) => {
                let copy = error.raw_os_error().map_or_else(|| error.kind().into(), std::io::Error::from_raw_os_error);
                LakeError::file(self.directory())(copy)
            }
            DataFusionError::ParquetError(_) | DataFusionError::ObjectStore(_) => {
                LakeError::Damaged { path: self.directory().to_owned(), reason: error.to_string() }
            }
            _ => LakeError::Columns(error.to_string()),
        }
    }
}

/// A file of so many rows is one run.
const SINGLE_RUN: u64 = crate::day_file::RUN_ROWS as u64;

fn path_day(path: &str) -> &str {
    path.split_once('/').map_or("", |(day, _)| day).trim_start_matches("day=")
}

fn times(batch: &RecordBatch) -> Vec<i64> {
    let times =
        batch.column_by_name("eventtime").and_then(|column| column.as_primitive_opt::<TimestampMillisecondType>());
    times.map(|times| times.values().to_vec()).unwrap_or_default()
}
