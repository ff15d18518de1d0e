//! Gives a planned query Trino's meaning where the engine's differs: casts, lists of values, LIKE. It is done on the
//! plan, because it needs types.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields};
use datafusion::{
    common::{
        DFSchema, Result, plan_err,
        tree_node::{Transformed, TreeNode},
    },
    functions::core::{expr_ext::FieldAccessor, named_struct},
    logical_expr::{
        BinaryExpr, Cast, Expr, ExprSchemable, LogicalPlan, Operator, ScalarUDF, TryCast,
        expr::{AggregateFunction, InList, Like, ScalarFunction},
        expr_rewriter::NamePreserver,
        lit,
        utils::merge_schema,
        when,
    },
};

use super::compare;
use crate::{
    catalogue::Catalogue,
    functions::{json::JsonCast, map_get::map_get},
    types,
};

pub(super) fn apply(catalogue: &Catalogue, plan: LogicalPlan) -> Result<LogicalPlan> {
    let rewritten = plan.transform_up_with_subqueries(|node| {
        let schema = match &node {
            LogicalPlan::TableScan(scan) => scan.projected_schema.as_ref().clone(),
            node => merge_schema(&node.inputs()),
        };
        let preserver = NamePreserver::new(&node);
        let changed = node.map_expressions(|expr| {
            let name = preserver.save(&expr);
            let changed = expr.transform_up(|expr| expression(catalogue, expr, &schema))?;
            Ok(changed.update_data(|expr| name.restore(expr)))
        })?;
        if changed.transformed { changed.map_data(LogicalPlan::recompute_schema) } else { Ok(changed) }
    })?;
    Ok(rewritten.data)
}

fn expression(catalogue: &Catalogue, expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::Cast(Cast { expr, field }) => cast(catalogue, *expr, &field, false, schema).map(Transformed::yes),
        Expr::TryCast(TryCast { expr, field }) => cast(catalogue, *expr, &field, true, schema).map(Transformed::yes),
        Expr::InList(InList { expr, list, negated }) => {
            let mut subject = *expr.clone();
            let mut items = Vec::with_capacity(list.len());
            for item in list {
                let (left, right) = compare::comparable(catalogue, *expr.clone(), item, schema, "IN")?;
                subject = left;
                items.push(right);
            }
            Ok(Transformed::yes(Expr::InList(InList { expr: Box::new(subject), list: items, negated })))
        }
        Expr::BinaryExpr(binary) => arithmetic(catalogue, binary, schema),
        Expr::Like(like) => like_of_text(like, schema).map(Transformed::no),
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == "element_at" => {
            match <[Expr; 2]>::try_from(args) {
                Ok([of, key]) if matches!(of.get_type(schema)?, DataType::Map(_, _)) => {
                    Ok(Transformed::yes(map_get(of, key)))
                }
                Ok(args) => Ok(Transformed::no(Expr::ScalarFunction(ScalarFunction { func, args: args.into() }))),
                Err(args) => Ok(Transformed::no(Expr::ScalarFunction(ScalarFunction { func, args }))),
            }
        }
        Expr::AggregateFunction(function) => sums_numbers(function, schema).map(Transformed::no),
        other => Ok(Transformed::no(other)),
    }
}

/// `+`, `-` and `*` of integers: the engine's wrap around.
fn arithmetic(catalogue: &Catalogue, binary: BinaryExpr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let name = match binary.op {
        Operator::Plus => "$add",
        Operator::Minus => "$subtract",
        Operator::Multiply => "$multiply",
        _ => return Ok(Transformed::no(Expr::BinaryExpr(binary))),
    };
    let (left, right) = (binary.left.get_type(schema)?, binary.right.get_type(schema)?);
    if !left.is_integer() || !right.is_integer() {
        return Ok(Transformed::no(Expr::BinaryExpr(binary)));
    }
    let common = if left == right { left } else { DataType::Int64 };
    let sides = [*binary.left, *binary.right].map(|side| match side.get_type(schema) {
        Ok(given) if given == common => side,
        _ => Expr::Cast(Cast::new(Box::new(side), common.clone())),
    });
    let function = catalogue.internal(name)?;
    Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(function, sides.into()))))
}

fn like_of_text(like: Like, schema: &DFSchema) -> Result<Expr> {
    for side in [&like.expr, &like.pattern] {
        let (_, field) = side.to_field(schema)?;
        let is_text =
            matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null);
        if !is_text || types::is_json(&field) {
            return plan_err!("LIKE is between varchar, not {}; cast it to varchar", types::field_name(&field));
        }
    }
    Ok(Expr::Like(like))
}

