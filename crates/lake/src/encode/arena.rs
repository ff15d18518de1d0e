//! The texts of a batch: records one after another, each followed by what was unescaped of it. Columns hold views into it.

use arrow::buffer::Buffer;

use super::json::{JsonError, Raw, Text};

/// Where a text lies in the arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// Texts of up to so many bytes stand in the view itself.
const INLINE: usize = 12;

/// The texts of a batch and of the record that is being read.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    texts: Vec<u8>,
    /// Where the record begins.
    base: usize,
}

impl Arena {
    /// Bytes held.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Takes a record in; its spans are made by [`Arena::text`] and [`Arena::raw`].
    pub(crate) fn begin(&mut self, record: &str) {
        self.base = self.texts.len();
        self.texts.extend_from_slice(record.as_bytes());
    }

    /// Forgets the record.
    pub(crate) fn undo(&mut self) {
        self.texts.truncate(self.base);
    }

    /// The span of bytes of the record.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        // A batch is far smaller than 4 GiB: `BatchBuilder` sees to it.
        Span { start: (self.base + start) as u32, len: (end - start) as u32 }
    }

    /// The span of a string, without its escapes.
    pub(crate) fn text(&mut self, text: Text) -> Result<Span, JsonError> {
        if !text.escaped {
            return Ok(self.span(text.start, text.end));
        }
        let quoted = self.texts.get(self.base + text.start - 1..=self.base + text.end).unwrap_or_default();
        let plain: String = serde_json::from_slice(quoted)
            .map_err(|_| JsonError { at: text.start, reason: "half of a surrogate pair in a string" })?;
        Ok(self.append(&plain))
    }

    /// The span of a value's compact JSON text.
    pub(crate) fn raw(&mut self, raw: Raw) -> Span {
        let span = self.span(raw.start, raw.end);
        if !raw.spaced {
            return span;
        }
        match serde_json::from_str::<serde_json::Value>(self.get(span)) {
            Ok(value) => self.append(&value.to_string()),
            Err(_) => span,
        }
    }

    /// Takes in a text that does not stand in the record.
    pub(crate) fn append(&mut self, text: &str) -> Span {
        let start = self.texts.len();
        self.texts.extend_from_slice(text.as_bytes());
        Span { start: start as u32, len: text.len() as u32 }
    }

    /// A span's text.
    pub(crate) fn get(&self, span: Span) -> &str {
        let start = span.start as usize;
        let bytes = self.texts.get(start..start + span.len as usize).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default()
    }

    /// A span's Arrow view.
    pub(crate) fn view(&self, span: Span) -> u128 {
        let start = span.start as usize;
        let len = span.len as usize;
        let mut view = [0; 16];
        let (length, rest) = view.split_at_mut(4);
        length.copy_from_slice(&span.len.to_le_bytes());
        if len <= INLINE {
            if let (Some(bytes), Some(space)) = (self.texts.get(start..start + len), rest.get_mut(..len)) {
                space.copy_from_slice(bytes);
            }
        } else {
            let (prefix, place) = rest.split_at_mut(4);
            if let Some(bytes) = self.texts.get(start..start + 4) {
                prefix.copy_from_slice(bytes);
            }
            // Buffer 0, then the offset.
            if let Some(offset) = place.get_mut(4..8) {
                offset.copy_from_slice(&span.start.to_le_bytes());
            }
        }
        u128::from_le_bytes(view)
    }

    /// The texts as a buffer that views point into; the arena is empty afterwards.
    pub(crate) fn finish(&mut self) -> Buffer {
        self.base = 0;
        // The next batch is about as large.
        let next = Vec::with_capacity(self.texts.len());
        Buffer::from_vec(std::mem::replace(&mut self.texts, next))
    }
}
