//! Patterns for JSON events: `{ $.eventName = "GetSecretValue" && $.errorCode NOT EXISTS }`.

use std::hash::{Hash, Hasher};

use crate::document::{Node, Scalar};

use super::PatternError;
use super::compare::{Comparison, Operand};
use super::expr::Expr;
use super::lex::Cursor;
use super::path::Path;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    Compare(Comparison),
    Null,
    Bool(bool),
    Absent,
}

impl Test {
    /// Whether the test holds for what a selector found: anything at all, and the value if it is neither array nor object.
    ///
    /// A selector that ends at an array or an object compares with nothing, and neither does one that ends nowhere:
    /// `!=` does not match an event without the field. (AWS documents the first; of the second it says nothing, and
    /// has `NOT EXISTS` for the purpose.)
    pub(crate) fn holds(&self, found: bool, value: Option<&Scalar<'_>>) -> bool {
        match (self, value) {
            (Self::Absent, _) => !found,
            (_, None) => false,
            (Self::Null, Some(value)) => *value == Scalar::Null,
            (Self::Bool(wanted), Some(value)) => *value == Scalar::Bool(*wanted),
            (Self::Compare(comparison), Some(value)) => comparison.holds(value),
        }
    }
}

impl Test {
    /// Feeds a hasher so that equal tests agree; operators count by their operand.
    pub(crate) fn hash_roughly(&self, hasher: &mut impl Hasher) {
        std::mem::discriminant(self).hash(hasher);
        if let Self::Compare(comparison) = self {
            match &comparison.operand {
                Operand::Text(wildcard) => wildcard.hash(hasher),
                Operand::Number(_, text) => text.hash(hasher),
                Operand::Regex(_) => {}
            }
        }
    }
}

/// A selector and what must be true of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) path: Path,
    pub(crate) test: Test,
}

impl Condition {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let path = Path::parse(cursor)?;
        cursor.skip_space();
        let start = cursor.at();
        let test = if cursor.keyword("IS") {
            cursor.skip_space();
            if cursor.keyword("NULL") {
                Test::Null
            } else if cursor.keyword("TRUE") {
                Test::Bool(true)
            } else if cursor.keyword("FALSE") {
                Test::Bool(false)
            } else if cursor.keyword("NOT") {
                return Err(cursor.error_at(start, "`IS NOT` is not supported"));
            } else {
                return Err(cursor.error("`IS` is followed by `NULL`, `TRUE` or `FALSE`"));
            }
        } else if cursor.keyword("NOT") {
            cursor.skip_space();
            if !cursor.keyword("EXISTS") {
                return Err(cursor.error("`NOT` is followed by `EXISTS`"));
            }
            Test::Absent
        } else if cursor.keyword("EXISTS") {
            return Err(cursor.error_at(start, "`EXISTS` is not supported: write `= *`"));
        } else {
            Test::Compare(Comparison::parse(cursor)?)
        };
        Ok(Self { path, test })
    }

    fn holds<N: Node>(&self, root: &N) -> bool {
        let found = self.path.find(root);
        self.test.holds(found.is_some(), found.and_then(Node::scalar).as_ref())
    }
}

/// A whole `{ … }` pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonPattern {
    expr: Expr<Condition>,
}

impl JsonPattern {
    /// Reads the pattern from its opening brace.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let start = cursor.at();
        cursor.expect("{")?;
        let expr = Expr::parse(cursor, &mut Condition::parse)?;
        cursor.skip_space();
        if !cursor.eat("}") {
            return Err(if cursor.peek().is_none() {
                cursor.error_at(start, "this brace is not closed")
            } else {
                cursor.error(format!("expected `&&`, `||` or `}}`{}", cursor.found()))
            });
        }
        Ok(Self { expr })
    }

    pub(super) fn expr(&self) -> &Expr<Condition> {
        &self.expr
    }

    pub(super) fn matches<N: Node>(&self, root: &N) -> bool {
        self.expr.eval(&mut |condition| condition.holds(root))
    }

    /// The selectors, each once, in the order they are first written.
    pub(super) fn paths(&self) -> Vec<&Path> {
        let mut paths: Vec<&Path> = Vec::new();
        self.expr.for_each(&mut |condition| {
            if !paths.iter().any(|path| path.written == condition.path.written) {
                paths.push(&condition.path);
            }
        });
        paths
    }
}

/// A value as the text that is extracted: strings as they are, numbers and booleans as written; null, arrays and
/// objects give nothing.
pub(super) fn extracted<N: Node>(path: &Path, root: &N) -> Option<String> {
    match path.find(root)?.scalar()? {
        Scalar::Null => None,
        Scalar::Bool(value) => Some(value.to_string()),
        Scalar::Number(text) => Some(text.into_owned()),
        Scalar::String(text) => Some(text.to_owned()),
    }
}
