//! The reader: strict RFC 8259, bounded depth.

use std::borrow::Cow;

use super::{DocumentError, MAX_DEPTH, Tree};

/// Reads `text` as one JSON value.
pub(super) fn read(text: &str) -> Result<Tree<'_>, DocumentError> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.at < text.len() {
        return Err(reader.error("trailing characters"));
    }
    Ok(value)
}

/// So many members an audit record has: room for them is made at once.
const MEMBERS: usize = 28;

/// Up to so many names are compared each with each, which is faster than sorting them.
const FEW: usize = 32;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, reason: &'static str) -> DocumentError {
        DocumentError { position: self.at, reason }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn value(&mut self, depth: usize) -> Result<Tree<'a>, DocumentError> {
        self.skip_space();
        match self.peek() {
            None => Err(self.error("end of input where a value was expected")),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Tree::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => {
                for (word, value) in [("true", Tree::Bool(true)), ("false", Tree::Bool(false)), ("null", Tree::Null)] {
                    if self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.error("expected a value"))
            }
        }
    }

    fn deeper(&self, depth: usize) -> Result<usize, DocumentError> {
        if depth >= MAX_DEPTH { Err(self.error("nested too deeply")) } else { Ok(depth + 1) }
    }

    fn array(&mut self, depth: usize) -> Result<Tree<'a>, DocumentError> {
        let depth = self.deeper(depth)?;
        self.at += 1;
        let mut elements = Vec::new();
        self.skip_space();
        if self.eat(b']') {
            return Ok(Tree::Array(elements));
        }
        loop {
            elements.push(self.value(depth)?);
            self.skip_space();
            if self.eat(b']') {
                return Ok(Tree::Array(elements));
            }
            if !self.eat(b',') {
                return Err(self.error("expected `,` or `]`"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Tree<'a>, DocumentError> {
        let depth = self.deeper(depth)?;
        self.at += 1;
        let mut members = Vec::with_capacity(if depth == 1 { MEMBERS } else { 0 });
        self.skip_space();
        if self.eat(b'}') {
            return Ok(Tree::Object(members));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a member name"));
            }
            let name = self.string()?;
            self.skip_space();
            if !self.eat(b':') {
                return Err(self.error("expected `:`"));
            }
            members.push((name, self.value(depth)?));
            self.skip_space();
            if self.eat(b'}') {
                return Ok(Tree::Object(last_of_each_name(members)));
            }
            if !self.eat(b',') {
                return Err(self.error("expected `,` or `}`"));
            }
        }
    }

    fn digits(&mut self) -> Result<(), DocumentError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.error("expected a digit"));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Tree<'a>, DocumentError> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }
        Ok(Tree::Number(Cow::Borrowed(self.slice(start, self.at))))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, DocumentError> {
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut run = start;
        loop {
            match self.peek() {
                None => return Err(self.error("end of input inside a string")),
                Some(b'"') => {
                    let last = self.slice(run, self.at);
                    self.at += 1;
                    return Ok(match owned {
                        None => Cow::Borrowed(last),
                        Some(mut text) => {
                            text.push_str(last);
                            Cow::Owned(text)
                        }
                    });
                }
                Some(b'\\') => {
                    let text = owned.get_or_insert_default();
                    text.push_str(self.text.get(run..self.at).unwrap_or_default());
                    self.at += 1;
                    let character = self.escape()?;
                    owned.get_or_insert_default().push(character);
                    run = self.at;
                }
                Some(0..=0x1f) => return Err(self.error("control character inside a string")),
                Some(_) => self.at += self.plain(),
            }
        }
    }

    /// How many bytes follow that mean nothing but themselves in a string.
    fn plain(&self) -> usize {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len())
    }

    fn escape(&mut self) -> Result<char, DocumentError> {
        let Some(byte) = self.peek() else { return Err(self.error("end of input inside a string")) };
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                let code = if (0xd800..0xdc00).contains(&first) && self.eat(b'\\') && self.eat(b'u') {
                    let second = self.hex()?;
                    if !(0xdc00..0xe000).contains(&second) {
                        return Err(self.error("lone surrogate"));
                    }
                    0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                } else {
                    first
                };
                char::from_u32(code).ok_or_else(|| self.error("lone surrogate"))?
            }
            _ => return Err(self.error("unknown escape")),
        })
    }

    fn hex(&mut self) -> Result<u32, DocumentError> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            value = value * 16 + digit.ok_or_else(|| self.error("expected four hexadecimal digits"))?;
            self.at += 1;
        }
        Ok(value)
    }
}

/// Keeps the last member of each name, in their order.
fn last_of_each_name<'a>(mut members: Vec<(Cow<'a, str>, Tree<'a>)>) -> Vec<(Cow<'a, str>, Tree<'a>)> {
    if members.len() <= FEW && distinct(&members) {
        return members;
    }
    let mut names: Vec<(&str, usize)> = members.iter().enumerate().map(|(place, (name, _))| (&**name, place)).collect();
    names.sort_unstable();
    let mut superseded: Vec<usize> = names
        .iter()
        .zip(names.iter().skip(1))
        .filter(|((name, _), (next, _))| name == next)
        .map(|((_, place), _)| *place)
        .collect();
    if !superseded.is_empty() {
        superseded.sort_unstable();
        let mut place = 0;
        members.retain(|_| {
            let keep = superseded.binary_search(&place).is_err();
            place += 1;
            keep
        });
    }
    members
}

/// Whether no two members have one name. Names whose fingerprints differ need not be compared.
fn distinct(members: &[(Cow<'_, str>, Tree<'_>)]) -> bool {
    let mut seen = 0_u128;
    members.iter().enumerate().all(|(place, (name, _))| {
        let bit = 1 << (fingerprint(name) % u128::BITS);
        let new = seen & bit == 0;
        seen |= bit;
        new || members.iter().take(place).all(|(other, _)| other != name)
    })
}

/// A number that is equal for equal names.
fn fingerprint(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let at = |place: usize| u32::from(bytes.get(place).copied().unwrap_or_default());
    let (first, middle, last) = (at(0), at(bytes.len() / 2), at(bytes.len().saturating_sub(1)));
    u32::try_from(bytes.len()).unwrap_or_default().wrapping_mul(37) ^ (first * 5) ^ (middle * 11) ^ (last * 23)
}
