//! Names and dots. Names are found in any case, quoted or not, as in Trino. A dot goes to a relation's column, into a
//! struct or into a map; a map's key keeps its case.

use datafusion::sql::sqlparser::ast::{
    AccessExpr, Expr, Ident, LambdaFunction, ObjectName, ObjectNamePart, Select, TableFactor, TableWithJoins,
};

use super::{Rewriter, build, chains};
use crate::schema::is_hidden;

pub(super) fn lower(ident: &mut Ident) {
    ident.value = ident.value.to_lowercase();
}

pub(super) fn lower_object(name: &mut ObjectName) {
    for part in &mut name.0 {
        if let ObjectNamePart::Identifier(ident) = part {
            lower(ident);
        }
    }
}

/// Lower-cases a lambda's parameters and returns them.
pub(super) fn lower_parameters(lambda: &mut LambdaFunction) -> Vec<String> {
    use datafusion::sql::sqlparser::ast::OneOrManyWithParens::{Many, One};
    let parameters = match &mut lambda.params {
        One(parameter) => std::slice::from_mut(parameter),
        Many(parameters) => parameters.as_mut_slice(),
    };
    parameters
        .iter_mut()
        .map(|parameter| {
            lower(&mut parameter.name);
            parameter.name.value.clone()
        })
        .collect()
}

/// The names by which a SELECT's relations are called, lower case.
pub(super) fn relations(select: &Select) -> Vec<String> {
    let mut names = Vec::new();
    select.from.iter().for_each(|table| of_joins(table, &mut names));
    names
}

fn of_joins(table: &TableWithJoins, names: &mut Vec<String>) {
    of_factor(&table.relation, names);
    table.joins.iter().for_each(|join| of_factor(&join.relation, names));
}

fn of_factor(factor: &TableFactor, names: &mut Vec<String>) {
    let name = match factor {
        TableFactor::NestedJoin { table_with_joins, .. } => return of_joins(table_with_joins, names),
        TableFactor::Table { alias: Some(alias), .. }
        | TableFactor::Derived { alias: Some(alias), .. }
        | TableFactor::UNNEST { alias: Some(alias), .. } => Some(&alias.name),
        TableFactor::Table { name, .. } => name.0.last().and_then(ObjectNamePart::as_ident),
        _ => None,
    };
    names.extend(name.map(|name| name.value.to_lowercase()));
}

impl Rewriter<'_> {
    fn is_parameter(&self, name: &str) -> bool {
        self.lambdas.iter().any(|parameters| parameters.iter().any(|parameter| parameter == name))
    }

    fn is_relation(&self, name: &str) -> bool {
        !self.is_parameter(name) && self.scopes.iter().any(|scope| scope.iter().any(|relation| relation == name))
    }

    /// Makes every dot but the one behind a relation's name a subscript with the name as it was written.
    pub(super) fn resolve_dots(&self, expr: &mut Expr) {
        match expr {
            Expr::Identifier(ident) => lower(ident),
            Expr::CompoundIdentifier(_) => {
                if let Expr::CompoundIdentifier(parts) = chains::take(expr) {
                    *expr = self.access(parts, Vec::new());
                }
            }
            Expr::CompoundFieldAccess { .. } => {
                let Expr::CompoundFieldAccess { root, access_chain } = chains::take(expr) else { return };
                *expr = self.field_access(*root, access_chain);
            }
            _ => {}
        }
    }

    /// Notes a name that could be that of a hidden column.
    pub(super) fn note_hidden(&mut self, expr: &Expr) {
        let name = match expr {
            Expr::Identifier(ident) => Some(ident),
            Expr::CompoundIdentifier(parts) => parts.last(),
            _ => None,
        };
        if let Some(name) = name.filter(|name| is_hidden(&name.value)) {
            self.hidden_names.insert(name.value.clone());
        }
    }

    fn field_access(&self, root: Expr, chain: Vec<AccessExpr>) -> Expr {
        let mut parts = match root {
            Expr::Identifier(ident) => vec![ident],
            Expr::CompoundIdentifier(parts) => parts,
            root => {
                let access_chain = chain.into_iter().map(subscript).collect();
                return Expr::CompoundFieldAccess { root: Box::new(root), access_chain };
            }
        };
        let mut rest = Vec::with_capacity(chain.len());
        for access in chain {
            match access {
                AccessExpr::Dot(Expr::Identifier(ident)) if rest.is_empty() => parts.push(ident),
                other => rest.push(subscript(other)),
            }
        }
        self.access(parts, rest)
    }

    /// `relation.column` or `column`, followed by fields.
    fn access(&self, mut parts: Vec<Ident>, rest: Vec<AccessExpr>) -> Expr {
        let qualified =
            parts.len() > 1 && parts.first().is_some_and(|first| self.is_relation(&first.value.to_lowercase()));
        let fields = parts.split_off(if qualified { 2 } else { 1 });
        parts.iter_mut().for_each(lower);
        let root = match <[Ident; 1]>::try_from(parts) {
            Ok([column]) => Expr::Identifier(column),
            Err(parts) => Expr::CompoundIdentifier(parts),
        };
        let mut access_chain: Vec<_> = fields.into_iter().map(|field| build::field(field.value)).collect();
        access_chain.extend(rest);
        if access_chain.is_empty() { root } else { Expr::CompoundFieldAccess { root: Box::new(root), access_chain } }
    }
}

fn subscript(access: AccessExpr) -> AccessExpr {
    match access {
        AccessExpr::Dot(Expr::Identifier(ident)) => build::field(ident.value),
        other => other,
    }
}
