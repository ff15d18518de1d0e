//! Patterns for text: `ERROR -"health check"`, `?timeout ?refused`, `%4\d\d%`.

use memchr::memmem;

use super::PatternError;
use super::lex::Cursor;
use super::regex::Regex;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Text(String),
    Regex(Regex),
}

impl Term {
    fn occurs_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => memmem::find(message.as_bytes(), text.as_bytes()).is_some(),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}

/// A whole unstructured pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    all: Vec<Term>,
    none: Vec<Term>,
    any: Vec<Term>,
}

impl Terms {
    /// Reads terms to the end of the pattern.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let mut terms = Self::default();
        loop {
            cursor.skip_space();
            let start = cursor.at();
            let group = match cursor.peek() {
                None => return Ok(terms),
                Some('?') => {
                    cursor.bump();
                    &mut terms.any
                }
                Some('-') => {
                    cursor.bump();
                    // AWS's own example writes `"ERROR" - "Exiting"`.
                    cursor.skip_space();
                    &mut terms.none
                }
                Some(_) => &mut terms.all,
            };
            let term = match cursor.peek() {
                Some('"') => Term::Text(phrase(cursor.quoted()?)),
                Some('%') => Term::Regex(cursor.regex()?),
                _ => Term::Text(word(cursor, start)?),
            };
            if let Some(next) = cursor.peek()
                && !next.is_whitespace()
            {
                return Err(cursor.error(format!("a term with `{next}` in it must stand in quotation marks")));
            }
            group.push(term);
        }
    }

    /// Whether the message passes. `?` terms count only when they stand alone: beside other terms AWS ignores them.
    pub(super) fn matches(&self, message: &str) -> bool {
        if self.all.is_empty() && self.none.is_empty() && !self.any.is_empty() {
            return self.any.iter().any(|term| term.occurs_in(message));
        }
        self.all.iter().all(|term| term.occurs_in(message)) && !self.none.iter().any(|term| term.occurs_in(message))
    }
}

/// `" "` matches everything, as `""` does.
fn phrase(text: String) -> String {
    if text.trim().is_empty() { String::new() } else { text }
}

fn word(cursor: &mut Cursor<'_>, start: usize) -> Result<String, PatternError> {
    let word = cursor.take_while(|next| next.is_alphanumeric() || next == '_');
    if word.is_empty() {
        return Err(match cursor.peek() {
            Some(next) if !next.is_whitespace() => {
                cursor.error(format!("a term with `{next}` in it must stand in quotation marks"))
            }
            _ => cursor.error_at(start, "a term must follow `?` or `-`"),
        });
    }
    Ok(word.to_owned())
}
