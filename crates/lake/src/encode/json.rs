//! A strict JSON cursor (RFC 8259): it tells where values are and copies nothing.

/// Deepest nesting that is read, as in `serde_json`.
const MAX_DEPTH: u32 = 128;

/// Text that is not one JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not valid JSON at byte {at}: {reason}")]
pub struct JsonError {
    /// The byte at which reading stopped.
    pub at: usize,
    /// What was wrong there.
    pub reason: &'static str,
}

/// A string between its quotes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// It holds escapes.
    pub(crate) escaped: bool,
}

/// Any value's place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// There is white space between its tokens.
    pub(crate) spaced: bool,
}

/// A reader's place in a text.
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    spaced: bool,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), at: 0, spaced: false }
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How far it has read.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    #[cold]
    pub(crate) fn error(&self, reason: &'static str) -> JsonError {
        JsonError { at: self.at, reason }
    }

    /// The next token's first byte.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => {
                    self.spaced = true;
                    self.at += 1;
                }
                found => return found.copied(),
            }
        }
    }

    /// Passes over `byte` if it is the next token.
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Passes over the next token, which must be `byte`.
    pub(crate) fn expect(&mut self, byte: u8, reason: &'static str) -> Result<(), JsonError> {
        if self.eat(byte) { Ok(()) } else { Err(self.error(reason)) }
    }

    /// Passes over `null` if it is the next value.
    pub(crate) fn null(&mut self) -> Result<bool, JsonError> {
        if self.peek() == Some(b'n') { self.word(b"null").map(|()| true) } else { Ok(false) }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), JsonError> {
        if self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.error("expected a value"))
        }
    }

    /// Goes into an object or array whose opening bracket is next; false when it is empty and was passed.
    pub(crate) fn open(&mut self, close: u8) -> bool {
        self.at += 1;
        !self.eat(close)
    }

    /// After a member or element: true when another follows.
    pub(crate) fn more(&mut self, close: u8) -> Result<bool, JsonError> {
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.error("expected a comma or the closing bracket")),
        }
    }

    /// A member's name and the colon behind it.
    pub(crate) fn name(&mut self) -> Result<Text, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.error("expected a member name"));
        }
        let name = self.string()?;
        self.expect(b':', "expected a colon")?;
        Ok(name)
    }

    /// A string whose opening quote is next.
    pub(crate) fn string(&mut self) -> Result<Text, JsonError> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.plain();
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    let end = self.at;
                    self.at += 1;
                    return Ok(Text { start, end, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.at += 1;
                    self.escape()?;
                }
                Some(0..=0x1f) => return Err(self.error("control character inside a string")),
                Some(_) => self.at += 1,
                None => return Err(self.error("end of input inside a string")),
            }
        }
    }

    /// Passes over plain characters, eight at a time while there are eight.
    fn plain(&mut self) {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const HIGH: u64 = 0x8080_8080_8080_8080;
        while let Some(chunk) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_le_bytes(*chunk);
            let quote = word ^ (ONES * 0x22);
            let backslash = word ^ (ONES * 0x5c);
            // A byte's high bit is set where it is zero (quote, backslash) or below 0x20 (control).
            let special = (quote.wrapping_sub(ONES) & !quote)
                | (backslash.wrapping_sub(ONES) & !backslash)
                | (word.wrapping_sub(ONES * 0x20) & !word);
            let special = special & HIGH;
            if special != 0 {
                self.at += (special.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        match self.bytes.get(self.at) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 1..self.at + 5);
                if digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    self.at += 5;
                    Ok(())
                } else {
                    Err(self.error("expected four hexadecimal digits"))
                }
            }
            _ => Err(self.error("unknown escape")),
        }
    }

    /// Passes over any value.
    pub(crate) fn value(&mut self) -> Result<Raw, JsonError> {
        self.peek();
        let start = self.at;
        let outer = std::mem::take(&mut self.spaced);
        self.skip(0)?;
        let spaced = std::mem::replace(&mut self.spaced, outer);
        Ok(Raw { start, end: self.at, spaced })
    }

    fn skip(&mut self, depth: u32) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'"') => self.string().map(|_| ()),
            Some(open @ (b'{' | b'[')) => {
                if depth >= MAX_DEPTH {
                    return Err(self.error("nested too deeply"));
                }
                let close = if open == b'{' { b'}' } else { b']' };
                if self.open(close) {
                    loop {
                        if open == b'{' {
                            self.name()?;
                        }
                        self.skip(depth + 1)?;
                        if !self.more(close)? {
                            break;
                        }
                    }
                }
                Ok(())
            }
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => Err(self.error("expected a value")),
            None => Err(self.error("end of input where a value was expected")),
        }
    }

    fn number(&mut self) -> Result<(), JsonError> {
        self.at += usize::from(self.bytes.get(self.at) == Some(&b'-'));
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.bytes.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.error("expected a digit")) }
    }

    /// Nothing but white space may follow.
    pub(crate) fn end(&mut self) -> Result<(), JsonError> {
        if self.peek().is_none() { Ok(()) } else { Err(self.error("more text behind the record")) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn accepts(text: &str) -> bool {
        let mut cursor = Cursor::new(text);
        cursor.value().and_then(|_| cursor.end()).is_ok()
    }

    proptest! {
        #[test]
        fn it_accepts_what_serde_json_accepts(text in "[\\{\\}\\[\\]\",:\\\\ a0-2eE.+\\-]{0,12}|[\"]\\PC{0,24}[\"]|\"(\\\\[nu\"0-9a-f]|[a-f0-9]){0,12}\"") {
            // Lone surrogates are valid by the grammar; serde_json refuses them.
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            prop_assert_eq!(accepts(&text), theirs, "{}", text);
        }
    }

    #[test]
    fn words_and_numbers_are_read_to_their_end() {
        for (text, valid) in [
            ("true", true),
            ("nul", false),
            ("01", false),
            ("-", false),
            ("1.", false),
            ("1e", false),
            ("-0.5e+3", true),
            ("[1,]", false),
            ("{}", true),
            ("\u{1}", false),
        ] {
            assert_eq!(accepts(text), valid, "{text}");
        }
        assert!(!accepts(&"[".repeat(200)));
        assert!(!accepts("\"a\tb\""));
    }
}
