//! Records to columns, in one pass over their text.

mod arena;
mod column;
mod id;
mod json;
mod names;
mod node;
mod order;
mod search;
pub(crate) mod time;

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch},
    datatypes::Fields,
    error::ArrowError,
};

use crate::layout::{self, Layout};
use arena::Arena;
use column::TextColumn;
use json::Cursor;
use node::{Node, StructColumn};
use search::{Finder, Found};

pub use id::EventId;
pub use json::JsonError;
pub(crate) use order::Keys;
use order::Order;

/// A text that cannot be taken into the Lake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// It is no JSON object.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The record tells no time, so that it belongs to no day.
    #[error("the record has no eventTime that can be read; expected a time as 2023-07-10T12:07:59Z")]
    NoTime,
}

/// Collects records as columns. One builder serves many batches; its memory is used again.
pub struct BatchBuilder {
    layout: Layout,
    root: StructColumn,
    finder: Finder,
    /// Positions of columns that this builder fills or reads itself.
    event_id: usize,
    event_time: usize,
    raw: TextColumn,
    search: [TextColumn; layout::SEARCH.len()],
    arena: Arena,
    ids: Vec<EventId>,
    times: Vec<i64>,
    order: Order,
}

/// A batch in the order in which its records came.
pub(crate) struct Encoded {
    /// Columns of [`Layout::batch_schema`].
    pub(crate) batch: RecordBatch,
    pub(crate) ids: Vec<EventId>,
    /// `eventTime` in milliseconds.
    pub(crate) times: Vec<i64>,
    /// What the rows are ordered by.
    pub(crate) keys: Arc<Keys>,
    /// Bytes of text.
    pub(crate) bytes: usize,
}

impl BatchBuilder {
    /// A builder for a store's layout.
    ///
    /// # Errors
    /// When the Lake's schema holds something that this crate cannot fill; a test sees to it that it does not.
    pub fn new(layout: Layout) -> Result<Self, ArrowError> {
        let schema = layout.batch_schema();
        let unsupported =
            || ArrowError::SchemaError("the Lake's schema lacks a column that searching needs".to_owned());
        let read = schema.fields().iter().filter(|field| is_read(field.name())).cloned();
        let mut root = StructColumn::new(&read.collect::<Fields>())?;
        let finder = Finder::new(&mut root).ok_or_else(unsupported)?;
        Ok(Self {
            layout,
            event_id: root.position("eventid").ok_or_else(unsupported)?,
            event_time: root.position("eventtime").ok_or_else(unsupported)?,
            root,
            finder,
            raw: TextColumn::new(),
            search: std::array::from_fn(|_| TextColumn::new()),
            arena: Arena::default(),
            ids: Vec::new(),
            times: Vec::new(),
            order: Order::default(),
        })
    }

