//! A store as a table: the files and the tail of one moment, in one view.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::{
        ColumnStatistics, DataFusionError, Result, ScalarValue, Statistics, config::TableParquetOptions,
        stats::Precision,
    },
    datasource::{
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource, parquet::CachedParquetFileReaderFactory},
        source::DataSourceExec,
    },
    execution::object_store::ObjectStoreUrl,
    logical_expr::{Expr, TableProviderFilterPushDown, TableType},
    object_store::{ObjectStore, local::LocalFileSystem},
    physical_plan::{ExecutionPlan, empty::EmptyExec, union::UnionExec},
};
use url::Url;

use crate::{EventStore, catalog::FileRow, page_index::IndexedReaders, tail_source::TailSource, time_bounds::Bounds};

/// The tables' place in a query's runtime. It is no place of the file system that SQL could name.
const PLACE: &str = "keeptrail-lake";

/// The table of a store.
#[derive(Debug, Clone)]
pub struct LakeTable {
    store: EventStore,
    schema: SchemaRef,
    /// These files alone, and no tail; for compaction.
    only: Option<Arc<Vec<FileRow>>>,
}

impl EventStore {
    /// The store as a table: each scan sees the files and the tail of the moment in which it begins.
    #[must_use]
    pub fn table(&self) -> LakeTable {
        LakeTable { store: self.clone(), schema: self.schema(), only: None }
    }
}

impl LakeTable {
    pub(crate) fn of_files(store: EventStore, files: Vec<FileRow>) -> Self {
        Self { schema: store.layout().view_schema(), store, only: Some(Arc::new(files)) }
    }

    /// The store behind the table.
    #[must_use]
    pub fn store(&self) -> &EventStore {
        &self.store
    }

    fn parquet(
        &self,
        state: &dyn Session,
        files: &[&FileRow],
        projection: Option<&Vec<usize>>,
        limit: Option<usize>,
        exact: bool,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let objects = local(&self.store)?;
        let place = format!("{PLACE}://{}", self.store.key());
        let url = Url::parse(&place).map_err(|error| DataFusionError::External(error.into()))?;
        state.runtime_env().register_object_store(&url, Arc::clone(&objects));

        let global = state.config_options().execution.parquet.clone();
        let mut options = TableParquetOptions { global, ..TableParquetOptions::default() };
        options.global.pushdown_filters = true;
        options.global.reorder_filters = true;
        options.global.enable_page_index = true;
        options.global.bloom_filter_on_read = true;
        let cache = state.runtime_env().cache_manager.get_file_metadata_cache();
        let readers = IndexedReaders(CachedParquetFileReaderFactory::new(objects, cache));
        let source = ParquetSource::new(Arc::clone(&self.schema))
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(readers));

        let rows = files.iter().map(|file| usize::try_from(file.rows).unwrap_or(usize::MAX)).sum();
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = if exact { Precision::Exact(rows) } else { Precision::Inexact(rows) };
        let partitioned = files.iter().map(|file| self.partitioned(file)).collect();
        let groups = FileGroup::new(partitioned).split_files(state.config().target_partitions().max(1));
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::parse(&place)?, Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    /// A file with what the catalog knows of it, so that whole files are passed over before they are opened.
    fn partitioned(&self, file: &FileRow) -> PartitionedFile {
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = Precision::Exact(usize::try_from(file.rows).unwrap_or(usize::MAX));
        let time = |time| Precision::Exact(ScalarValue::TimestampMillisecond(Some(time), None));
        let place = self.schema.index_of("eventtime").ok();
        if let Some(column) = place.and_then(|at| statistics.column_statistics.get_mut(at)) {
            *column = ColumnStatistics {
                min_value: time(file.min_time),
                max_value: time(file.max_time),
                null_count: Precision::Exact(0),
                ..ColumnStatistics::new_unknown()
            };
        }
        PartitionedFile::new(file.path(), file.bytes).with_statistics(Arc::new(statistics))
    }

    fn tail(
        &self,
        projection: Option<&Vec<usize>>,
        batches: Vec<arrow::array::RecordBatch>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let source = TailSource::new(batches, Arc::clone(&self.schema), projection.cloned())?;
        Ok(DataSourceExec::from_data_source(source))
    }
}

#[async_trait]
impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // The tail does not filter, so that the plan above has to.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let snapshot = self.store.snapshot();
        let (files, tail) = match &self.only {
            Some(files) => (Arc::clone(files), Vec::new()),
            None => (snapshot.files, snapshot.tail),
        };
        let bounds = Bounds::of(filters);
        let files: Vec<&FileRow> = files.iter().filter(|file| bounds.meet(file.min_time, file.max_time)).collect();
        let mut parts = Vec::new();
        if !files.is_empty() {
            parts.push(self.parquet(state, &files, projection, limit, filters.is_empty())?);
        }
        if !tail.is_empty() {
            parts.push(self.tail(projection, tail.iter().map(|batch| batch.rows().clone()).collect())?);
        }
        match parts.len() {
            0 => {
                let schema = match projection {
                    Some(columns) => Arc::new(self.schema.project(columns)?),
                    None => Arc::clone(&self.schema),
                };
                Ok(Arc::new(EmptyExec::new(schema)))
            }
            1 => parts.pop().ok_or_else(|| DataFusionError::Internal("a part of a plan is gone".to_owned())),
            _ => UnionExec::try_new(parts),
        }
    }
}

/// The store's directory, and nothing above it.
fn local(store: &EventStore) -> Result<Arc<dyn ObjectStore>> {
    let files = LocalFileSystem::new_with_prefix(store.directory());
    Ok(Arc::new(files.map_err(|error| DataFusionError::ObjectStore(Box::new(error)))?))
}
