//! Columns of one type each, filled row by row from JSON.
//!
//! Rows without a value are only counted and written when a value follows: most of the Lake's columns are NULL in most
//! events.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, BinaryViewArray, BooleanArray, BooleanBufferBuilder, TimestampMillisecondArray, new_null_array},
    buffer::{Buffer, NullBuffer, ScalarBuffer},
    datatypes::{ArrowNativeType, DataType},
    error::ArrowError,
};

use super::{
    arena::{Arena, Span},
    json::{Cursor, JsonError},
    time,
};

/// Fixed-size values, some of them NULL.
#[derive(Debug)]
pub(crate) struct Values<T> {
    values: Vec<T>,
    /// Which of `values` count, without the last `present` ones, which all do.
    valid: BooleanBufferBuilder,
    present: usize,
    /// Rows without a value behind those in `values`.
    absent: usize,
}

impl<T: Copy + Default> Values<T> {
    pub(crate) fn new() -> Self {
        Self { values: Vec::new(), valid: BooleanBufferBuilder::new(0), present: 0, absent: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len() + self.absent
    }

    pub(crate) fn absent(&mut self, rows: usize) {
        self.absent += rows;
    }

    pub(crate) fn push(&mut self, value: T) {
        if self.absent > 0 {
            self.values.resize(self.len(), T::default());
            self.settle();
            self.valid.append_n(self.absent, false);
            self.absent = 0;
        }
        self.values.push(value);
        self.present += 1;
    }

    fn settle(&mut self) {
        self.valid.append_n(self.present, true);
        self.present = 0;
    }

    /// Whether the last row has a value.
    pub(crate) fn has_last(&self) -> bool {
        self.absent == 0 && !self.values.is_empty()
    }

    /// Keeps the first `rows`, if there are more.
    pub(crate) fn truncate(&mut self, rows: usize) {
        if rows >= self.len() {
            return;
        }
        if rows < self.values.len() {
            self.settle();
            self.values.truncate(rows);
            self.valid.truncate(rows);
        }
        self.absent = rows - self.values.len();
    }

    /// The values and which of them count; `None` when no row has one.
    fn finish(&mut self) -> Option<(Vec<T>, NullBuffer)> {
        let rows = self.len();
        let absent = std::mem::take(&mut self.absent);
        if absent == rows {
            return None;
        }
        // The next batch is about as large.
        let next = Vec::with_capacity(self.values.len());
        let mut values = std::mem::replace(&mut self.values, next);
        values.resize(rows, T::default());
        self.settle();
        self.valid.append_n(absent, false);
        Some((values, NullBuffer::new(self.valid.finish())))
    }
}

impl Values<()> {
    /// Which of the `rows` count, when not all do.
    pub(crate) fn finish_validity(&mut self, rows: usize) -> Option<NullBuffer> {
        let valid = self.finish().map_or_else(|| NullBuffer::new_null(rows), |(_, valid)| valid);
        Some(valid).filter(|valid| valid.null_count() > 0)
    }
}

/// Text.
#[derive(Debug)]
pub(crate) struct TextColumn {
    views: Values<u128>,
    last: Option<Span>,
}

impl TextColumn {
    pub(crate) fn new() -> Self {
        Self { views: Values::new(), last: None }
    }

    pub(crate) fn len(&self) -> usize {
        self.views.len()
    }

    pub(crate) fn absent(&mut self, rows: usize) {
        self.last = None;
        self.views.absent(rows);
    }

    pub(crate) fn push(&mut self, span: Span, arena: &Arena) {
        self.last = Some(span);
        self.views.push(arena.view(span));
    }

    /// Pushes a text or NULL.
    pub(crate) fn push_option(&mut self, span: Option<Span>, arena: &Arena) {
        match span {
            Some(span) => self.push(span, arena),
            None => self.absent(1),
        }
    }

    /// The last row's text.
    pub(crate) fn last(&self) -> Option<Span> {
        self.last
    }

    pub(crate) fn truncate(&mut self, rows: usize) {
        self.views.truncate(rows);
    }

