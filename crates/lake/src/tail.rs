//! The newest events, in memory until they are in a file: what a reader of the journal has passed since it last moved its
//! cursor.

use std::{collections::HashSet, sync::Arc};

use arrow::{
    array::RecordBatch,
    compute::{cast, concat_batches},
    datatypes::SchemaRef,
};

use crate::{Appender, BatchBuilder, EventId, EventStore, LakeError, encode::Encoded, seen::Damage};

/// Small batches are put together up to so many events: a query works on few batches, and merging one takes no time.
const MERGED: usize = 4096;

/// Batches in the order of the journal.
#[derive(Default)]
pub(crate) struct Tail {
    batches: Vec<Arc<TailBatch>>,
    /// What was followed up to here is being written: nothing is put together across it.
    sealed: u64,
}

/// Events up to a place in the journal.
pub(crate) struct TailBatch {
    last: u64,
    /// The events, with the table's types.
    encoded: Encoded,
    bytes: usize,
}

/// How much a tail holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TailSize {
    /// The place in the journal up to which it holds events.
    pub last: u64,
    /// Events.
    pub events: u64,
    /// Bytes of memory.
    pub bytes: usize,
}

/// What a tail held at a moment, to be written with [`Appender::append_tail`].
pub struct Sealed(Vec<Arc<TailBatch>>);

impl TailBatch {
    fn new(last: u64, encoded: Encoded) -> Self {
        let bytes = encoded.batch.get_array_memory_size() + encoded.ids.len() * 32;
        Self { last, encoded, bytes }
    }

    /// The events as the table has them.
    pub(crate) fn rows(&self) -> &RecordBatch {
        &self.encoded.batch
    }

    fn len(&self) -> usize {
        self.encoded.ids.len()
    }

    /// This batch and the next one as one.
    fn with(&self, next: &Self) -> Result<Self, LakeError> {
        let (one, two) = (&self.encoded, &next.encoded);
        let encoded = Encoded {
            batch: concat_batches(&one.batch.schema(), [&one.batch, &two.batch])?,
            ids: [one.ids.as_slice(), &two.ids].concat(),
            times: [one.times.as_slice(), &two.times].concat(),
            keys: Arc::new(one.keys.with(&two.keys)),
            bytes: one.bytes + two.bytes,
        };
        Ok(Self::new(next.last, encoded))
    }
}

impl Tail {
    pub(crate) fn batches(&self) -> Vec<Arc<TailBatch>> {
        self.batches.clone()
    }

    pub(crate) fn rows(&self) -> u64 {
        self.batches.iter().map(|batch| batch.len() as u64).sum()
    }

    /// Forgets what is in files.
    pub(crate) fn forget(&mut self, up_to: u64) {
        self.batches.retain(|batch| batch.last > up_to);
    }

    /// Adds a batch, put together with those before it that are no larger: an event is copied a few times, however small the
    /// batches are in which events come.
    fn push(&mut self, mut batch: TailBatch) -> Result<(), LakeError> {
        while let Some(before) = self.batches.last()
            && before.last > self.sealed
            && before.len() <= batch.len()
            && batch.len() <= MERGED
        {
            batch = before.with(&batch)?;
            self.batches.pop();
        }
        self.batches.push(Arc::new(batch));
        Ok(())
    }
}

impl Sealed {
    /// The place in the journal up to which it goes, for [`crate::Staged::adopt`].
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        self.0.last().map(|batch| batch.last)
    }

    #[cfg(test)]
    pub(crate) fn batches(&self) -> usize {
        self.0.len()
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
        let encoded = typed(batch.finish()?, &self.layout().schema())?;
        self.with_tail(|tail| tail.push(TailBatch::new(last, encoded)))
    }

    /// How much the tail holds; `None` when it is empty.
    #[must_use]
    pub fn tail(&self) -> Option<TailSize> {
        self.with_tail(|tail| {
            let last = tail.batches.last()?.last;
            let bytes = tail.batches.iter().map(|batch| batch.bytes).sum();
            Some(TailSize { last, events: tail.rows(), bytes })
        })
    }

    /// The ids of the tail's events, if any of them may be of one of these `times`.
    pub(crate) fn tail_ids(&self, times: &[i64]) -> HashSet<EventId> {
        let (first, last) = (times.iter().min(), times.iter().max());
        let batches = self.with_tail(|tail| tail.batches());
        let meets =
            |batch: &&Arc<TailBatch>| batch.encoded.times.iter().any(|time| Some(time) >= first && Some(time) <= last);
        batches.iter().filter(meets).flat_map(|batch| batch.encoded.ids.iter().copied()).collect()
    }

    /// The tail of this moment, to be written. More may be followed meanwhile.
    #[must_use]
    pub fn seal(&self) -> Sealed {
        self.with_tail(|tail| {
            tail.sealed = tail.batches.last().map_or(tail.sealed, |batch| batch.last);
            Sealed(tail.batches())
        })
    }
}

impl Appender {
    /// Writes what the store's tail held. Blocks on the disk.
    ///
    /// # Errors
    /// As [`Appender::append`].
    pub fn append_tail(&mut self, tail: &Sealed) -> Result<(), LakeError> {
        for batch in &tail.0 {
            let Encoded { batch, ids, times, keys, bytes } = &batch.encoded;
            let (ids, times, keys) = (ids.clone(), times.clone(), Arc::clone(keys));
            let encoded = Encoded { batch: batch.clone(), ids, times, keys, bytes: *bytes };
            // Records come once from the journal: a damaged file may hide a double that was imported, and must not hold up what is
            // recorded now.
            self.add(&typed(encoded, &self.layout().batch_schema())?, Damage::IsPassedOver, &HashSet::new())?;
        }
        Ok(())
    }
}

/// The same events with the types of `schema`: text in views or not.
pub(crate) fn typed(encoded: Encoded, schema: &SchemaRef) -> Result<Encoded, LakeError> {
    let columns = encoded.batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| cast(column, field.data_type())).collect::<Result<Vec<_>, _>>()?;
    Ok(Encoded { batch: RecordBatch::try_new(Arc::clone(schema), columns)?, ..encoded })
}
