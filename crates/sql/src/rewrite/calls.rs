//! Function calls: names that are known, and functions that others are made of.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::{
    ast::{
        Array, BinaryOperator, CastKind, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
        FunctionArgumentClause, FunctionArguments, LambdaFunction, ListAggOnOverflow, ObjectNamePart, OrderByExpr,
        UnaryOperator, Value, ValueWithSpan, visit_expressions_mut,
    },
    tokenizer::Span,
};

use super::{Rewriter, build};
use crate::error::SqlError;

/// Functions that exist for the user, but are made of others here.
pub(crate) const MADE_OF_OTHERS: [&str; 24] = [
    "all_match",
    "any_value",
    "approx_percentile",
    "arbitrary",
    "array_sort",
    "concat",
    "count_if",
    "current_date",
    "current_timestamp",
    "date",
    "every",
    "greatest",
    "histogram",
    "if",
    "least",
    "listagg",
    "localtimestamp",
    "map_agg",
    "max_by",
    "min_by",
    "none_match",
    "now",
    "row",
    "try",
];

impl Rewriter<'_> {
    /// Rewrites a call whose arguments are done.
    pub(super) fn rewrite_call(&self, mut function: Function) -> Result<Expr, SqlError> {
        let (name, span) = self.known_name(&function)?;
        if function.uses_odbc_syntax || function.parameters != FunctionArguments::None {
            return Err(SqlError::unsupported(format!("this form of a call of {name} is not supported")));
        }
        if !function.within_group.is_empty() && name != "listagg" {
            return Err(SqlError::unsupported(format!("WITHIN GROUP is for listagg, not for {name}")));
        }
        let arguments = plain_arguments(&function);
        let count = arguments.as_ref().map_or(0, Vec::len);
        let wrong_count = |expected: &str| {
            Err(SqlError::invalid(format!(
                "{name} takes {expected}, not {count} argument{}",
                if count == 1 { "" } else { "s" }
            )))
        };
        let mut arguments = arguments.unwrap_or_default();
        let rewritten = match (name.as_str(), arguments.as_mut_slice()) {
            ("now" | "current_timestamp", []) => self.now_literal(span, Some("UTC")),
            ("localtimestamp", []) => self.now_literal(span, None),
            ("current_date", []) => build::call("$date", span, vec![self.now_literal(span, None)]),
            ("now" | "current_timestamp" | "localtimestamp" | "current_date", _) => {
                return wrong_count("no argument");
            }
            ("date", [value]) => build::call("$date", span, vec![value.clone()]),
            ("date", _) => return wrong_count("one argument"),
            ("if", [condition, then]) => build::case(condition.clone(), then.clone(), None),
            ("if", [condition, then, otherwise]) => {
                build::case(condition.clone(), then.clone(), Some(otherwise.clone()))
            }
            ("if", _) => return wrong_count("a condition and one or two values"),
            ("try", [value]) => try_lambda(span, value.clone()),
            ("try", _) => return wrong_count("one argument"),
            ("row", [_, ..]) => build::call("$row", span, arguments),
            ("row", []) => return wrong_count("at least one argument"),
            ("concat", [_, _, ..]) => concatenated(arguments),
            ("concat", _) => return wrong_count("at least two arguments"),
            ("greatest" | "least", [_, ..]) => extreme(&name, span, arguments),
            ("greatest" | "least", []) => return wrong_count("at least one argument"),
            ("every", _) => renamed(function, "bool_and"),
            ("count_if", [condition]) => count_if(function, span, condition.clone()),
            ("count_if", _) => return wrong_count("one condition"),
            ("arbitrary" | "any_value", [value]) => {
                let value = value.clone();
                renamed(filtered(function, build::not_null(value)), "$first")
            }
            ("arbitrary" | "any_value", _) => return wrong_count("one argument"),
            ("max_by" | "min_by", [value, key]) => {
                let key = build::ordered(key.clone(), name == "min_by");
                by_key(function, value.clone(), key, "$first")
            }
            ("max_by" | "min_by", [value, key, count]) => {
                let key = build::ordered(key.clone(), name == "min_by");
                let all = by_key(function, value.clone(), key, "array_agg");
                build::call("slice", span, vec![all, build::number(1), count.clone()])
            }
            ("max_by" | "min_by", _) => return wrong_count("a value, what to compare, and perhaps how many"),
            ("approx_percentile", [value, Expr::Array(percentiles)]) => {
                let Some(first) = percentiles.elem.first() else {
                    return Err(SqlError::invalid("approx_percentile takes at least one percentile"));
                };
                let present = build::not_null(percentile(&function, value, first));
                let each = percentiles.elem.iter().map(|each| percentile(&function, value, each)).collect();
                build::case(present, Expr::Array(Array { elem: each, named: percentiles.named }), None)
            }
            ("approx_percentile", [value, each]) => percentile(&function, value, each),
            ("approx_percentile", _) => return wrong_count("a value and a percentile"),
            ("approx_distinct", [_, _]) => {
                return Err(SqlError::unsupported(
                    "the standard error of approx_distinct cannot be chosen; leave the second argument out",
                ));
            }
            ("histogram", [value]) => {
                let value = value.clone();
                build::call("$histogram", span, vec![renamed(filtered(function, build::not_null(value)), "array_agg")])
            }
            ("histogram", _) => return wrong_count("one argument"),
            ("map_agg", [key, value]) => {
                let (key, value) = (key.clone(), value.clone());
                function.args = build::list(vec![build::call("$row", span, vec![key.clone(), value])]);
                build::call("$map_agg", span, vec![renamed(filtered(function, build::not_null(key)), "array_agg")])
            }
            ("map_agg", _) => return wrong_count("a key and a value"),
            ("listagg", _) => listagg(function)?,
            ("array_sort", [array]) => {
                let array = array.clone();
                build::call("$array_sort", span, vec![array, build::text("ASC"), build::text("NULLS LAST")])
            }
            ("array_sort", _) => {
                return Err(SqlError::unsupported("array_sort takes one array; sorting by a lambda is not supported"));
            }
            ("all_match", [array, Expr::Lambda(lambda)]) => {
                let lambda = negated_lambda(lambda.clone());
                not(build::call("any_match", span, vec![array.clone(), lambda]))
            }
            ("none_match", [array, lambda @ Expr::Lambda(_)]) => {
                not(build::call("any_match", span, vec![array.clone(), lambda.clone()]))
            }
            ("all_match" | "none_match", _) => return wrong_count("an array and a lambda"),
            _ => Expr::Function(function),
        };
        Ok(rewritten)
    }

    /// The function's name in lower case, if there is such a function.
    fn known_name(&self, function: &Function) -> Result<(String, Span), SqlError> {
        let [ObjectNamePart::Identifier(ident)] = function.name.0.as_slice() else {
            return Err(SqlError::invalid(format!("there is no function {}", function.name)));
        };
        let name = ident.value.to_lowercase();
        // Calls that a rewrite has put in begin with `$`; their name is no longer the user's.
        if (name.starts_with('$') && ident.quote_style.is_none()) || self.catalogue.knows(&name) {
            return Ok((name, ident.span));
        }
        let nearest = self.catalogue.nearest(&name);
        let hint = nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default();
        let error = SqlError::invalid(format!("there is no function {}{hint}", ident.value));
        Err(error.at(ident.span.start.line, ident.span.start.column))
    }

    fn now_literal(&self, span: Span, zone: Option<&str>) -> Expr {
        let millis = build::text(self.now.as_millisecond().to_string());
        build::call("$timestamp", span, std::iter::once(millis).chain(zone.map(build::text)).collect())
    }
}

