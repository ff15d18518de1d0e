//! What may stand on the two sides of an operator. The engine would convert almost anything; Trino refuses, and so is
//! refused here what would be silently wrong: numbers against texts, JSON against texts. A text constant against a
//! timestamp is read as one, as the Lake does.

use arrow::datatypes::{DataType, Field};
use datafusion::{
    common::{DFSchema, DataFusionError, Result, ScalarValue, plan_err},
    logical_expr::{Expr, ExprSchemable, expr::ScalarFunction, planner::RawBinaryExpr},
    sql::sqlparser::ast::BinaryOperator,
};

use crate::{catalogue::Catalogue, functions::time::literal, types};

/// Types that go with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Unknown,
    Text,
    Json,
    Number,
    Truth,
    Time,
    Interval,
    Other,
}

fn family(field: &Field) -> Family {
    match field.data_type() {
        DataType::Null => Family::Unknown,
        _ if types::is_json(field) => Family::Json,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Family::Text,
        DataType::Boolean => Family::Truth,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, _) => Family::Time,
        DataType::Interval(_) | DataType::Duration(_) => Family::Interval,
        other if other.is_numeric() => Family::Number,
        _ => Family::Other,
    }
}

/// Checks and converts the sides of an operator.
pub(super) fn operator(catalogue: &Catalogue, expr: RawBinaryExpr, schema: &DFSchema) -> Result<RawBinaryExpr> {
    use BinaryOperator::{Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Modulo, Multiply, NotEq, Plus};
    let RawBinaryExpr { op, left, right } = expr;
    let (left, right) = match op {
        Eq | NotEq | Lt | LtEq | Gt | GtEq => comparable(catalogue, left, right, schema, &op.to_string())?,
        Plus | Minus | Multiply | Divide | Modulo => {
            let (left_field, right_field) = (left.to_field(schema)?.1, right.to_field(schema)?.1);
            let allowed = |family| !matches!(family, Family::Text | Family::Json | Family::Truth | Family::Other);
            if !allowed(family(&left_field)) || !allowed(family(&right_field)) {
                return wrong(&left_field, &op.to_string(), &right_field);
            }
            (left, right)
        }
        _ => (left, right),
    };
    Ok(RawBinaryExpr { op, left, right })
}

fn wrong<T>(left: &Field, op: &str, right: &Field) -> Result<T> {
    let (left, right) = (types::field_name(left), types::field_name(right));
    let hint = match (left.as_str(), right.as_str()) {
        ("json", _) | (_, "json") => "; take text out of json with json_extract_scalar, or cast it",
        ("varchar", _) | (_, "varchar") => "; cast one side, as in cast(x as bigint)",
        _ => "",
    };
    plan_err!("{left} {op} {right} cannot be computed{hint}")
}

/// Makes two values comparable, or says why they are not.
pub(super) fn comparable(
    catalogue: &Catalogue,
    left: Expr,
    right: Expr,
    schema: &DFSchema,
    op: &str,
) -> Result<(Expr, Expr)> {
    let (left_field, right_field) = (left.to_field(schema)?.1, right.to_field(schema)?.1);
    match (family(&left_field), family(&right_field)) {
        (Family::Unknown, _) | (_, Family::Unknown) => Ok((left, right)),
        (Family::Time, Family::Time) => Ok((
            without_zone(catalogue, left, &left_field, &right_field)?,
            without_zone(catalogue, right, &right_field, &left_field)?,
        )),
        (one, other) if one == other => Ok((left, right)),
        (Family::Time, Family::Text) => {
            let right = as_time(catalogue, right)?;
            Ok((without_zone(catalogue, left, &left_field, &text_time())?, right))
        }
        (Family::Text, Family::Time) => {
            let left = as_time(catalogue, left)?;
            Ok((left, without_zone(catalogue, right, &right_field, &text_time())?))
        }
        (Family::Truth, Family::Text) => match as_truth(&right) {
            Some(right) => Ok((left, right)),
            None => wrong(&left_field, op, &right_field),
        },
        (Family::Text, Family::Truth) => match as_truth(&left) {
            Some(left) => Ok((left, right)),
            None => wrong(&left_field, op, &right_field),
        },
        _ => wrong(&left_field, op, &right_field),
    }
}

fn text_time() -> Field {
    Field::new("", crate::schema::TIMESTAMP, true)
}

/// A timestamp with zone as the same instant without one, so that the other side can stay a bare column.
fn without_zone(catalogue: &Catalogue, expr: Expr, field: &Field, other: &Field) -> Result<Expr> {
    let zoned = |field: &Field| matches!(field.data_type(), DataType::Timestamp(_, Some(_)));
    if !zoned(field) || zoned(other) {
        return Ok(expr);
    }
    call(catalogue, "$utc", expr)
}

pub(super) fn call(catalogue: &Catalogue, name: &str, argument: Expr) -> Result<Expr> {
    let function = catalogue.internal(name)?;
    Ok(Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![argument])))
}

/// A text as a timestamp; a constant is read at once.
fn as_time(catalogue: &Catalogue, expr: Expr) -> Result<Expr> {
    match &expr {
        Expr::Literal(ScalarValue::Utf8(Some(text)), _) => match literal::timestamp(text) {
            Ok(literal::Time::Local(millis) | literal::Time::Zoned(millis, _)) => {
                Ok(Expr::Literal(ScalarValue::TimestampMillisecond(Some(millis), None), None))
            }
            Err(error) => Err(DataFusionError::External(Box::new(error))),
        },
        _ => call(catalogue, "$parse_timestamp", expr),
    }
}

/// The constants 'true' and 'false' as truth values.
fn as_truth(expr: &Expr) -> Option<Expr> {
    let Expr::Literal(ScalarValue::Utf8(Some(text)), _) = expr else { return None };
    let truth = match text.to_ascii_lowercase().as_str() {
        "true" => true,
        "false" => false,
        _ => return None,
    };
    Some(Expr::Literal(ScalarValue::Boolean(Some(truth)), None))
}
