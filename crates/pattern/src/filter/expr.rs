//! Conditions joined by `&&`, `||` and parentheses; `&&` binds tighter.

use super::PatternError;
use super::lex::Cursor;

/// Deepest nesting of parentheses.
const MAX_DEPTH: usize = 64;

/// A boolean expression over conditions `C`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expr<C> {
    Condition(C),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl<C> Expr<C> {
    /// Whether the expression is true when `holds` decides the conditions; stops as soon as it is known.
    pub(crate) fn eval(&self, holds: &mut impl FnMut(&C) -> bool) -> bool {
        match self {
            Self::Condition(condition) => holds(condition),
            Self::All(parts) => parts.iter().all(|part| part.eval(holds)),
            Self::Any(parts) => parts.iter().any(|part| part.eval(holds)),
        }
    }

    /// The same expression over other conditions.
    pub(crate) fn map<D>(&self, to: &mut impl FnMut(&C) -> D) -> Expr<D> {
        match self {
            Self::Condition(condition) => Expr::Condition(to(condition)),
            Self::All(parts) => Expr::All(parts.iter().map(|part| part.map(to)).collect()),
            Self::Any(parts) => Expr::Any(parts.iter().map(|part| part.map(to)).collect()),
        }
    }

    /// Visits the conditions in the order they are written.
    pub(crate) fn for_each<'e>(&'e self, each: &mut impl FnMut(&'e C)) {
        match self {
            Self::Condition(condition) => each(condition),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.for_each(each)),
        }
    }

    /// Reads an expression; `condition` reads one condition.
    pub(super) fn parse(
        cursor: &mut Cursor<'_>,
        condition: &mut impl FnMut(&mut Cursor<'_>) -> Result<C, PatternError>,
    ) -> Result<Self, PatternError> {
        Self::any(cursor, condition, 0)
    }

    fn any(
        cursor: &mut Cursor<'_>,
        condition: &mut impl FnMut(&mut Cursor<'_>) -> Result<C, PatternError>,
        depth: usize,
    ) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        loop {
            parts.push(Self::all(cursor, condition, depth)?);
            cursor.skip_space();
            if !cursor.eat("||") {
                return Ok(one_or(parts, Self::Any));
            }
        }
    }

    fn all(
        cursor: &mut Cursor<'_>,
        condition: &mut impl FnMut(&mut Cursor<'_>) -> Result<C, PatternError>,
        depth: usize,
    ) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        loop {
            parts.push(Self::operand(cursor, condition, depth)?);
            cursor.skip_space();
            if !cursor.eat("&&") {
                return Ok(one_or(parts, Self::All));
            }
        }
    }

    fn operand(
        cursor: &mut Cursor<'_>,
        condition: &mut impl FnMut(&mut Cursor<'_>) -> Result<C, PatternError>,
        depth: usize,
    ) -> Result<Self, PatternError> {
        cursor.skip_space();
        let start = cursor.at();
        if !cursor.eat("(") {
            return condition(cursor).map(Self::Condition);
        }
        if depth >= MAX_DEPTH {
            return Err(cursor.error_at(start, "parentheses nest too deeply"));
        }
        let inner = Self::any(cursor, condition, depth + 1)?;
        cursor.skip_space();
        if cursor.eat(")") { Ok(inner) } else { Err(cursor.error(format!("expected `)`{}", cursor.found()))) }
    }
}

fn one_or<C>(mut parts: Vec<Expr<C>>, join: fn(Vec<Expr<C>>) -> Expr<C>) -> Expr<C> {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}