/// The engine would read texts as numbers.
fn sums_numbers(function: AggregateFunction, schema: &DFSchema) -> Result<Expr> {
    let of_numbers = ["sum", "avg", "stddev", "stddev_pop", "var", "var_pop", "approx_percentile_cont"];
    let name = function.func.name();
    if of_numbers.contains(&name) {
        let values = function.params.args.iter().take(1).chain(function.params.order_by.iter().map(|key| &key.expr));
        for value in values {
            let (_, field) = value.to_field(schema)?;
            if !field.data_type().is_numeric() && !field.data_type().is_null() {
                let name = if name == "approx_percentile_cont" { "approx_percentile" } else { name };
                return plan_err!("{name} takes a number, not {}", types::field_name(&field));
            }
        }
    }
    Ok(Expr::AggregateFunction(function))
}

/// `CAST(x AS type)`.
fn cast(catalogue: &Catalogue, expr: Expr, target: &Arc<Field>, lenient: bool, schema: &DFSchema) -> Result<Expr> {
    let (_, from) = expr.to_field(schema)?;
    if let Some(length) = types::length(target) {
        let whole = Arc::new(Field::new("cast", DataType::Utf8, true));
        let text = cast(catalogue, expr, &whole, lenient, schema)?;
        let substr = catalogue.internal("substr")?;
        return Ok(Expr::ScalarFunction(ScalarFunction::new_udf(substr, vec![text, lit(1_i64), lit(length)])));
    }
    if types::is_json(&from) {
        if types::is_json(target) {
            return Ok(expr);
        }
        let function = Arc::new(ScalarUDF::new_from_impl(JsonCast::new(target, lenient)));
        return Ok(Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![expr])));
    }
    if types::is_json(target) {
        return compare::call(catalogue, "$to_json", expr);
    }
    let expr = match (from.data_type(), target.data_type()) {
        (DataType::List(_) | DataType::Map(_, _) | DataType::Struct(_), DataType::Utf8) => {
            return refused(&from, target, "; cast it to json and use json_format");
        }
        (DataType::Struct(given), DataType::Struct(wanted)) if given.len() == wanted.len() => {
            return row_by_place(catalogue, expr, (given, wanted), lenient, schema);
        }
        (given, DataType::Utf8) if has_its_own_text(given) => return compare::call(catalogue, "$text", expr),
        (DataType::Timestamp(_, _) | DataType::Date32, wanted) if wanted.is_numeric() => {
            return refused(&from, target, "; use to_unixtime");
        }
        (given, DataType::Timestamp(_, _) | DataType::Date32) if given.is_numeric() => {
            return refused(&from, target, "; use from_unixtime");
        }
        (given, wanted) if wanted.is_integer() && (given.is_floating() || given.is_decimal()) => {
            compare::call(catalogue, "$round_to_bigint", expr)?
        }
        (DataType::Timestamp(_, _), DataType::Date32) => return compare::call(catalogue, "$date", expr),
        (DataType::Utf8, DataType::Date32) if !lenient => return compare::call(catalogue, "$date", expr),
        (DataType::Utf8, DataType::Timestamp(_, _)) if !lenient => compare::call(catalogue, "$parse_timestamp", expr)?,
        (DataType::Timestamp(_, Some(_)), DataType::Timestamp(_, None)) => compare::call(catalogue, "$local", expr)?,
        _ => expr,
    };
    Ok(if lenient {
        Expr::TryCast(TryCast::new_from_field(Box::new(expr), Arc::clone(target)))
    } else {
        Expr::Cast(Cast::new_from_field(Box::new(expr), Arc::clone(target)))
    })
}

/// A row's fields by their place, under the names of the target. The engine goes by names.
fn row_by_place(
    catalogue: &Catalogue,
    row: Expr,
    (given, wanted): (&Fields, &Fields),
    lenient: bool,
    schema: &DFSchema,
) -> Result<Expr> {
    let mut parts = Vec::with_capacity(wanted.len() * 2);
    for (given, wanted) in given.iter().zip(wanted) {
        parts.push(lit(wanted.name().clone()));
        parts.push(cast(catalogue, row.clone().field(given.name().as_str()), wanted, lenient, schema)?);
    }
    let made = Expr::ScalarFunction(ScalarFunction::new_udf(named_struct(), parts));
    when(row.is_not_null(), made).end()
}

fn has_its_own_text(given: &DataType) -> bool {
    given.is_floating()
        || matches!(given, DataType::Timestamp(_, _) | DataType::Date32 | DataType::Interval(_) | DataType::Duration(_))
}

fn refused<T>(from: &Field, target: &Field, hint: &str) -> Result<T> {
    plan_err!("{} cannot be cast to {}{hint}", types::field_name(from), types::field_name(target))
}
