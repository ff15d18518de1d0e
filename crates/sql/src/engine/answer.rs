//! The answer to a query, as it comes.

use std::{fmt, sync::Arc, time::Duration};

use arrow::{
    array::RecordBatch,
    datatypes::{Field, FieldRef, Schema, SchemaRef},
};
use datafusion::{
    execution::SendableRecordBatchStream,
    physical_plan::{ExecutionPlan, metrics::MetricValue},
};
use futures_util::StreamExt;
use keeptrail_clock::{Clock, Timestamp};

use super::{Limits, bound::Bound, failure};
use crate::{error::SqlError, functions::json::Values, types, value::Writer};

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, as the user spelled it. Several columns may have one name.
    pub name: String,
    /// Its type, by Trino's name.
    pub type_name: String,
    field: FieldRef,
}

impl Column {
    pub(super) fn new(field: &Field, name: Option<String>) -> Self {
        let name = name.unwrap_or_else(|| field.name().split('#').next().unwrap_or_default().to_owned());
        let type_name = types::field_name(field);
        Self { field: Arc::new(field.clone().with_name(&name)), name, type_name }
    }
}

/// What a query has taken so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Rows of the result.
    pub rows: u64,
    /// Rows that stores have read, if they say.
    pub rows_scanned: Option<u64>,
    /// Bytes that stores have read, if they say.
    pub bytes_scanned: Option<u64>,
    /// Time since the query was run.
    pub elapsed: Duration,
}

/// A running query. Dropping it cancels the query.
pub struct Answer {
    columns: Vec<Column>,
    schema: SchemaRef,
    plan: Arc<dyn ExecutionPlan>,
    stream: SendableRecordBatchStream,
    limits: Limits,
    clock: Clock,
    started: Duration,
    deadline: Timestamp,
    bound: Arc<Bound>,
    rows: u64,
    bytes: u64,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.bound.end();
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("columns", &self.columns).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Answer {
    pub(super) fn new(
        columns: Vec<Column>,
        plan: Arc<dyn ExecutionPlan>,
        stream: SendableRecordBatchStream,
        limits: Limits,
        clock: Clock,
        deadline: Timestamp,
        bound: Arc<Bound>,
    ) -> Self {
        let started = clock.monotonic();
        let schema = Arc::new(Schema::new(columns.iter().map(|column| Arc::clone(&column.field)).collect::<Vec<_>>()));
        Self { columns, schema, plan, stream, limits, clock, started, deadline, bound, rows: 0, bytes: 0 }
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The schema of the batches, with the columns' names.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The next rows; nothing after the last.
    ///
    /// # Errors
    /// A value does not allow what is asked of it, a store cannot be read, or a limit is reached.
    pub async fn next_batch(&mut self) -> Result<Option<RecordBatch>, SqlError> {
        let batch = tokio::select! {
            biased;
            () = self.clock.sleep_until(self.deadline) => return Err(self.limits.time_is_up()),
            batch = self.stream.next() => batch,
        };
        let Some(batch) = batch.transpose().map_err(failure::of_running)? else { return Ok(None) };
        self.rows = self.rows.saturating_add(batch.num_rows() as u64);
        if self.rows > self.limits.result_rows {
            return Err(self.limits.too_many_rows());
        }
        self.bytes = self.bytes.saturating_add(size(&batch));
        if self.bytes > self.limits.result_bytes {
            return Err(self.limits.too_many_bytes());
        }
        let fields = self.schema.fields().iter().zip(batch.schema_ref().fields());
        let fields: Vec<_> = fields.map(|(named, field)| field.as_ref().clone().with_name(named.name())).collect();
        let schema = Arc::new(Schema::new(fields));
        let renamed = RecordBatch::try_new(schema, batch.columns().to_vec());
        renamed.map(Some).map_err(|error| failure::of_running(error.into()))
    }

    /// The next rows as text, as the Lake gives them; NULL is `None`. Nothing after the last.
    ///
    /// # Errors
    /// As [`Answer::next_batch`].
    pub async fn next_rows(&mut self) -> Result<Option<Vec<Vec<Option<String>>>>, SqlError> {
        Ok(self.next_batch().await?.map(|batch| {
            let texts = Texts::new(&batch);
            let value = |row, column| {
                let mut text = String::new();
                texts.write(row, column, &mut text).then_some(text)
            };
            let columns = batch.num_columns();
            (0..batch.num_rows()).map(|row| (0..columns).map(|column| value(row, column)).collect()).collect()
        }))
    }

    /// What the query has taken so far.
    pub fn statistics(&self) -> Statistics {
        let mut statistics = Statistics {
            rows: self.rows,
            rows_scanned: None,
            bytes_scanned: None,
            elapsed: self.clock.monotonic().saturating_sub(self.started),
        };
        scanned(self.plan.as_ref(), &mut statistics);
        statistics
    }
}

/// The values of a batch as text, as [`Answer::next_rows`] gives them, into a buffer of the caller's.
pub struct Texts<'a>(Vec<Writer<'a>>);

impl<'a> Texts<'a> {
    /// Of a batch.
    pub fn new(batch: &'a RecordBatch) -> Self {
        Self(batch.columns().iter().map(Writer::new).collect())
    }

    /// Appends the text of a value and says that there is one: NULL has none, nor has a place outside of the batch.
    pub fn write(&self, row: usize, column: usize, out: &mut String) -> bool {
        self.0.get(column).is_some_and(|writer| writer.write(row, out))
    }
}

/// The rows of a batch as JSON: numbers, truth values, arrays, rows and maps as such, times as text.
///
/// # Errors
/// A value is not of its column's type: a fault of the engine.
pub fn json_rows(batch: &RecordBatch) -> Result<Vec<Vec<serde_json::Value>>, SqlError> {
    let columns: Vec<_> = batch
        .schema_ref()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| Values::of(column, field))
        .collect();
    let row = |row| columns.iter().map(|column| column.value(row)).collect::<Result<_, _>>();
    (0..batch.num_rows()).map(row).collect::<Result<_, _>>().map_err(failure::of_running)
}

fn size(batch: &RecordBatch) -> u64 {
    let sizes = batch.columns().iter().map(|column| column.to_data().get_slice_memory_size().unwrap_or(0));
    sizes.map(|size| size as u64).sum()
}

/// Adds up what the leaves of a plan have read.
fn scanned(plan: &dyn ExecutionPlan, statistics: &mut Statistics) {
    let children = plan.children();
    if children.is_empty() {
        let Some(metrics) = plan.metrics() else { return };
        let counted = |name| match metrics.sum_by_name(name) {
            Some(MetricValue::Count { count, .. }) => Some(count.value() as u64),
            _ => None,
        };
        if let Some(rows) = metrics.output_rows() {
            // What a scan's own filters leave out was read all the same.
            let left_out = counted("pushdown_rows_pruned").unwrap_or(0);
            statistics.rows_scanned = Some(statistics.rows_scanned.unwrap_or(0) + rows as u64 + left_out);
        }
        if let Some(bytes) = counted("bytes_scanned") {
            statistics.bytes_scanned = Some(statistics.bytes_scanned.unwrap_or(0) + bytes);
        }
    }
    for child in children {
        scanned(child.as_ref(), statistics);
    }
}
