//! The tail as a source of rows that says how many were read, as files do: a query's statistics count both.

use std::{fmt, sync::Arc};

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use datafusion::{
    catalog::memory::MemorySourceConfig,
    common::{Result, Statistics, tree_node::TreeNodeRecursion},
    datasource::source::DataSource,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr, projection::ProjectionExprs},
    physical_plan::{
        DisplayFormatType,
        metrics::{ExecutionPlanMetricsSet, MetricBuilder},
        stream::RecordBatchStreamAdapter,
    },
};
use futures_util::StreamExt;

/// Batches in memory, with metrics.
#[derive(Debug, Clone)]
pub(crate) struct TailSource {
    rows: MemorySourceConfig,
    metrics: ExecutionPlanMetricsSet,
}

impl TailSource {
    pub(crate) fn new(batches: Vec<RecordBatch>, schema: SchemaRef, projection: Option<Vec<usize>>) -> Result<Self> {
        let rows = MemorySourceConfig::try_new(&[batches], schema, projection)?;
        Ok(Self { rows, metrics: ExecutionPlanMetricsSet::new() })
    }
}

impl DataSource for TailSource {
    fn open(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let read = MetricBuilder::new(&self.metrics).output_rows(partition);
        let bytes = MetricBuilder::new(&self.metrics).counter("bytes_scanned", partition);
        let stream = self.rows.open(partition, context)?;
        let schema = stream.schema();
        let counted = stream.inspect(move |batch| {
            if let Ok(batch) = batch {
                read.add(batch.num_rows());
                let sizes = batch.columns().iter().map(|column| column.to_data().get_slice_memory_size().unwrap_or(0));
                bytes.add(sizes.sum());
            }
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, counted)))
    }

    fn fmt_as(&self, form: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.fmt_as(form, f)
    }

    fn output_partitioning(&self) -> Partitioning {
        self.rows.output_partitioning()
    }

    fn eq_properties(&self) -> EquivalenceProperties {
        self.rows.eq_properties()
    }

    fn partition_statistics(&self, partition: Option<usize>) -> Result<Arc<Statistics>> {
        self.rows.partition_statistics(partition)
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn DataSource>> {
        Some(Arc::new(Self { rows: self.rows.clone().with_limit(limit), metrics: self.metrics.clone() }))
    }

    fn fetch(&self) -> Option<usize> {
        self.rows.fetch()
    }

    fn metrics(&self) -> ExecutionPlanMetricsSet {
        self.metrics.clone()
    }

    fn try_swapping_with_projection(&self, _projection: &ProjectionExprs) -> Result<Option<Arc<dyn DataSource>>> {
        // The scan was asked for its columns already.
        Ok(None)
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.rows.apply_expressions(visit)
    }
}