    /// A string as it is; anything else as its JSON text.
    pub(crate) fn read(&mut self, cursor: &mut Cursor<'_>, arena: &mut Arena) -> Result<(), JsonError> {
        match read_text(cursor, arena)? {
            Some(span) => self.push(span, arena),
            None => self.absent(1),
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self, texts: &Buffer) -> Result<ArrayRef, ArrowError> {
        let rows = self.len();
        self.last = None;
        match self.views.finish() {
            None => Ok(new_null_array(&DataType::BinaryView, rows)),
            Some((views, valid)) => {
                let buffers = vec![texts.clone()];
                let valid = Some(valid).filter(|valid| valid.null_count() > 0);
                Ok(Arc::new(BinaryViewArray::try_new(ScalarBuffer::from(views), buffers, valid)?))
            }
        }
    }
}

/// A value as text: a string without its quotes, anything else as JSON, `None` for null.
pub(crate) fn read_text(cursor: &mut Cursor<'_>, arena: &mut Arena) -> Result<Option<Span>, JsonError> {
    if cursor.peek() == Some(b'"') {
        let text = cursor.string()?;
        arena.text(text).map(Some)
    } else if cursor.null()? {
        Ok(None)
    } else {
        let raw = cursor.value()?;
        Ok(Some(arena.raw(raw)))
    }
}

/// A column that is read from a text of some form; what has not that form is NULL.
#[derive(Debug)]
pub(crate) struct Parsed<T> {
    values: Values<T>,
    parse: fn(&str) -> Option<T>,
    last: Option<T>,
}

impl<T: Copy + Default> Parsed<T> {
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn absent(&mut self, rows: usize) {
        self.last = None;
        self.values.absent(rows);
    }

    /// The last row's value.
    pub(crate) fn last(&self) -> Option<T> {
        self.last
    }

    pub(crate) fn truncate(&mut self, rows: usize) {
        self.values.truncate(rows);
    }

    pub(crate) fn read(&mut self, cursor: &mut Cursor<'_>, arena: &mut Arena) -> Result<(), JsonError> {
        let text = read_text(cursor, arena)?;
        match text.and_then(|span| (self.parse)(arena.get(span))) {
            Some(value) => {
                self.last = Some(value);
                self.values.push(value);
            }
            None => self.absent(1),
        }
        Ok(())
    }
}

impl Parsed<i64> {
    /// Times in milliseconds since 1970.
    pub(crate) fn times() -> Self {
        Self { values: Values::new(), parse: time::milliseconds, last: None }
    }

    pub(crate) fn finish(&mut self) -> ArrayRef {
        let rows = self.len();
        self.last = None;
        let (values, valid) = self.values.finish().unwrap_or_else(|| (vec![0; rows], NullBuffer::new_null(rows)));
        let valid = Some(valid).filter(|valid| valid.null_count() > 0);
        Arc::new(TimestampMillisecondArray::new(ScalarBuffer::from(values), valid))
    }
}

impl Parsed<bool> {
    /// `true` and `false`, also as strings.
    pub(crate) fn booleans() -> Self {
        let parse = |text: &str| text.parse().ok();
        Self { values: Values::new(), parse, last: None }
    }

    pub(crate) fn finish(&mut self) -> ArrayRef {
        let rows = self.len();
        self.last = None;
        match self.values.finish() {
            None => new_null_array(&DataType::Boolean, rows),
            Some((values, valid)) => Arc::new(BooleanArray::new(values.into(), Some(valid))),
        }
    }
}

/// Where each row's elements end; for lists and maps.
#[derive(Debug)]
pub(crate) struct Offsets {
    ends: Values<i32>,
    elements: i32,
}

impl Offsets {
    pub(crate) fn new() -> Self {
        Self { ends: Values::new(), elements: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn absent(&mut self, rows: usize) {
        self.ends.absent(rows);
    }

    /// Elements in all rows so far.
    pub(crate) fn elements(&self) -> usize {
        self.elements.as_usize()
    }

    /// Ends a row whose elements go up to `elements`.
    pub(crate) fn push(&mut self, elements: usize) {
        self.elements = i32::try_from(elements).unwrap_or(i32::MAX);
        self.ends.push(self.elements);
    }

    /// Cuts to `rows`; the number of elements that are left.
    pub(crate) fn truncate(&mut self, rows: usize) -> usize {
        if rows < self.len() {
            self.ends.truncate(rows);
            self.elements = self.ends.values.iter().copied().max().unwrap_or(0);
        }
        self.elements()
    }

    /// Arrow's offsets and which rows count; `None` when no row does.
    pub(crate) fn finish(&mut self) -> Option<(Vec<i32>, NullBuffer)> {
        self.elements = 0;
        let (ends, valid) = self.ends.finish()?;
        let mut offsets = Vec::with_capacity(ends.len() + 1);
        let mut last = 0;
        offsets.push(last);
        for end in ends {
            // A row without a value was filled with zero: it ends where the one before ends.
            last = last.max(end);
            offsets.push(last);
        }
        Some((offsets, valid))
    }
}
