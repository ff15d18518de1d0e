//! Parts of the syntax tree that the rewrites put in.

use datafusion::sql::sqlparser::{
    ast::{
        AccessExpr, CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
        Ident, ObjectName, OrderByExpr, OrderByOptions, Subscript, Value, helpers::attached_token::AttachedToken,
    },
    tokenizer::Span,
};

pub(super) fn text(value: impl Into<String>) -> Expr {
    Expr::value(Value::SingleQuotedString(value.into()))
}

pub(super) fn number(value: usize) -> Expr {
    Expr::value(Value::Number(value.to_string(), false))
}

/// `name(arguments)` with the place of what it stands for.
pub(super) fn call(name: &str, span: Span, arguments: Vec<Expr>) -> Expr {
    Expr::Function(function(name, span, arguments))
}

pub(super) fn function(name: &str, span: Span, arguments: Vec<Expr>) -> Function {
    Function {
        name: ObjectName::from(vec![Ident { value: name.to_owned(), quote_style: None, span }]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: list(arguments),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    }
}

pub(super) fn list(arguments: Vec<Expr>) -> FunctionArguments {
    let args = arguments.into_iter().map(|argument| FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))).collect();
    FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() })
}

/// `root['name']`, the one form of every dot.
pub(super) fn field(name: String) -> AccessExpr {
    AccessExpr::Subscript(Subscript::Index { index: text(name) })
}

pub(super) fn ordered(expr: Expr, ascending: bool) -> OrderByExpr {
    OrderByExpr { expr, options: OrderByOptions { asc: Some(ascending), nulls_first: Some(false) }, with_fill: None }
}

pub(super) fn not_null(expr: Expr) -> Expr {
    Expr::IsNotNull(Box::new(expr))
}

pub(super) fn nested(expr: Expr) -> Expr {
    Expr::Nested(Box::new(expr))
}

pub(super) fn case(condition: Expr, result: Expr, otherwise: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![CaseWhen { condition, result }],
        else_result: otherwise.map(Box::new),
    }
}