/// The arguments, if all are plain expressions.
fn plain_arguments(function: &Function) -> Option<Vec<Expr>> {
    let FunctionArguments::List(list) = &function.args else { return None };
    list.args
        .iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
            _ => None,
        })
        .collect()
}

fn renamed(mut function: Function, name: &str) -> Expr {
    function.name = build::function(name, Span::empty(), Vec::new()).name;
    Expr::Function(function)
}

/// `function` with one percentile.
fn percentile(function: &Function, value: &Expr, percentile: &Expr) -> Expr {
    let mut function = function.clone();
    function.within_group = vec![build::ordered(value.clone(), true)];
    function.args = build::list(vec![percentile.clone()]);
    renamed(function, "$approx_percentile")
}

/// The aggregate over those rows only.
fn filtered(mut function: Function, condition: Expr) -> Function {
    let condition = match function.filter.take() {
        Some(filter) => {
            Expr::BinaryOp { left: Box::new(Expr::Nested(filter)), op: BinaryOperator::And, right: Box::new(condition) }
        }
        None => condition,
    };
    function.filter = Some(Box::new(condition));
    function
}

fn count_if(mut function: Function, span: Span, condition: Expr) -> Expr {
    let mut counted = build::function("count", span, Vec::new());
    if let FunctionArguments::List(list) = &mut counted.args {
        list.args.push(FunctionArg::Unnamed(FunctionArgExpr::Wildcard));
    }
    function.args = counted.args;
    renamed(filtered(function, build::nested(condition)), "count")
}

