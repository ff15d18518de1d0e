//! From the rewritten syntax tree to a logical plan.

mod access;
mod compare;
mod meaning;
mod provider;
mod type_names;
mod unnest;
mod unveil;

use std::{collections::HashSet, ops::ControlFlow, sync::Arc};

use datafusion::{
    common::DataFusionError,
    execution::session_state::SessionState,
    logical_expr::LogicalPlan,
    sql::{
        planner::{NullOrdering, ParserOptions, SqlToRel},
        sqlparser::{
            ast::{Expr, Query, Statement, visit_expressions},
            tokenizer::Location,
        },
    },
};

use crate::{catalogue::Catalogue, engine::failure, error::SqlError, stores::Stores};

/// Plans a query over the stores that its caller may read, and nothing else. Hidden columns are there if they are named.
pub(crate) fn plan(
    query: Box<Query>,
    catalogue: &Arc<Catalogue>,
    stores: &Stores,
    hidden_names: &HashSet<String>,
    state: &SessionState,
) -> Result<LogicalPlan, SqlError> {
    let provider = provider::Provider::new(Arc::clone(catalogue), stores, hidden_names, state);
    let options = ParserOptions::new()
        .with_map_string_types_to_utf8view(false)
        .with_collect_spans(true)
        .with_default_null_ordering(NullOrdering::NullsLast);
    let written = query.clone();
    let planned = SqlToRel::new_with_options(&provider, options).sql_statement_to_plan(Statement::Query(query));
    let planned = planned.and_then(|plan| meaning::apply(catalogue, plan)).and_then(unveil::apply);
    planned.map_err(|error| located(error, &written))
}

/// Optimises a plan. Only here the engine looks at the columns of conditions.
pub(crate) fn optimize(plan: &LogicalPlan, query: &Query, state: &SessionState) -> Result<LogicalPlan, SqlError> {
    state.optimize(plan).map_err(|error| located(error, query))
}

fn located(error: DataFusionError, query: &Query) -> SqlError {
    let place = failure::missing_column(&error).and_then(|column| place_of(column, query));
    let error = failure::of_planning(error);
    match place {
        Some(start) => error.at(start.line, start.column),
        None => error,
    }
}

/// Where a query first names a column.
fn place_of(column: &str, query: &Query) -> Option<Location> {
    let found = visit_expressions(query, |expr| {
        let (first, named) = match expr {
            Expr::Identifier(ident) => (ident, ident),
            Expr::CompoundIdentifier(parts) => match (parts.first(), parts.last()) {
                (Some(first), Some(last)) => (first, last),
                _ => return ControlFlow::Continue(()),
            },
            _ => return ControlFlow::Continue(()),
        };
        if named.value == column { ControlFlow::Break(first.span.start) } else { ControlFlow::Continue(()) }
    });
    found.break_value()
}
