//! LIKE. Trino's patterns have no escape character unless ESCAPE names one; the engine's always have the backslash.

use datafusion::sql::sqlparser::{
    ast::{Expr, UnaryOperator, Value, ValueWithSpan},
    tokenizer::Span,
};

use super::build;
use crate::error::SqlError;

pub(super) fn like(
    span: Span,
    negated: bool,
    value: Box<Expr>,
    pattern: Expr,
    escape: Option<ValueWithSpan>,
) -> Result<Expr, SqlError> {
    let escape = escape.map(escape_char).transpose()?;
    if let Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), span: at }) = &pattern {
        let engine = engine_pattern(text, escape).map_err(|error| error.at(at.start.line, at.start.column))?;
        let pattern = Box::new(build::text(engine));
        return Ok(Expr::Like { negated, any: false, expr: value, pattern, escape_char: None });
    }
    let arguments = [*value, pattern].into_iter().chain(escape.map(build::text)).collect();
    let matches = build::call("$like", span, arguments);
    Ok(if negated { Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(matches) } } else { matches })
}

fn escape_char(escape: ValueWithSpan) -> Result<char, SqlError> {
    let start = escape.span.start;
    let wrong = || SqlError::invalid("ESCAPE takes one character in single quotes").at(start.line, start.column);
    let Value::SingleQuotedString(text) = escape.value else { return Err(wrong()) };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(escape), None) => Ok(escape),
        _ => Err(wrong()),
    }
}

/// The pattern with the backslash as escape character.
fn engine_pattern(pattern: &str, escape: Option<char>) -> Result<String, SqlError> {
    let mut engine = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if Some(c) == escape {
            match chars.next() {
                Some(next) if next == '%' || next == '_' || Some(next) == escape => {
                    if matches!(next, '%' | '_' | '\\') {
                        engine.push('\\');
                    }
                    engine.push(next);
                }
                _ => return Err(SqlError::invalid("the escape character must be before %, _ or itself")),
            }
        } else {
            if c == '\\' {
                engine.push('\\');
            }
            engine.push(c);
        }
    }
    Ok(engine)
}

#[cfg(test)]
mod tests {
    use super::engine_pattern;

    #[test]
    fn only_the_named_character_escapes() {
        for (pattern, escape, engine) in [
            ("a%_b", None, "a%_b"),
            (r"a\_b", None, r"a\\_b"),
            ("a#_b#%c##", Some('#'), r"a\_b\%c#"),
            (r"a\_b\\", Some('\\'), r"a\_b\\"),
        ] {
            assert_eq!(engine_pattern(pattern, escape).unwrap(), engine);
        }
        assert!(engine_pattern("a#b", Some('#')).is_err());
        assert!(engine_pattern("a#", Some('#')).is_err());
    }
}