/// The aggregate `name` of `value` in the order of `key`, without rows that have no key.
fn by_key(function: Function, value: Expr, key: OrderByExpr, name: &str) -> Expr {
    let mut function = filtered(function, build::not_null(key.expr.clone()));
    function.args = build::list(vec![value]);
    if let FunctionArguments::List(list) = &mut function.args {
        list.clauses.push(FunctionArgumentClause::OrderBy(vec![key]));
    }
    renamed(function, name)
}

/// `listagg(x, s) WITHIN GROUP (ORDER BY y)`.
fn listagg(mut function: Function) -> Result<Expr, SqlError> {
    let order = std::mem::take(&mut function.within_group);
    let FunctionArguments::List(list) = &mut function.args else {
        return Err(SqlError::invalid("listagg takes a value and a separator"));
    };
    for clause in std::mem::take(&mut list.clauses) {
        match clause {
            FunctionArgumentClause::OnOverflow(ListAggOnOverflow::Error) => {}
            other => return Err(SqlError::unsupported(format!("{other} in listagg is not supported"))),
        }
    }
    match list.args.len() {
        1 => list.args.push(FunctionArg::Unnamed(FunctionArgExpr::Expr(build::text("")))),
        2 => {}
        _ => return Err(SqlError::invalid("listagg takes a value and a separator")),
    }
    if !order.is_empty() {
        list.clauses.push(FunctionArgumentClause::OrderBy(order));
    } else if list.duplicate_treatment == Some(DuplicateTreatment::All) {
        list.duplicate_treatment = None;
    }
    Ok(renamed(function, "$string_agg"))
}

/// NULL if any argument is NULL, which the engine's own function skips.
fn extreme(name: &str, span: Span, arguments: Vec<Expr>) -> Expr {
    let any_null = arguments
        .iter()
        .map(|argument| Expr::IsNull(Box::new(argument.clone())))
        .reduce(|left, right| Expr::BinaryOp { left: Box::new(left), op: BinaryOperator::Or, right: Box::new(right) })
        .unwrap_or_else(|| Expr::value(Value::Boolean(false)));
    build::case(not(build::nested(any_null)), build::call(&format!("${name}"), span, arguments), None)
}

/// `a || b`: NULL if any part is NULL, which the engine's own function skips.
fn concatenated(arguments: Vec<Expr>) -> Expr {
    let joined = arguments.into_iter().map(build::nested).reduce(|left, right| Expr::BinaryOp {
        left: Box::new(left),
        op: BinaryOperator::StringConcat,
        right: Box::new(right),
    });
    build::nested(joined.unwrap_or_else(|| Expr::Value(ValueWithSpan { value: Value::Null, span: Span::empty() })))
}

/// `try(x)` as a function of a lambda: it can be evaluated again row by row.
fn try_lambda(span: Span, mut value: Expr) -> Expr {
    // Constants are computed when the query is planned, before anything could be tried.
    let _: ControlFlow<()> = visit_expressions_mut(&mut value, |part| {
        if let Expr::Cast { kind, .. } = part {
            *kind = CastKind::TryCast;
        }
        ControlFlow::Continue(())
    });
    use datafusion::sql::sqlparser::ast::{Ident, LambdaFunctionParameter, LambdaSyntax, OneOrManyWithParens};
    // The parameter tells a lambda that uses no column how many rows there are.
    let row = Ident { value: "$row".to_owned(), quote_style: None, span };
    let is_null = Expr::IsNull(Box::new(Expr::Identifier(row.clone())));
    let lambda = Expr::Lambda(LambdaFunction {
        params: OneOrManyWithParens::One(LambdaFunctionParameter { name: row, data_type: None }),
        body: Box::new(build::case(is_null, Expr::value(Value::Null), Some(value))),
        syntax: LambdaSyntax::Arrow,
    });
    build::call("$try", span, vec![lambda])
}

fn negated_lambda(mut lambda: LambdaFunction) -> Expr {
    let body = *lambda.body;
    lambda.body = Box::new(not(build::nested(body)));
    Expr::Lambda(lambda)
}

fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expr) }
}
