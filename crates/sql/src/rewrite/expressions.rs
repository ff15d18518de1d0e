//! Forms of expressions: what the Lake carries out, and what the others are made of.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, CeilFloorKind, DateTimeField, Expr, Spanned, TypedString, UnaryOperator, Value,
    ValueWithSpan,
};

use super::{Rewriter, build, chains, patterns, placed};
use crate::{error::SqlError, functions::time::literal};

impl Rewriter<'_> {
    /// Refuses, before its parts are visited, an expression that is not carried out.
    pub(super) fn refuse_forms(&self, expr: &Expr) -> Result<(), SqlError> {
        let refused = match expr {
            Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::CompoundFieldAccess { .. }
            | Expr::IsFalse(_)
            | Expr::IsNotFalse(_)
            | Expr::IsTrue(_)
            | Expr::IsNotTrue(_)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotUnknown(_)
            | Expr::IsDistinctFrom(_, _)
            | Expr::IsNotDistinctFrom(_, _)
            | Expr::InList { .. }
            | Expr::InSubquery { .. }
            | Expr::Between { .. }
            | Expr::Like { any: false, .. }
            | Expr::AnyOp { .. }
            | Expr::AllOp { .. }
            | Expr::AtTimeZone { .. }
            | Expr::Extract { .. }
            | Expr::Position { .. }
            | Expr::Substring { .. }
            | Expr::Trim { trim_characters: None, .. }
            | Expr::Nested(_)
            | Expr::TypedString(_)
            | Expr::Function(_)
            | Expr::Case { .. }
            | Expr::Exists { .. }
            | Expr::Subquery(_)
            | Expr::GroupingSets(_)
            | Expr::Cube(_)
            | Expr::Rollup(_)
            | Expr::Tuple(_)
            | Expr::Array(_)
            | Expr::Interval(_)
            | Expr::Lambda(_)
            | Expr::Wildcard(_)
            | Expr::QualifiedWildcard(_, _) => return Ok(()),
            Expr::Ceil { field, .. } | Expr::Floor { field, .. }
                if matches!(field, CeilFloorKind::DateTimeField(DateTimeField::NoDateTime)) =>
            {
                return Ok(());
            }
            Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::Minus | UnaryOperator::Plus, .. } => return Ok(()),
            Expr::BinaryOp { op, .. } if is_operator(op) => return Ok(()),
            Expr::BinaryOp { op, .. } => format!("the operator {op}"),
            Expr::UnaryOp { op, .. } => format!("the operator {op}"),
            Expr::Cast { kind: CastKind::Cast | CastKind::TryCast, array: false, format: None, .. } => return Ok(()),
            Expr::Cast { .. } | Expr::Convert { .. } => "this form of CAST (write CAST(x AS type); it)".to_owned(),
            Expr::Value(value) => return value_form(value),
            Expr::ILike { .. } => "ILIKE (write lower(x) LIKE '…'; it)".to_owned(),
            Expr::SimilarTo { .. } | Expr::RLike { .. } => "this match (regexp_like(x, '…') is there; it)".to_owned(),
            other => format!("{other}"),
        };
        Err(placed(SqlError::unsupported(format!("{refused} is not supported")), expr))
    }

    /// Makes an expression, whose parts are done, of forms that DataFusion plans with Trino's meaning.
    pub(super) fn rewrite_form(&self, expr: &mut Expr) -> Result<(), SqlError> {
        let span = expr.span();
        match chains::take(expr) {
            Expr::Between { expr: value, negated, low, high } => *expr = between(value, negated, low, high),
            Expr::Like { negated, any: _, expr: value, pattern, escape_char } => {
                *expr = patterns::like(span, negated, value, *pattern, escape_char)?;
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                *expr = build::call("at_timezone", span, vec![*timestamp, *time_zone]);
            }
            Expr::Extract { field, syntax: _, expr: value } => {
                let name = field.to_string().to_lowercase();
                let unknown = || SqlError::unsupported(format!("EXTRACT({field} FROM …) is not supported"));
                if !EXTRACTED.contains(&name.as_str()) {
                    return Err(unknown().at(span.start.line, span.start.column));
                }
                *expr = build::call(&name, span, vec![*value]);
            }
            Expr::Position { expr: part, r#in } => *expr = build::call("strpos", span, vec![*r#in, *part]),
            Expr::Substring { expr: value, substring_from, substring_for, .. } => {
                let from = substring_from.map_or_else(|| build::number(1), |from| *from);
                let arguments = [*value, from].into_iter().chain(substring_for.map(|length| *length)).collect();
                *expr = build::call("substr", span, arguments);
            }
            Expr::Ceil { expr: value, .. } => *expr = build::call("ceil", span, vec![*value]),
            Expr::Floor { expr: value, .. } => *expr = build::call("floor", span, vec![*value]),
            Expr::TypedString(typed) => {
                *expr = typed_string(typed).map_err(|error| error.at(span.start.line, span.start.column))?
            }
            Expr::Function(function) => {
                *expr = self.rewrite_call(function).map_err(|error| error.at(span.start.line, span.start.column))?;
            }
            other => *expr = other,
        }
        Ok(())
    }
}

