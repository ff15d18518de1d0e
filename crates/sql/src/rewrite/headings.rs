//! What result columns are called. As in Trino: a column or field by its last name, as the user spelled it; a named
//! item by its name; anything else `_col` and its place, counted from 0.
//!
//! Inside the plan columns have lower-case names that differ from each other; the user's spelling is kept beside it.

use std::collections::HashSet;

use datafusion::sql::sqlparser::ast::{AccessExpr, Expr, Ident, OrderByKind, Query, Select, SelectItem, SetExpr};

use super::build;
use crate::error::SqlError;

/// The name of a result column, or a place where `*` stands for any number of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heading {
    Named(String),
    All,
}

/// The headings of a query before it is rewritten.
pub(super) fn of_query(query: &Query) -> Vec<Heading> {
    let mut body = &*query.body;
    loop {
        body = match body {
            SetExpr::Select(select) => {
                return select.projection.iter().enumerate().map(|(place, item)| heading(item, place)).collect();
            }
            SetExpr::Query(inner) => &inner.body,
            SetExpr::SetOperation { left, .. } => left,
            SetExpr::Values(values) => {
                let columns = values.rows.first().map_or(0, |row| row.content.len());
                return (0..columns).map(|place| Heading::Named(format!("_col{place}"))).collect();
            }
            _ => return vec![Heading::All],
        };
    }
}

fn heading(item: &SelectItem, place: usize) -> Heading {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Heading::Named(alias.value.clone()),
        SelectItem::UnnamedExpr(expr) => {
            Heading::Named(last_name(expr).map_or_else(|| format!("_col{place}"), |name| name.value.clone()))
        }
        _ => Heading::All,
    }
}

/// The last name of a column, or of a field reached with a dot.
fn last_name(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Identifier(ident) => Some(ident),
        Expr::CompoundIdentifier(parts) => parts.last(),
        Expr::CompoundFieldAccess { access_chain, .. } => match access_chain.last() {
            Some(AccessExpr::Dot(Expr::Identifier(ident))) => Some(ident),
            _ => None,
        },
        Expr::Nested(inner) => last_name(inner),
        _ => None,
    }
}

/// Gives every item that is no plain column a name inside the plan, and items of one name different ones.
pub(super) fn alias_items(select: &mut Select, relations: &[String]) {
    let mut taken = HashSet::new();
    for (place, item) in select.projection.iter_mut().enumerate() {
        let (name, plain) = match item {
            SelectItem::ExprWithAlias { alias, .. } => (alias.value.to_lowercase(), false),
            SelectItem::UnnamedExpr(expr) => {
                let name = last_name(expr).map_or_else(|| format!("_col{place}"), |name| name.value.to_lowercase());
                (name, is_plain(expr, relations))
            }
            _ => continue,
        };
        let distinct = taken.insert(name.clone());
        if plain && distinct {
            continue;
        }
        let name = if distinct { name } else { format!("{name}#{place}") };
        let alias = Ident::with_quote('"', name);
        *item = match std::mem::replace(item, SelectItem::UnnamedExpr(build::number(0))) {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                SelectItem::ExprWithAlias { expr, alias }
            }
            other => other,
        };
    }
}

fn is_plain(expr: &Expr, relations: &[String]) -> bool {
    match expr {
        Expr::Identifier(_) => true,
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [relation, _] => relations.contains(&relation.value.to_lowercase()),
            _ => false,
        },
        _ => false,
    }
}

/// `ORDER BY` an expression of the select list is `ORDER BY` its place: under DISTINCT only that can be planned, and the
/// expression is computed once.
pub(super) fn order_by_position(query: &mut Query) -> Result<(), SqlError> {
    let SetExpr::Select(select) = &*query.body else { return Ok(()) };
    let Some(order_by) = &mut query.order_by else { return Ok(()) };
    let OrderByKind::Expressions(keys) = &mut order_by.kind else { return Ok(()) };
    let items: Vec<_> = select
        .projection
        .iter()
        .map_while(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr.to_string()),
            _ => None,
        })
        .collect();
    for key in keys {
        if matches!(key.expr, Expr::Value(_) | Expr::Identifier(_)) {
            continue;
        }
        let written = key.expr.to_string();
        if let Some(place) = items.iter().position(|item| *item == written) {
            key.expr = build::number(place + 1);
        }
    }
    Ok(())
}