    /// Records so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.ids.len()
    }

    /// Bytes of text so far.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.arena.len()
    }

    /// Takes a record in. A batch must stay below 1 GiB of text.
    ///
    /// # Errors
    /// When it is no record; the batch is as before then.
    pub fn push(&mut self, record: &str) -> Result<(), EncodeError> {
        self.push_if(record, |_| true).map(drop)
    }

    /// Takes a record in if `wanted` says so of its `eventTime` (milliseconds since 1970); whether it did.
    ///
    /// # Errors
    /// As [`BatchBuilder::push`].
    pub fn push_if(&mut self, record: &str, wanted: impl FnOnce(i64) -> bool) -> Result<bool, EncodeError> {
        self.arena.begin(record);
        let mut cursor = Cursor::new(record);
        let taken = self.read(&mut cursor, record, wanted, |cursor| cursor.end());
        if !matches!(taken, Ok(true)) {
            self.arena.undo();
        }
        taken
    }

    /// Takes in the records that `text` begins with, with commas between them, as `wanted` says of their `eventTime`s, up to
    /// the first that is broken or not whole. Returns the bytes that were read; `taken` is called with each record's length
    /// and whether it was wanted.
    pub fn push_all(&mut self, text: &str, wanted: impl Fn(i64) -> bool, mut taken: impl FnMut(usize, bool)) -> usize {
        self.arena.begin(text);
        let mut cursor = Cursor::new(text);
        let mut read = 0;
        loop {
            while cursor.eat(b',') {}
            if cursor.peek() != Some(b'{') {
                return read;
            }
            let start = cursor.at();
            let Ok(wanted) = self.read(&mut cursor, text, &wanted, |_| Ok(())) else { return read };
            read = cursor.at();
            taken(read - start, wanted);
        }
    }

    /// Reads the record at `cursor` in `text`, which the arena has too. When it is not taken, the batch is as before, but for its
    /// texts.
    fn read(
        &mut self,
        cursor: &mut Cursor<'_>,
        text: &str,
        wanted: impl FnOnce(i64) -> bool,
        end: impl FnOnce(&mut Cursor<'_>) -> Result<(), JsonError>,
    ) -> Result<bool, EncodeError> {
        let row = self.rows();
        let taken = self.read_row(cursor, text, wanted, end);
        if !matches!(taken, Ok(true)) {
            self.root.truncate(row);
        }
        taken
    }

    fn read_row(
        &mut self,
        cursor: &mut Cursor<'_>,
        text: &str,
        wanted: impl FnOnce(i64) -> bool,
        end: impl FnOnce(&mut Cursor<'_>) -> Result<(), JsonError>,
    ) -> Result<bool, EncodeError> {
        if cursor.peek() != Some(b'{') {
            return Err(cursor.error("expected an object").into());
        }
        let start = cursor.at();
        self.root.read(cursor, &mut self.arena)?;
        let stop = cursor.at();
        end(cursor)?;
        let Some(Node::Time(times)) = self.root.last(self.event_time) else { return Err(EncodeError::NoTime) };
        let time = times.last().ok_or(EncodeError::NoTime)?;
        if !wanted(time) {
            return Ok(false);
        }
        let found = self.finder.find(&self.root, &self.arena);
        self.take_id(text.get(start..stop).unwrap_or_default());
        self.times.push(time);
        self.order.push(&found, &self.arena);
        self.take_search(&found);
        if self.layout.raw_record {
            self.raw.push(self.arena.span(start, stop), &self.arena);
        }
        Ok(true)
    }

    /// The event's id; made from the whole text for records of before eventVersion 1.01, which have none.
    fn take_id(&mut self, record: &str) {
        let told = match self.root.last(self.event_id) {
            Some(Node::Text(column)) => column.last().map(|span| EventId::of(self.arena.get(span))),
            _ => None,
        };
        let id = told.unwrap_or_else(|| EventId::of_record(record));
        if told.is_none()
            && let Some(node) = self.root.child_mut(self.event_id)
        {
            node.fit(self.ids.len());
            if let Node::Text(column) = node {
                column.push(self.arena.append(&id.to_string()), &self.arena);
            }
        }
        self.ids.push(id);
    }

    fn take_search(&mut self, found: &Found) {
        let spans = [
            found.secret_id,
            found.secret_arn,
            found.secret_name,
            found.user_arn,
            found.user_name,
            found.role_arn,
            found.access_key,
        ];
        for (column, span) in self.search.iter_mut().zip(spans) {
            column.push_option(span, &self.arena);
        }
    }

    /// The batch; the builder is empty afterwards.
    ///
    /// # Errors
    /// When Arrow refuses the columns, which would be a fault of this crate.
    pub(crate) fn finish(&mut self) -> Result<Encoded, ArrowError> {
        let bytes = self.arena.len();
        let texts = self.arena.finish();
        let mut read = self.root.finish_columns(&texts)?.into_iter();
        let raw = self.raw.finish(&texts)?;
        let mut search = self.search.iter_mut();
        let schema = self.layout.batch_schema();
        let columns = schema.fields().iter().map(|field| {
            let column: Option<ArrayRef> = match field.name().as_str() {
                "eventjson" => Some(Arc::clone(&raw)),
                name if is_read(name) => read.next(),
                _ => search.next().map(|column| column.finish(&texts)).transpose()?,
            };
            column.ok_or_else(|| ArrowError::SchemaError(format!("no column for {}", field.name())))
        });
        let columns = columns.collect::<Result<Vec<_>, ArrowError>>()?;
        Ok(Encoded {
            batch: RecordBatch::try_new(schema, columns)?,
            ids: std::mem::take(&mut self.ids),
            times: std::mem::take(&mut self.times),
            keys: Arc::new(self.order.finish()),
            bytes,
        })
    }
}

/// Whether a column is filled from the record's member of its name.
fn is_read(column: &str) -> bool {
    column != "eventjson" && !layout::SEARCH.contains(&column)
}

#[cfg(test)]
mod tests;
