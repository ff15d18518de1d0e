//! Reading the JSON of an event pattern token by token, the way AWS's reader (Jackson) does: its error texts and the
//! places they name depend on it.
//!
//! The place of an error is where the reader stands. After a member name it has already looked at the value: past it for
//! numbers and words, past the opening character for the rest. A string is read to its end only when its text is used.

use std::borrow::Cow;

use crate::document::Node as _;
use crate::document::{Document, Scalar};

use super::{EventPatternError, MAX_LENGTH};

/// Deepest nesting of objects and arrays in a pattern.
const MAX_DEPTH: usize = 100;

/// How much of the pattern an error quotes.
const MAX_QUOTED: usize = 500;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'s> {
    StartObject,
    EndObject,
    StartArray,
    EndArray,
    Name(Cow<'s, str>),
    String(Cow<'s, str>),
    Number(&'s str),
    True,
    False,
    Null,
}

impl Token<'_> {
    /// The token as Jackson prints it.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::StartObject => "{",
            Self::EndObject => "}",
            Self::StartArray => "[",
            Self::EndArray => "]",
            Self::Name(text) | Self::String(text) => text,
            Self::Number(text) => text,
            Self::True => "true",
            Self::False => "false",
            Self::Null => "null",
        }
    }
}

/// A token with the reader's place after seeing it and after reading it.
#[derive(Clone, Debug)]
struct Lexed<'s> {
    token: Token<'s>,
    seen: usize,
    read: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// The reader.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'s> {
    source: &'s str,
    /// Up to here the source is read.
    at: usize,
    /// Where the reader stands for errors.
    place: usize,
    /// Where it stands once the last token's text is used.
    read: usize,
    /// The value after a member name.
    pending: Option<Lexed<'s>>,
    /// Open objects and arrays with where they began, and whether something stands in them already.
    open: Vec<(Container, usize, bool)>,
    ended: bool,
}

impl<'s> Tokens<'s> {
    pub(super) fn new(source: &'s str) -> Result<Self, EventPatternError> {
        if source.chars().nth(MAX_LENGTH).is_some() {
            return Err(EventPatternError {
                reason: format!("Event pattern must have at most {MAX_LENGTH} characters"),
            });
        }
        Ok(Self { source, at: 0, place: 0, read: 0, pending: None, open: Vec::new(), ended: false })
    }

    /// An error at the place of the last token.
    pub(super) fn error(&self, message: impl Into<String>) -> EventPatternError {
        self.error_at(self.place, message)
    }

    fn error_at(&self, at: usize, message: impl Into<String>) -> EventPatternError {
        EventPatternError { reason: format!("{}\n at {}", message.into(), self.describe(at)) }
    }

