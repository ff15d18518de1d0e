//! The times that a query's filters leave open.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::{
    common::ScalarValue,
    logical_expr::{Between, BinaryExpr, Cast, Expr, Operator},
};

/// `eventtime` lies in this range, ends included, in milliseconds; wider than the filters where they are not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    from: i64,
    to: i64,
}

impl Bounds {
    const ALL: Self = Self { from: i64::MIN, to: i64::MAX };

    /// What all `filters` leave together.
    pub(crate) fn of(filters: &[Expr]) -> Self {
        filters.iter().map(Self::of_one).fold(Self::ALL, Self::and)
    }

    /// Whether a file with these times may hold rows.
    pub(crate) fn meet(self, min: i64, max: i64) -> bool {
        min <= self.to && max >= self.from
    }

    fn and(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    fn or(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }

    fn of_one(filter: &Expr) -> Self {
        match filter {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
                Self::of_one(left).and(Self::of_one(right))
            }
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
                Self::of_one(left).or(Self::of_one(right))
            }
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (is_time(left), is_time(right)) {
                (true, false) => literal(right).map_or(Self::ALL, |time| Self::compared(*op, time)),
                (false, true) => op.swap().zip(literal(left)).map_or(Self::ALL, |(op, time)| Self::compared(op, time)),
                _ => Self::ALL,
            },
            Expr::Between(Between { expr, negated: false, low, high }) if is_time(expr) => {
                let low = literal(low).map_or(Self::ALL, |time| Self::compared(Operator::GtEq, time));
                low.and(literal(high).map_or(Self::ALL, |time| Self::compared(Operator::LtEq, time)))
            }
            _ => Self::ALL,
        }
    }

    /// `eventtime op time`; the ends are kept in, which costs nothing.
    fn compared(op: Operator, time: i64) -> Self {
        match op {
            Operator::Gt | Operator::GtEq => Self { from: time, ..Self::ALL },
            // A literal may have been cut down to milliseconds.
            Operator::Lt | Operator::LtEq => Self { to: time.saturating_add(1), ..Self::ALL },
            Operator::Eq => Self { from: time, to: time.saturating_add(1) },
            _ => Self::ALL,
        }
    }
}

fn is_time(expr: &Expr) -> bool {
    match expr {
        Expr::Column(column) => column.name == "eventtime",
        Expr::Cast(Cast { expr, field }) => keeps_the_time(field.data_type()) && is_time(expr),
        _ => false,
    }
}

/// Whether a time cast to this type is the same moment: no coarser, and not read as the time of another zone.
fn keeps_the_time(data_type: &DataType) -> bool {
    match data_type {
        DataType::Timestamp(TimeUnit::Second, _) => false,
        DataType::Timestamp(_, zone) => zone.as_deref().is_none_or(|zone| matches!(zone, "UTC" | "+00:00" | "Z")),
        _ => false,
    }
}

fn literal(expr: &Expr) -> Option<i64> {
    let Expr::Literal(value, _) = expr else { return None };
    match value {
        ScalarValue::TimestampSecond(time, _) => time.and_then(|time| time.checked_mul(1_000)),
        ScalarValue::TimestampMillisecond(time, _) => *time,
        ScalarValue::TimestampMicrosecond(time, _) => time.map(|time| time.div_euclid(1_000)),
        ScalarValue::TimestampNanosecond(time, _) => time.map(|time| time.div_euclid(1_000_000)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{cast, col, lit};

    use super::*;

    fn at(time: i64) -> Expr {
        lit(ScalarValue::TimestampMillisecond(Some(time), None))
    }

    #[test]
    fn filters_narrow_the_range_and_what_is_not_understood_does_not() {
        let time = || col("eventtime");
        let between = |from, to| Bounds { from, to };
        for (filters, expected) in [
            (vec![], Bounds::ALL),
            (vec![time().gt(at(5))], between(5, i64::MAX)),
            (vec![at(5).lt(time()), time().lt(at(9))], between(5, 10)),
            (vec![time().gt(at(5)).and(time().lt_eq(at(9)))], between(5, 10)),
            (vec![time().gt(at(5)).or(time().gt(at(3)))], between(3, i64::MAX)),
            (vec![time().gt(at(5)).or(col("eventname").eq(lit("x")))], Bounds::ALL),
            (vec![time().between(at(2), at(4))], between(2, 5)),
            (vec![time().not_between(at(2), at(4))], Bounds::ALL),
            (vec![time().not_eq(at(2))], Bounds::ALL),
            (vec![cast(time(), DataType::Timestamp(TimeUnit::Nanosecond, None)).gt(at(5))], between(5, i64::MAX)),
            (vec![cast(time(), DataType::Timestamp(TimeUnit::Second, None)).lt_eq(at(5))], Bounds::ALL),
            (
                vec![cast(time(), DataType::Timestamp(TimeUnit::Millisecond, Some("+02:00".into()))).gt(at(5))],
                Bounds::ALL,
            ),
        ] {
            assert_eq!(Bounds::of(&filters), expected, "{filters:?}");
        }
    }
}
