//! The newest events, in memory until they are in a file: what a reader of the journal has passed since it last moved its
//! cursor.

use std::sync::Arc;

use arrow::{array::RecordBatch, compute::cast};

use crate::{Appender, BatchBuilder, EventStore, LakeError, Layout, encode::Encoded};

/// Batches in the order of the journal.
#[derive(Default)]
pub(crate) struct Tail(Vec<Arc<TailBatch>>);

/// Events up to a place in the journal.
pub(crate) struct TailBatch {
    last: u64,
    encoded: Encoded,
    /// The same with the table's types.
    pub(crate) rows: RecordBatch,
}

impl Tail {
    pub(crate) fn batches(&self) -> Vec<Arc<TailBatch>> {
        self.0.clone()
    }

    pub(crate) fn rows(&self) -> u64 {
        self.0.iter().map(|batch| batch.rows.num_rows() as u64).sum()
    }

    /// Forgets what is in files.
    pub(crate) fn forget(&mut self, up_to: u64) {
        self.0.retain(|batch| batch.last > up_to);
    }
}

impl EventStore {
    /// Shows the events of `batch` to queries at once; the batch is empty afterwards. `last` is the place in the journal up to
    /// which events have been followed now; it must grow.
    ///
    /// They are lost with the process: the caller follows them again from its cursor, which it moves only together with
    /// [`crate::Staged::name`].
    ///
    /// # Errors
    /// When Arrow refuses the columns, which would be a fault of this crate.
    pub fn follow(&self, last: u64, batch: &mut BatchBuilder) -> Result<(), LakeError> {
        if batch.rows() == 0 {
            return Ok(());
        }
        let encoded = batch.finish()?;
        let rows = table_rows(self.layout(), &encoded.batch)?;
        self.with_tail(|tail| tail.0.push(Arc::new(TailBatch { last, encoded, rows })));
        Ok(())
    }

    /// The place up to which the tail holds events, and how many; `None` when it is empty.
    #[must_use]
    pub fn tail(&self) -> Option<(u64, u64)> {
        self.with_tail(|tail| tail.0.last().map(|batch| (batch.last, tail.rows())))
    }
}

impl Appender {
    /// Writes the store's tail; the place up to which it went, for [`crate::Staged::adopt`]. Blocks on the disk.
    ///
    /// # Errors
    /// As [`Appender::append`].
    pub fn append_tail(&mut self, store: &EventStore) -> Result<Option<u64>, LakeError> {
        let batches = store.with_tail(|tail| tail.batches());
        for batch in &batches {
            self.append_encoded(&batch.encoded)?;
        }
        Ok(batches.last().map(|batch| batch.last))
    }
}

/// A batch as the table has it: text as such.
pub(crate) fn table_rows(layout: Layout, batch: &RecordBatch) -> Result<RecordBatch, LakeError> {
    let schema = layout.schema();
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| cast(column, field.data_type()));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(schema, columns)?)
}
