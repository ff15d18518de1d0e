//! `a CROSS JOIN UNNEST(a.x) AS t (y)` is a join whose right side sees its left. Each UNNEST and all before it are put
//! into parentheses of their own, which [`crate::plan::unnest`] plans as one step.

use datafusion::sql::sqlparser::ast::{
    Expr, Join, JoinConstraint, JoinOperator, Select, TableFactor, TableWithJoins, Value, ValueWithSpan,
};

use super::placed;
use crate::error::SqlError;

pub(super) fn nest_unnests(select: &mut Select) -> Result<(), SqlError> {
    let from = std::mem::take(&mut select.from);
    let tables = if from.iter().skip(1).any(|table| is_unnest(&table.relation)) { one_chain(from) } else { from };
    select.from = tables.into_iter().map(nest).collect::<Result<_, _>>()?;
    Ok(())
}

/// Whether a join unnests, and keeps the left side's rows that have nothing to unnest.
pub(crate) fn keeps_rows(operator: &JoinOperator) -> bool {
    matches!(operator, JoinOperator::Left(_) | JoinOperator::LeftOuter(_))
}

fn is_unnest(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::UNNEST { .. })
}

/// `a, b, UNNEST(x)` as `a CROSS JOIN b CROSS JOIN UNNEST(x)`.
fn one_chain(from: Vec<TableWithJoins>) -> Vec<TableWithJoins> {
    let mut tables = from.into_iter();
    let Some(mut first) = tables.next() else { return Vec::new() };
    for table in tables {
        let (relation, joins) = if is_unnest(&table.relation) || table.joins.is_empty() {
            (table.relation, table.joins)
        } else {
            (TableFactor::NestedJoin { table_with_joins: Box::new(table), alias: None }, Vec::new())
        };
        let join_operator = JoinOperator::CrossJoin(JoinConstraint::None);
        first.joins.push(Join { relation, global: false, join_operator });
        first.joins.extend(joins);
    }
    vec![first]
}

fn nest(table: TableWithJoins) -> Result<TableWithJoins, SqlError> {
    if !table.joins.iter().any(|join| is_unnest(&join.relation)) {
        return Ok(table);
    }
    let mut nested = TableWithJoins { relation: table.relation, joins: Vec::new() };
    for join in table.joins {
        let unnests = is_unnest(&join.relation);
        if unnests {
            allowed(&join)?;
        }
        nested.joins.push(join);
        if unnests {
            let relation = TableFactor::NestedJoin { table_with_joins: Box::new(nested), alias: None };
            nested = TableWithJoins { relation, joins: Vec::new() };
        }
    }
    Ok(nested)
}

/// As in Trino: CROSS JOIN, or LEFT JOIN … ON TRUE.
fn allowed(join: &Join) -> Result<(), SqlError> {
    let constraint = match &join.join_operator {
        JoinOperator::CrossJoin(JoinConstraint::None) => return Ok(()),
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint) => Some(constraint),
        _ => None,
    };
    match constraint {
        Some(JoinConstraint::On(Expr::Value(ValueWithSpan { value: Value::Boolean(true), .. }))) => Ok(()),
        _ => Err(placed(
            SqlError::unsupported("UNNEST is joined by CROSS JOIN UNNEST(…) or LEFT JOIN UNNEST(…) ON TRUE"),
            &join.relation,
        )),
    }
}