/// What EXTRACT takes, by the function that computes it.
const EXTRACTED: [&str; 14] = [
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "day_of_month",
    "day_of_week",
    "dow",
    "day_of_year",
    "doy",
    "year_of_week",
    "hour",
    "minute",
    "second",
];

fn is_operator(op: &BinaryOperator) -> bool {
    use BinaryOperator::{And, Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Modulo, Multiply, NotEq, Or, Plus, StringConcat};
    matches!(
        op,
        Plus | Minus | Multiply | Divide | Modulo | StringConcat | Eq | NotEq | Lt | LtEq | Gt | GtEq | And | Or
    )
}

fn value_form(value: &ValueWithSpan) -> Result<(), SqlError> {
    let what = match &value.value {
        Value::Number(_, false) | Value::SingleQuotedString(_) | Value::Boolean(_) | Value::Null => return Ok(()),
        Value::Placeholder(name) => format!("a parameter ({name})"),
        other => format!("the literal {other}"),
    };
    let start = value.span.start;
    Err(SqlError::unsupported(format!("{what} is not supported")).at(start.line, start.column))
}

fn between(value: Box<Expr>, negated: bool, low: Box<Expr>, high: Box<Expr>) -> Expr {
    let low = Expr::BinaryOp { left: value.clone(), op: BinaryOperator::GtEq, right: low };
    let high = Expr::BinaryOp { left: value, op: BinaryOperator::LtEq, right: high };
    let both = build::nested(Expr::BinaryOp { left: Box::new(low), op: BinaryOperator::And, right: Box::new(high) });
    if negated { Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(both) } } else { both }
}

/// `TIMESTAMP '…'`, `DATE '…'` and `JSON '…'`. Their text is read here, so that a wrong one is an error of the statement.
fn typed_string(typed: TypedString) -> Result<Expr, SqlError> {
    use datafusion::sql::sqlparser::ast::DataType;
    let Value::SingleQuotedString(text) = &typed.value.value else {
        return Err(SqlError::invalid("expected a string in single quotes"));
    };
    let span = typed.value.span;
    match &typed.data_type {
        DataType::Timestamp(_, _) => literal::timestamp(text).map(|time| match time {
            literal::Time::Local(millis) => build::call("$timestamp", span, vec![build::text(millis.to_string())]),
            literal::Time::Zoned(millis, zone) => {
                build::call("$timestamp", span, vec![build::text(millis.to_string()), build::text(zone)])
            }
        }),
        DataType::Date => {
            literal::date(text)?;
            Ok(Expr::TypedString(typed))
        }
        DataType::JSON => Ok(build::call("json_parse", span, vec![build::text(text.clone())])),
        other => Err(SqlError::unsupported(format!("a literal of type {other} is not supported"))),
    }
}
