//! The texts of a batch: what was read, each text followed by what was unescaped of it. Columns hold views into it.

use arrow::buffer::Buffer;

use super::json::{JsonError, Raw, Text};

/// Where a text lies in the arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// Texts of up to so many bytes stand in the view itself.
const INLINE: u32 = 12;

/// The texts of a batch and what is being read.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    texts: String,
    /// Where the text begins that is being read.
    base: usize,
}

impl Arena {
    /// Bytes held.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Takes in what is read next; its spans are made by [`Arena::text`] and [`Arena::raw`].
    pub(crate) fn begin(&mut self, text: &str) {
        self.base = self.texts.len();
        self.texts.push_str(text);
    }

    /// Forgets it.
    pub(crate) fn undo(&mut self) {
        self.texts.truncate(self.base);
    }

    /// The span of bytes of the text that is being read.
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
        let plain: String = serde_json::from_str(quoted)
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

    /// Takes in a text that does not stand in what is read.
    pub(crate) fn append(&mut self, text: &str) -> Span {
        let start = self.texts.len();
        self.texts.push_str(text);
        Span { start: start as u32, len: text.len() as u32 }
    }

    /// A span's text.
    pub(crate) fn get(&self, span: Span) -> &str {
        let start = span.start as usize;
        self.texts.get(start..start + span.len as usize).unwrap_or_default()
    }

    /// A span's Arrow view: its length, then all of it, or its first four bytes, the buffer's number and the offset.
    pub(crate) fn view(&self, span: Span) -> u128 {
        let rest = self.texts.as_bytes().get(span.start as usize..).unwrap_or_default();
        let length = u128::from(span.len);
        if span.len > INLINE {
            let prefix = rest.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
            return length | u128::from(prefix) << 32 | u128::from(span.start) << 96;
        }
        let bytes = rest.first_chunk::<16>().map_or_else(
            || {
                let mut end = [0; 16];
                end.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                u128::from_le_bytes(end)
            },
            |bytes| u128::from_le_bytes(*bytes),
        );
        length | (bytes & ((1 << (span.len * 8)) - 1)) << 32
    }

    /// The texts as a buffer that views point into; the arena is empty afterwards.
    pub(crate) fn finish(&mut self) -> Buffer {
        self.base = 0;
        // The next batch is about as large.
        let next = String::with_capacity(self.texts.len() + self.texts.len() / 16);
        Buffer::from_vec(std::mem::replace(&mut self.texts, next).into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::BinaryViewArray;

    use super::*;

    #[test]
    fn views_say_what_arrows_own_say() {
        let mut arena = Arena::default();
        let texts = ["", "a", "twelve bytes", "thirteen byte", "of more than thirteen bytes", "end"];
        let spans = texts.map(|text| arena.append(text));
        let views = spans.map(|span| arena.view(span));
        let column = BinaryViewArray::try_new(views.to_vec().into(), vec![arena.finish()], None).unwrap();
        assert_eq!(column, BinaryViewArray::from_iter_values(texts));
    }
}