    /// `[Source: (String)"…"; line: 1, column: 2]`.
    fn describe(&self, at: usize) -> String {
        let before = self.source.get(..at).unwrap_or(self.source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count() + 1;
        let units: usize = self.source.encode_utf16().count();
        let quoted: String = self.source.chars().take(MAX_QUOTED).collect();
        let cut = match units.saturating_sub(quoted.encode_utf16().count()) {
            0 => String::new(),
            cut => format!("[truncated {cut} chars]"),
        };
        format!("[Source: (String)\"{quoted}\"{cut}; line: {line}, column: {column}]")
    }

    /// Marks the last token's text as used: the reader now stands after it.
    pub(super) fn use_text(&mut self) {
        self.place = self.read;
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Result<Token<'s>, EventPatternError> {
        if let Some(lexed) = self.pending.take() {
            return Ok(self.take(lexed));
        }
        let (container, fresh) = match self.open.last_mut() {
            None => {
                if self.ended {
                    return Err(self.error("Unexpected end-of-input"));
                }
                let lexed = self.value()?;
                return Ok(self.take(lexed));
            }
            Some((container, _, filled)) => (*container, !std::mem::replace(filled, true)),
        };
        self.skip_space();
        match (container, self.peek()) {
            (_, None) => return Err(self.unclosed()),
            (Container::Object, Some('}')) => return Ok(self.close(Token::EndObject)),
            (Container::Array, Some(']')) => return Ok(self.close(Token::EndArray)),
            (Container::Object, Some(']')) => return Err(self.mismatch(']', '}', "Object")),
            (Container::Array, Some('}')) => return Err(self.mismatch('}', ']', "Array")),
            (_, Some(',')) if !fresh => {
                self.at += 1;
                self.skip_space();
            }
            (_, Some(next)) if !fresh => {
                let name = if container == Container::Object { "Object" } else { "Array" };
                return Err(self.unexpected(next, &format!("was expecting comma to separate {name} entries")));
            }
            _ => {}
        }
        if container == Container::Array {
            let lexed = self.value()?;
            return Ok(self.take(lexed));
        }
        let name = match self.peek() {
            Some('"') => self.string()?,
            Some(next) => return Err(self.unexpected(next, "was expecting double-quote to start field name")),
            None => return Err(self.unclosed()),
        };
        self.skip_space();
        match self.peek() {
            Some(':') => self.at += 1,
            Some(next) => {
                return Err(self.unexpected(next, "was expecting a colon to separate field name and value"));
            }
            None => return Err(self.unclosed()),
        }
        let value = self.value()?;
        self.place = value.seen;
        self.pending = Some(value);
        let Token::String(name) = name.token else { return Err(self.error("Unexpected field name")) };
        Ok(Token::Name(name))
    }

    /// Passes over everything to the end of the object or array that was just opened.
    pub(super) fn skip_rest(&mut self) -> Result<(), EventPatternError> {
        let depth = self.open.len();
        while self.open.len() >= depth && depth > 0 {
            self.next()?;
        }
        Ok(())
    }

    /// Makes sure that nothing follows the pattern.
    pub(super) fn finish(mut self) -> Result<(), EventPatternError> {
        self.skip_space();
        match self.peek() {
            None => Ok(()),
            Some(next) => Err(self.unexpected(next, "was expecting the end of the event pattern")),
        }
    }

    fn take(&mut self, lexed: Lexed<'s>) -> Token<'s> {
        self.place = lexed.seen;
        self.read = lexed.read;
        match lexed.token {
            Token::StartObject => self.open.push((Container::Object, lexed.seen - 1, false)),
            Token::StartArray => self.open.push((Container::Array, lexed.seen - 1, false)),
            _ => self.ended |= self.open.is_empty(),
        }
        lexed.token
    }

    fn close(&mut self, token: Token<'s>) -> Token<'s> {
        self.at += 1;
        self.open.pop();
        self.ended |= self.open.is_empty();
        self.place = self.at;
        self.read = self.at;
        token
    }

    fn peek(&self) -> Option<char> {
        self.source.get(self.at..)?.chars().next()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self, next: char, expected: &str) -> EventPatternError {
        let code = u32::from(next);
        let shown =
            if next.is_control() { format!("(CTRL-CHAR, code {code})") } else { format!("'{next}' (code {code})") };
        self.error_at(self.at, format!("Unexpected character ({shown}): {expected}"))
    }

    fn mismatch(&self, found: char, expected: char, name: &str) -> EventPatternError {
        let start = self.open.last().map_or(0, |(_, start, _)| *start);
        let position = self.describe(start);
        let place = position.rsplit("; ").next().unwrap_or_default().trim_end_matches(']');
        let message = format!(
            "Unexpected close marker '{found}': expected '{expected}' (for {name} starting at [Source: (String)\""
        );
        let quoted = position.split("; line").next().unwrap_or_default().trim_start_matches("[Source: (String)\"");
        self.error_at(self.at, format!("{message}{quoted}; {place}])"))
    }

    fn unclosed(&self) -> EventPatternError {
        let (name, start) = match self.open.last() {
            Some((Container::Object, start, _)) => ("Object", *start),
            Some((Container::Array, start, _)) => ("Array", *start),
            None => ("root", 0),
        };
        let start = self.describe(start);
        let message = format!("Unexpected end-of-input: expected close marker for {name} (start marker at {start})");
        self.error_at(self.source.len(), message)
    }

    fn value(&mut self) -> Result<Lexed<'s>, EventPatternError> {
        self.skip_space();
        let start = self.at;
        let opening = match self.peek() {
            None if self.open.is_empty() => {
                return Err(self.error_at(start, "No content to map due to end-of-input"));
            }
            None => return Err(self.unclosed()),
            Some('"') => return self.string(),
            Some('-' | '0'..='9') => return self.number(),
            Some('{') => Token::StartObject,
            Some('[') => Token::StartArray,
            Some(_) => return self.word(),
        };
        if self.open.len() >= MAX_DEPTH {
            let depth = MAX_DEPTH + 1;
            return Err(self.error_at(
                start,
                format!("Document nesting depth ({depth}) exceeds the maximum allowed ({MAX_DEPTH})"),
            ));
        }
        self.at += 1;
        Ok(Lexed { token: opening, seen: self.at, read: self.at })
    }

    fn string(&mut self) -> Result<Lexed<'s>, EventPatternError> {
        let start = self.at;
        let bytes = self.source.as_bytes();
        let mut end = start + 1;
        let mut plain = true;
        loop {
            match bytes.get(end) {
                None => {
                    let message = "Unexpected end-of-input: was expecting closing quote for a string value";
                    return Err(self.error_at(self.source.len(), message));
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    plain = false;
                    end += 2;
                }
                Some(code @ 0..=0x1f) => {
                    let message = format!(
                        "Illegal unquoted character ((CTRL-CHAR, code {code})): has to be escaped using backslash to be included in string value"
                    );
                    return Err(self.error_at(end + 1, message));
                }
                Some(_) => end += 1,
            }
        }
        let quoted = self.source.get(start..=end).unwrap_or_default();
        let text = if plain {
            Cow::Borrowed(self.source.get(start + 1..end).unwrap_or_default())
        } else {
            let document = Document::parse(quoted)
                .map_err(|error| self.error_at(start + error.position, "Unrecognized character escape"))?;
            match document.root.scalar() {
                Some(Scalar::String(text)) => Cow::Owned(text.to_owned()),
                _ => return Err(self.error_at(start, "Unrecognized character escape")),
            }
        };
        self.at = end + 1;
        Ok(Lexed { token: Token::String(text), seen: start + 1, read: self.at })
    }

    fn number(&mut self) -> Result<Lexed<'s>, EventPatternError> {
        let start = self.at;
        let rest = self.source.get(start..).unwrap_or_default();
        let length =
            rest.find(|next: char| !next.is_ascii_alphanumeric() && !"+-.".contains(next)).unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default();
        if Document::parse(text).is_err() {
            let digits = text.trim_start_matches('-');
            let leading =
                digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
            let message =
                if leading { "Invalid numeric value: Leading zeroes not allowed" } else { "Invalid numeric value" };
            return Err(self.error_at(start, message));
        }
        self.at += length;
        Ok(Lexed { token: Token::Number(text), seen: self.at, read: self.at })
    }

    fn word(&mut self) -> Result<Lexed<'s>, EventPatternError> {
        let rest = self.source.get(self.at..).unwrap_or_default();
        let length =
            rest.find(|next: char| !next.is_alphanumeric() && next != '_' && next != '$').unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        const EXPECTED: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
        let token = match word {
            "true" => Token::True,
            "false" => Token::False,
            "null" => Token::Null,
            "" => {
                let next = self.peek().unwrap_or_default();
                return Err(self.unexpected(next, &format!("expected a valid value {EXPECTED}")));
            }
            _ => {
                let message = format!("Unrecognized token '{word}': was expecting {EXPECTED}");
                return Err(self.error_at(self.at + length, message));
            }
        };
        self.at += length;
        Ok(Lexed { token, seen: self.at, read: self.at })
    }
}
