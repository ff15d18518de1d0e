//! `a OR b OR c …` parses into a tree as deep as the chain is long. The chain is made a tree of logarithmic depth, so
//! that long lists of conditions stay within [`super::DEPTH`] and within the stack.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Value};

const SHORT: usize = 8;

pub(super) fn balance(expr: &mut Expr) {
    let Expr::BinaryOp { op, .. } = expr else { return };
    if !matches!(op, BinaryOperator::And | BinaryOperator::Or) {
        return;
    }
    let op = op.clone();
    if chain_length(expr, &op) < SHORT {
        return;
    }
    let mut terms = Vec::new();
    let mut rest = take(expr);
    loop {
        match rest {
            Expr::BinaryOp { left, op: found, right } if found == op => {
                terms.push(*right);
                rest = *left;
            }
            first => {
                terms.push(first);
                break;
            }
        }
    }
    terms.reverse();
    *expr = tree(terms, &op);
}

fn chain_length(expr: &Expr, op: &BinaryOperator) -> usize {
    let mut length = 1;
    let mut rest = expr;
    while let Expr::BinaryOp { left, op: found, .. } = rest
        && found == op
    {
        length += 1;
        rest = left;
    }
    length
}

/// The parts stand in parentheses: a nested part is not a chain again, and the recursion is of logarithmic depth.
fn tree(mut terms: Vec<Expr>, op: &BinaryOperator) -> Expr {
    if terms.len() < SHORT {
        let mut terms = terms.into_iter();
        let first = terms.next().unwrap_or(Expr::value(Value::Null));
        return terms.fold(first, |left, right| Expr::BinaryOp {
            left: Box::new(left),
            op: op.clone(),
            right: Box::new(right),
        });
    }
    let right = terms.split_off(terms.len() / 2);
    Expr::BinaryOp {
        left: Box::new(Expr::Nested(Box::new(tree(terms, op)))),
        op: op.clone(),
        right: Box::new(Expr::Nested(Box::new(tree(right, op)))),
    }
}

pub(super) fn take(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, Expr::value(Value::Null))
}
