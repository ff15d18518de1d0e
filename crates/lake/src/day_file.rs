//! A Parquet file that is being written: the events of one day.

use std::{
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use keeptrail_sql::schema::EVENT_JSON;
use parquet::{
    arrow::{ArrowSchemaConverter, ArrowWriter, arrow_writer::ArrowWriterOptions},
    basic::{Compression, Encoding, ZstdLevel},
    file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion},
    schema::types::ColumnPath,
};

use crate::{
    LakeError, Layout,
    catalog::{FileRow, day_directory},
    disk::{Disk, DiskFile},
    encode::time::hour_of,
    layout,
};

/// A sorted run is closed when it has this many rows; smaller batches are put together.
pub(crate) const RUN_ROWS: usize = 60_000;
/// Rows of a page: what a point look-up reads of each column at least.
const PAGE_ROWS: usize = 2_048;
/// Distinct values that a run's bloom filters are made for at first; they are folded to what is there.
const BLOOM_VALUES: u64 = 64 * 1024;

/// Text columns whose values are all different: a dictionary would only be given up after a while.
const DISTINCT: [&str; 3] = ["eventid", "requestid", EVENT_JSON];
/// Columns whose pages have statistics, so that readers can pass over pages; others have none.
const PAGED: [&str; 7] =
    ["eventtime", "eventsource", "eventname", "sourceipaddress", "errorcode", "awsregion", "recipientaccountid"];
/// Columns of the Lake's schema that are searched for one value.
const BLOOMED: [&str; 2] = ["eventid", "sourceipaddress"];

/// The suffix of files that are not whole yet.
const PART: &str = ".part";

pub(crate) struct DayFile {
    row: FileRow,
    part: PathBuf,
    path: PathBuf,
    writer: ArrowWriter<BufWriter<Box<dyn DiskFile>>>,
    disk: Arc<dyn Disk>,
}

impl DayFile {
    /// Begins the file `name` of `day` in the store's `directory`. `schema` is that of the rows to come: a layout's, with text of
    /// either kind.
    pub(crate) fn create(
        disk: &Arc<dyn Disk>,
        directory: &Path,
        layout: Layout,
        schema: &SchemaRef,
        day: i32,
        name: String,
    ) -> Result<Self, LakeError> {
        let dir = directory.join(day_directory(day));
        disk.prepare(&dir).map_err(LakeError::file(&dir))?;
        let path = dir.join(&name);
        let part = dir.join(format!("{name}{PART}"));
        let file = disk.create(&part).map_err(LakeError::file(&part))?;
        // Without Arrow's own schema the file says what any Parquet reader understands, and nothing else.
        let written = ArrowSchemaConverter::new().convert(&layout.schema()).map_err(LakeError::writing(&part))?;
        let options = ArrowWriterOptions::new()
            .with_properties(properties())
            .with_parquet_schema(written)
            .with_skip_arrow_metadata(true);
        let file = BufWriter::with_capacity(256 * 1024, file);
        let writer =
            ArrowWriter::try_new_with_options(file, Arc::clone(schema), options).map_err(LakeError::writing(&part))?;
        let row = FileRow {
            day,
            name,
            rows: 0,
            bytes: 0,
            min_time: i64::MAX,
            max_time: i64::MIN,
            hours: 0,
            compacted: false,
        };
        Ok(Self { row, part, path, writer, disk: Arc::clone(disk) })
    }

    /// Adds sorted rows. `times` are their `eventTime`s, in any order.
    pub(crate) fn write(&mut self, rows: &RecordBatch, times: impl Iterator<Item = i64>) -> Result<(), LakeError> {
        self.writer.write(rows).map_err(LakeError::writing(&self.part))?;
        self.row.rows += rows.num_rows() as u64;
        for time in times {
            self.row.min_time = self.row.min_time.min(time);
            self.row.max_time = self.row.max_time.max(time);
            self.row.hours |= 1 << hour_of(time);
        }
        if self.writer.in_progress_rows() >= RUN_ROWS {
            self.writer.flush().map_err(LakeError::writing(&self.part))?;
        }
        Ok(())
    }

    /// Bytes that are held in memory or written.
    pub(crate) fn size(&self) -> usize {
        self.writer.bytes_written() + self.writer.in_progress_size()
    }

    /// Makes the file whole and durable under its name. It does not count before the catalog names it.
    pub(crate) fn finish(mut self) -> Result<FileRow, LakeError> {
        self.writer.finish().map_err(LakeError::writing(&self.part))?;
        self.row.bytes = self.writer.bytes_written() as u64;
        let file = self.writer.inner_mut();
        file.flush().and_then(|()| file.get_mut().sync()).map_err(LakeError::file(&self.part))?;
        self.disk.publish(&self.part, &self.path).map_err(LakeError::file(&self.path))?;
        Ok(self.row)
    }
}

fn properties() -> WriterProperties {
    let compression = Compression::ZSTD(ZstdLevel::try_new(1).unwrap_or_default());
    let mut properties = WriterProperties::builder()
        .set_created_by("keeptrail".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(compression)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_encoding(column("eventtime"), Encoding::DELTA_BINARY_PACKED)
        .set_column_dictionary_enabled(column("eventtime"), false);
    for name in DISTINCT {
        properties = properties.set_column_dictionary_enabled(column(name), false);
    }
    for name in PAGED.iter().chain(&layout::SEARCH) {
        properties = properties.set_column_statistics_enabled(column(name), EnabledStatistics::Page);
    }
    for name in BLOOMED.iter().chain(&layout::SEARCH) {
        properties = bloom(properties, name);
    }
    properties.build()
}

fn bloom(properties: WriterPropertiesBuilder, name: &str) -> WriterPropertiesBuilder {
    properties
        .set_column_bloom_filter_enabled(column(name), true)
        .set_column_bloom_filter_fpp(column(name), 0.01)
        .set_column_bloom_filter_max_ndv(column(name), BLOOM_VALUES)
}

fn column(name: &str) -> ColumnPath {
    ColumnPath::from(name)
}

/// Whether a file name is one that this module gives to files that are not whole.
pub(crate) fn is_part(name: &str) -> bool {
    name.ends_with(PART)
}
