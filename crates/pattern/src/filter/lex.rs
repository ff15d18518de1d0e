//! Reading a filter pattern character by character, with positions people can count.

use crate::wildcard::Wildcard;

use super::PatternError;
use super::regex::Regex;

/// A place in a filter pattern.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'s> {
    source: &'s str,
    at: usize,
    regexes: usize,
}

/// CloudWatch Logs allows this many regular expressions in one pattern.
const MAX_REGEXES: usize = 2;

impl<'s> Cursor<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self { source, at: 0, regexes: 0 }
    }

    /// How many regular expressions have been read so far.
    pub(super) fn regexes(&self) -> usize {
        self.regexes
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// The text from byte `start` to here.
    pub(super) fn since(&self, start: usize) -> &'s str {
        self.source.get(start..self.at).unwrap_or_default()
    }

    /// An error here.
    pub(super) fn error(&self, reason: impl Into<String>) -> PatternError {
        self.error_at(self.at, reason)
    }

    /// An error at byte `at`.
    pub(super) fn error_at(&self, at: usize, reason: impl Into<String>) -> PatternError {
        let position = self.source.get(..at).map_or(0, |before| before.chars().count());
        PatternError { position, reason: reason.into() }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    pub(super) fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        let end = rest.find(|next| !accept(next)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), PatternError> {
        if self.eat(token) { Ok(()) } else { Err(self.error(format!("expected `{token}`{}", self.found()))) }
    }

    /// What stands here instead, for messages.
    pub(super) fn found(&self) -> String {
        match self.peek() {
            Some(next) => format!(", found `{next}`"),
            None => ", found the end of the pattern".to_owned(),
        }
    }

    /// A word of capital letters, if one stands here.
    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let after = self.rest().strip_prefix(word);
        let found = after.is_some_and(|after| !after.starts_with(|next: char| next.is_alphanumeric() || next == '_'));
        if found {
            self.at += word.len();
        }
        found
    }

    /// A `"…"` string; `\"` and `\\` stand for the character, any other backslash for itself.
    pub(super) fn quoted(&mut self) -> Result<String, PatternError> {
        self.quoted_parts(false).map(|literals| literals.concat())
    }

    /// A `"…"` string in which `*` is a wildcard and `\*` the character.
    pub(super) fn quoted_wildcard(&mut self) -> Result<Wildcard, PatternError> {
        self.quoted_parts(true).map(Wildcard::from_literals)
    }

    fn quoted_parts(&mut self, stars: bool) -> Result<Vec<String>, PatternError> {
        let start = self.at;
        self.expect("\"")?;
        let mut literals = Vec::new();
        let mut literal = String::new();
        loop {
            match self.bump() {
                None => return Err(self.error_at(start, "this quotation mark is not closed")),
                Some('"') => {
                    literals.push(literal);
                    return Ok(literals);
                }
                Some('*') if stars => literals.push(std::mem::take(&mut literal)),
                Some('\\') => match self.peek() {
                    Some(next) if next == '"' || next == '\\' || (stars && next == '*') => {
                        self.bump();
                        literal.push(next);
                    }
                    _ => literal.push('\\'),
                },
                Some(next) => literal.push(next),
            }
        }
    }

    /// A `%…%` regular expression.
    pub(super) fn regex(&mut self) -> Result<Regex, PatternError> {
        let start = self.at;
        self.expect("%")?;
        let body_at = self.at;
        let body = self.take_while(|next| next != '%');
        if !self.eat("%") {
            return Err(self.error_at(start, "this regular expression is not closed by `%`"));
        }
        self.regexes += 1;
        if self.regexes > MAX_REGEXES {
            return Err(self.error_at(start, "a filter pattern may hold at most 2 regular expressions"));
        }
        Regex::parse(body).map_err(|refusal| self.error_at(body_at + refusal.at, refusal.reason))
    }
}
