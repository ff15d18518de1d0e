//! One comparison: an operator and what a value is compared with.

use std::cmp::Ordering;

use crate::decimal::Decimal;
use crate::document::Scalar;
use crate::wildcard::Wildcard;

use super::PatternError;
use super::lex::Cursor;
use super::regex::Regex;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// Reads an operator, if one stands here.
    fn parse(cursor: &mut Cursor<'_>) -> Option<Self> {
        // Longer ones first.
        [
            ("!=", Self::NotEqual),
            ("<=", Self::LessOrEqual),
            (">=", Self::GreaterOrEqual),
            ("=", Self::Equal),
            ("<", Self::Less),
            (">", Self::Greater),
        ]
        .into_iter()
        .find_map(|(token, operator)| cursor.eat(token).then_some(operator))
    }

    fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }

    fn accepts(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// The right-hand side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Text(Wildcard),
    /// A number, and how it is written.
    Number(Decimal, String),
    Regex(Regex),
}

/// `= "…"`, `>= 5`, `!= %…%`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) operator: Operator,
    pub(crate) operand: Operand,
}

impl Comparison {
    /// Reads operator and operand.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.skip_space();
        let Some(operator) = Operator::parse(cursor) else {
            return Err(cursor.error(format!("expected a comparison such as `=` or `!=`{}", cursor.found())));
        };
        cursor.skip_space();
        let start = cursor.at();
        let operand = match cursor.peek() {
            Some('"') => Operand::Text(cursor.quoted_wildcard()?),
            Some('%') => Operand::Regex(cursor.regex()?),
            _ => unquoted(cursor)?,
        };
        if !operator.is_equality() && !matches!(operand, Operand::Number(..)) {
            return Err(cursor.error_at(start, "`<`, `<=`, `>` and `>=` compare with a number"));
        }
        Ok(Self { operator, operand })
    }

    /// Whether a JSON value passes. Null, like an absent value, passes nothing, not even `!=`.
    pub(super) fn holds(&self, value: &Scalar<'_>) -> bool {
        let text = match value {
            Scalar::Null => return false,
            Scalar::Bool(value) => return self.holds_text(if *value { "true" } else { "false" }),
            Scalar::String(text) => return self.holds_text(text),
            Scalar::Number(text) => text,
        };
        match &self.operand {
            Operand::Number(number, _) => {
                Decimal::parse(text).is_some_and(|value| self.operator.accepts(value.cmp(number)))
            }
            Operand::Text(_) | Operand::Regex(_) => self.holds_text(text),
        }
    }

    /// A JSON string is compared as text. A number in the pattern equals the string that is written the same (account
    /// ids are strings in records and numbers in AWS's own examples), and is neither above nor below any string.
    fn holds_text(&self, text: &str) -> bool {
        let equal = match &self.operand {
            Operand::Text(wildcard) => wildcard.matches(text),
            Operand::Regex(regex) => regex.is_match(text),
            Operand::Number(_, written) => written == text,
        };
        match self.operator {
            Operator::Equal => equal,
            Operator::NotEqual => !equal,
            _ => false,
        }
    }

    /// Whether a field of a space-delimited event passes: such fields have no type, so what reads as a number is one.
    pub(super) fn holds_field(&self, field: &str) -> bool {
        match &self.operand {
            Operand::Number(number, _) => match Decimal::parse(field) {
                Some(value) => self.operator.accepts(value.cmp(number)),
                None => self.operator == Operator::NotEqual,
            },
            Operand::Text(_) | Operand::Regex(_) => self.holds_text(field),
        }
    }
}

/// A number, or a string that needs no quotation marks.
fn unquoted(cursor: &mut Cursor<'_>) -> Result<Operand, PatternError> {
    let word = cursor.take_while(|next| next.is_ascii_alphanumeric() || "_.*-+:/".contains(next));
    if word.is_empty() {
        let hint = match cursor.peek() {
            Some('!') => "; unequal is `!=`",
            Some('=') => "; equal is `=`",
            Some('\'') => "; a text stands in double quotation marks",
            _ => "",
        };
        return Err(cursor.error(format!("expected a value{}{hint}", cursor.found())));
    }
    if let Some(next) = cursor.peek()
        && !next.is_whitespace()
        && !")}],&|".contains(next)
    {
        return Err(cursor.error(format!("a value with `{next}` in it must stand in quotation marks")));
    }
    Ok(match Decimal::parse(word) {
        Some(number) => Operand::Number(number, word.to_owned()),
        None => Operand::Text(Wildcard::from_literals(word.split('*').map(str::to_owned).collect())),
    })
}
