//! Rewrites Trino's SELECT into what DataFusion plans to the same meaning, and refuses the rest by name and place.
//!
//! One walk over the syntax tree. On the way down: what a clause may be, which names are relations, how dots resolve,
//! what the columns are called. On the way up: expressions and function calls, whose parts are then done.

mod build;
pub(crate) mod calls;
mod chains;
mod clauses;
mod expressions;
mod from;
mod headings;
mod names;
mod patterns;

use std::{collections::HashSet, ops::ControlFlow};

use datafusion::sql::sqlparser::ast::{
    Expr, ObjectName, Query, Select, SetExpr, Spanned, TableFactor, VisitMut, VisitorMut,
};
use jiff::Timestamp;

pub(crate) use from::keeps_rows;
pub(crate) use headings::Heading;

use crate::{catalogue::Catalogue, error::SqlError};

/// How deep expressions may nest once chains of AND and OR are balanced.
const DEPTH: usize = 200;

/// What the rewrites found out about a query.
pub(crate) struct Rewritten {
    /// What its result columns are called.
    pub(crate) headings: Vec<Heading>,
    /// The names in it, lower case, that could be those of hidden columns.
    pub(crate) hidden_names: HashSet<String>,
}

/// Rewrites `query` in place.
pub(crate) fn rewrite(query: &mut Query, catalogue: &Catalogue, now: Timestamp) -> Result<Rewritten, SqlError> {
    let headings = headings::of_query(query);
    let hidden_names = HashSet::new();
    let mut rewriter = Rewriter { catalogue, now, scopes: Vec::new(), lambdas: Vec::new(), hidden_names, depth: 0 };
    match query.visit(&mut rewriter) {
        ControlFlow::Continue(()) => Ok(Rewritten { headings, hidden_names: rewriter.hidden_names }),
        ControlFlow::Break(error) => Err(*error),
    }
}

/// Boxed: the walk returns it from every node.
type Broken = Box<SqlError>;

struct Rewriter<'a> {
    catalogue: &'a Catalogue,
    now: Timestamp,
    /// The names of the relations of each SELECT around the current place, lower case.
    scopes: Vec<Vec<String>>,
    /// The parameters of each lambda around the current place, lower case.
    lambdas: Vec<Vec<String>>,
    hidden_names: HashSet<String>,
    depth: usize,
}

fn flow(result: Result<(), SqlError>) -> ControlFlow<Broken> {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(Box::new(error)),
    }
}

/// Gives an error the place of a part of the tree.
fn placed(error: SqlError, part: &impl Spanned) -> SqlError {
    let start = part.span().start;
    error.at(start.line, start.column)
}

impl VisitorMut for Rewriter<'_> {
    type Break = Broken;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Broken> {
        let scope = match &*query.body {
            SetExpr::Select(select) => names::relations(select),
            _ => Vec::new(),
        };
        self.scopes.push(scope);
        flow(clauses::query(query).and_then(|()| headings::order_by_position(query)))
    }

    fn post_visit_query(&mut self, _query: &mut Query) -> ControlFlow<Broken> {
        self.scopes.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Broken> {
        let scope = names::relations(select);
        let result = clauses::select(select);
        headings::alias_items(select, &scope);
        self.scopes.push(scope);
        flow(result.and_then(|()| from::nest_unnests(select)))
    }

    fn post_visit_select(&mut self, _select: &mut Select) -> ControlFlow<Broken> {
        self.scopes.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<Broken> {
        names::lower_object(relation);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Broken> {
        flow(clauses::table_factor(factor))
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Broken> {
        self.depth += 1;
        if self.depth > DEPTH {
            // Without its place: to find that, the whole depth would be walked.
            return flow(Err(SqlError::unsupported(format!("an expression nests deeper than {DEPTH} levels"))));
        }
        chains::balance(expr);
        if let Expr::Lambda(lambda) = expr {
            self.lambdas.push(names::lower_parameters(lambda));
        }
        self.resolve_dots(expr);
        self.note_hidden(expr);
        flow(self.refuse_forms(expr))
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Broken> {
        self.depth -= 1;
        if matches!(expr, Expr::Lambda(_)) {
            self.lambdas.pop();
        }
        flow(self.rewrite_form(expr))
    }
}
