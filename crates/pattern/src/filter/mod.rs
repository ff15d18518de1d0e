//! CloudWatch Logs filter patterns.
//!
//! ```
//! use keeptrail_pattern::filter::FilterPattern;
//!
//! let pattern = FilterPattern::parse(r#"{ $.eventName = "GetSecretValue" && $.latency > 50 }"#)?;
//! let found = pattern.matches(r#"{"eventName": "GetSecretValue", "latency": 75.5}"#).expect("it matches");
//! assert_eq!(found.value("$.latency").as_deref(), Some("75.5"));
//! assert!(pattern.matches(r#"{"eventName": "PutSecretValue"}"#).is_none());
//! # Ok::<(), keeptrail_pattern::filter::PatternError>(())
//! ```

pub(crate) mod compare;
mod expr;
pub(crate) mod json;
mod lex;
mod matched;
pub(crate) mod path;
mod regex;
mod space;
mod terms;

use serde_json::Value;

use crate::document::Document;

use json::JsonPattern;
use lex::Cursor;
use matched::Subject;
use space::SpacePattern;
use terms::Terms;

pub(crate) use expr::Expr;
pub use matched::{Match, Message};

/// Longest filter pattern, in characters (the service's own limit).
pub const MAX_LENGTH: usize = 1024;

/// A filter pattern that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {}: {reason}", position + 1)]
pub struct PatternError {
    /// Where, as a count of characters before it.
    pub position: usize,
    /// What is wrong there.
    pub reason: String,
}

/// The three kinds of filter pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Terms, phrases and regular expressions on the text of a message.
    Terms,
    /// `{ … }`: conditions on the fields of a JSON message.
    Json,
    /// `[ … ]`: conditions on the fields of a space-delimited message.
    SpaceDelimited,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Compiled {
    Terms(Terms),
    Json(JsonPattern),
    Space(SpacePattern),
}

/// A parsed filter pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterPattern {
    source: String,
    regexes: usize,
    compiled: Compiled,
}

impl FilterPattern {
    /// Parses a filter pattern. The empty pattern, `""` and `" "` match every message.
    ///
    /// # Errors
    /// What is wrong with the pattern, and where; also when it is longer than [`MAX_LENGTH`], nests too deeply or holds
    /// more than two regular expressions.
    pub fn parse(source: &str) -> Result<Self, PatternError> {
        if source.chars().nth(MAX_LENGTH).is_some() {
            let reason = format!("a filter pattern has at most {MAX_LENGTH} characters");
            return Err(PatternError { position: MAX_LENGTH, reason });
        }
        let mut cursor = Cursor::new(source);
        cursor.skip_space();
        let compiled = match cursor.peek() {
            Some('{') => Compiled::Json(JsonPattern::parse(&mut cursor)?),
            Some('[') => Compiled::Space(SpacePattern::parse(&mut cursor)?),
            _ => Compiled::Terms(Terms::parse(&mut cursor)?),
        };
        cursor.skip_space();
        if cursor.peek().is_some() {
            return Err(cursor.error("nothing may follow the closing bracket"));
        }
        Ok(Self { source: source.to_owned(), regexes: cursor.regexes(), compiled })
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Which kind of pattern it is; dimensions are only for JSON and space-delimited ones.
    pub fn kind(&self) -> Kind {
        match self.compiled {
            Compiled::Terms(_) => Kind::Terms,
            Compiled::Json(_) => Kind::Json,
            Compiled::Space(_) => Kind::SpaceDelimited,
        }
    }

    /// Whether the pattern holds a regular expression: a log group takes five such patterns.
    pub fn has_regex(&self) -> bool {
        self.regexes > 0
    }

    /// The names of the values a match can give: `$.eventType`, `$bytes`. The unnamed fields of a space-delimited
    /// pattern (`$1`) are not among them, for which there are depends on the message.
    pub fn names(&self) -> Vec<String> {
        match &self.compiled {
            Compiled::Terms(_) => Vec::new(),
            Compiled::Json(pattern) => pattern.paths().into_iter().map(|path| path.written.clone()).collect(),
            Compiled::Space(pattern) => pattern.names(),
        }
    }

    /// The conditions of a JSON pattern.
    pub(crate) fn conditions(&self) -> Option<&Expr<json::Condition>> {
        match &self.compiled {
            Compiled::Json(pattern) => Some(pattern.expr()),
            _ => None,
        }
    }

    /// Holds the pattern against the text of a log event.
    pub fn matches<'a>(&'a self, message: &'a str) -> Option<Match<'a>> {
        let subject = match &self.compiled {
            Compiled::Terms(terms) => terms.matches(message).then_some(Subject::Text)?,
            Compiled::Json(pattern) => {
                let document = Document::parse(message).ok()?;
                pattern.matches(&document.root).then_some(Subject::Parsed(document))?
            }
            Compiled::Space(pattern) => {
                let fields = space::fields(message);
                pattern.matches(&fields).then_some(Subject::Fields(fields))?
            }
        };
        Some(Match::new(self, subject))
    }

    /// Holds the pattern against a message that remembers how it was taken apart: for many patterns on one message.
    pub fn matches_message<'a>(&'a self, message: &'a Message<'_>) -> Option<Match<'a>> {
        let subject = match &self.compiled {
            Compiled::Terms(terms) => terms.matches(message.text()).then_some(Subject::Text)?,
            Compiled::Json(pattern) => {
                let document = message.document()?;
                pattern.matches(&document.root).then_some(Subject::Document(document))?
            }
            Compiled::Space(pattern) => {
                let fields = message.fields();
                pattern.matches(fields).then_some(Subject::SharedFields(fields))?
            }
        };
        Some(Match::new(self, subject))
    }

    /// Holds a JSON pattern against a document; as [`Self::matches_json`].
    pub fn matches_document<'a>(&'a self, document: &'a Document<'_>) -> Option<Match<'a>> {
        match &self.compiled {
            Compiled::Json(pattern) if pattern.matches(&document.root) => {
                Some(Match::new(self, Subject::Document(document)))
            }
            _ => None,
        }
    }

    /// Holds a JSON pattern against an event that is already parsed. The other kinds look at text, of which a parsed
    /// event has none, so they never match here.
    pub fn matches_json<'a>(&'a self, event: &'a Value) -> Option<Match<'a>> {
        match &self.compiled {
            Compiled::Json(pattern) if pattern.matches(event) => Some(Match::new(self, Subject::Value(event))),
            _ => None,
        }
    }
}

impl std::str::FromStr for FilterPattern {
    type Err = PatternError;

    fn from_str(source: &str) -> Result<Self, PatternError> {
        Self::parse(source)
    }
}

#[cfg(test)]
mod guide_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_space;
