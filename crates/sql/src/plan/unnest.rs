//! `… CROSS JOIN UNNEST(a, b) WITH ORDINALITY AS t (x, y, n)`: the left side's rows, once for each element.

use std::sync::Arc;

use arrow::datatypes::{DataType, Fields};
use datafusion::{
    common::{Column, NullHandling, Result, TableReference, UnnestOptions, plan_err},
    functions::core::expr_ext::FieldAccessor,
    logical_expr::{
        Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder,
        expr::ScalarFunction,
        planner::{PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning},
    },
    sql::sqlparser::ast::{Expr as SqlExpr, TableAlias, TableFactor, TableWithJoins},
};

use crate::{catalogue::Catalogue, rewrite::keeps_rows, types};

const ORDINALITY: &str = "ordinality";

#[derive(Debug)]
pub(super) struct UnnestPlanner {
    catalogue: Arc<Catalogue>,
}

/// What is unnested, and how its columns are called.
struct Unnest {
    arrays: Vec<SqlExpr>,
    alias: Option<TableAlias>,
    ordinality: bool,
    keep_rows: bool,
}

impl UnnestPlanner {
    pub(super) fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue }
    }
}

impl RelationPlanner for UnnestPlanner {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let (input, unnest) = match relation {
            TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } => {
                let input = LogicalPlanBuilder::empty(true).build()?;
                (input, Unnest { arrays: array_exprs, alias, ordinality: with_ordinality, keep_rows: false })
            }
            TableFactor::NestedJoin { mut table_with_joins, alias: None } => {
                let is_unnest =
                    table_with_joins.joins.pop_if(|join| matches!(join.relation, TableFactor::UNNEST { .. }));
                let Some(join) = is_unnest else {
                    let original = TableFactor::NestedJoin { table_with_joins, alias: None };
                    return Ok(RelationPlanning::Original(Box::new(original)));
                };
                let keep_rows = keeps_rows(&join.join_operator);
                let TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } = join.relation else {
                    return plan_err!("expected UNNEST");
                };
                let input = context.plan(before(*table_with_joins))?;
                (input, Unnest { arrays: array_exprs, alias, ordinality: with_ordinality, keep_rows })
            }
            other => return Ok(RelationPlanning::Original(Box::new(other))),
        };
        let plan = self.unnest(input, unnest, context)?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, None))))
    }
}

/// The relation left of the UNNEST.
fn before(table: TableWithJoins) -> TableFactor {
    if table.joins.is_empty() {
        table.relation
    } else {
        TableFactor::NestedJoin { table_with_joins: Box::new(table), alias: None }
    }
}

/// An unnested column: its place in the plan and, if its elements are rows, their fields.
struct Element {
    column: Expr,
    fields: Option<Fields>,
}

impl UnnestPlanner {
    fn unnest(
        &self,
        input: LogicalPlan,
        unnest: Unnest,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<LogicalPlan> {
        let schema = Arc::clone(input.schema());
        let inherited: Vec<Expr> = schema.iter().map(|named| Expr::Column(Column::from(named))).collect();
        let mut arrays = Vec::with_capacity(unnest.arrays.len());
        for array in unnest.arrays {
            let array = context.sql_to_expr(array, &schema)?;
            arrays.push(self.as_array(array, &schema)?);
        }
        let mut elements = Vec::with_capacity(arrays.len());
        let mut projected = inherited.clone();
        let mut columns = Vec::with_capacity(arrays.len() + 1);
        for (place, array) in arrays.iter().enumerate() {
            let column = Column::new_unqualified(format!("$unnest{place}"));
            let fields = match array.get_type(&schema)? {
                DataType::List(item) => match item.data_type() {
                    DataType::Struct(fields) => Some(fields.clone()),
                    _ => None,
                },
                _ => None,
            };
            elements.push(Element { column: Expr::Column(column.clone()), fields });
            projected.push(array.clone().alias(column.name.clone()));
            columns.push(column);
        }
        if unnest.ordinality {
            let column = Column::new_unqualified(format!("${ORDINALITY}"));
            let counted = self.catalogue.internal("$ordinality")?;
            let counted = Expr::ScalarFunction(ScalarFunction::new_udf(counted, arrays));
            projected.push(counted.alias(column.name.clone()));
            elements.push(Element { column: Expr::Column(column.clone()), fields: None });
            columns.push(column);
        }
        let handling = if unnest.keep_rows { NullHandling::PreserveAndExpandEmpty } else { NullHandling::Drop };
        let options = UnnestOptions::new().with_null_handling(handling);
        let named = named(elements, unnest.alias.as_ref(), unnest.ordinality)?;
        LogicalPlanBuilder::from(input)
            .project(projected)?
            .unnest_columns_with_options(columns, options)?
            .project(inherited.into_iter().chain(named))?
            .build()
    }

    fn as_array(&self, expr: Expr, schema: &datafusion::common::DFSchema) -> Result<Expr> {
        let (_, field) = expr.to_field(schema)?;
        match field.data_type() {
            DataType::List(_) => Ok(expr),
            DataType::Map(_, _) => super::compare::call(&self.catalogue, "$entries", expr),
            _ if types::is_json(&field) => {
                plan_err!("UNNEST takes arrays and maps, not json; cast it, as in cast(x as array(json))")
            }
            other => plan_err!("UNNEST takes arrays and maps, not {}", types::name(other)),
        }
    }
}

/// The columns under their names: rows give a column for each field, unless the names are as many as the arrays.
fn named(elements: Vec<Element>, alias: Option<&TableAlias>, ordinality: bool) -> Result<Vec<Expr>> {
    let relation = alias.map(|alias| TableReference::bare(alias.name.value.clone()));
    let names: Vec<_> = alias.iter().flat_map(|alias| &alias.columns).map(|column| column.name.value.clone()).collect();
    let expanded: usize = elements.iter().map(|element| element.fields.as_ref().map_or(1, |fields| fields.len())).sum();
    let whole = !names.is_empty() && names.len() == elements.len() && names.len() != expanded;
    if !names.is_empty() && !whole && names.len() != expanded {
        return plan_err!("UNNEST gives {expanded} columns, but {} names are given", names.len());
    }
    let last = elements.len().saturating_sub(1);
    let mut columns = Vec::with_capacity(expanded);
    for (place, element) in elements.into_iter().enumerate() {
        match element.fields {
            Some(fields) if !whole => {
                for field in &fields {
                    columns.push((element.column.clone().field(field.name().as_str()), field.name().clone()));
                }
            }
            _ if ordinality && place == last => columns.push((element.column, ORDINALITY.to_owned())),
            _ => columns.push((element.column, format!("_col{place}"))),
        }
    }
    let mut names = names.into_iter();
    Ok(columns
        .into_iter()
        .map(|(column, own)| column.alias_qualified(relation.clone(), names.next().unwrap_or(own)))
        .collect())
}
