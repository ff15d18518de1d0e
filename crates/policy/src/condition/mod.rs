//! The `Condition` element: operators, qualifiers, and the rules for missing and multiple values.

mod arn;
mod binary;
mod boolean;
mod date;
mod ip;
mod numeric;
mod operator;
mod ordering;
mod string;

use std::fmt;

pub(crate) use operator::{Operator, Test};

use crate::{
    context::{Context, Key},
    ternary::Ternary,
};

/// How an operator treats a key with several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Qualifier {
    /// None written: for keys with one value.
    Single,
    /// `ForAllValues:`
    ForAllValues,
    /// `ForAnyValue:`
    ForAnyValue,
}

/// One operator applied to one key.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    /// The operator as written, for explanations: `ForAnyValue:StringLikeIfExists`.
    pub(crate) name: Box<str>,
    pub(crate) qualifier: Qualifier,
    pub(crate) if_exists: bool,
    pub(crate) operator: Operator,
    pub(crate) key: Key,
    /// The policy's values as written.
    pub(crate) values: Box<[Box<str>]>,
    pub(crate) test: Test,
}

impl Condition {
    pub(crate) fn evaluate(&self, context: &Context<'_>) -> Ternary {
        let values = context.look_up(&self.key);
        if let Test::Null(wanted) = &self.test {
            return wanted.contains(&values.is_empty()).into();
        }
        // A set of nothing but empty strings is an empty set.
        let is_set = self.qualifier != Qualifier::Single;
        if values.is_empty() || is_set && values.iter().all(|value| value.is_empty()) {
            return self.when_missing().into();
        }
        if let [value] = values {
            return self.outcome(value, context);
        }
        let outcomes = values.iter().map(|value| self.outcome(value, context));
        match self.qualifier {
            Qualifier::ForAllValues => Ternary::all(outcomes),
            Qualifier::ForAnyValue => Ternary::any(outcomes),
            // Several values where one is expected: the negated operator stays the opposite of the plain one.
            Qualifier::Single if self.operator.is_negated() => Ternary::all(outcomes),
            Qualifier::Single => Ternary::any(outcomes),
        }
    }

    /// The outcome for one value of the request.
    fn outcome(&self, value: &str, context: &Context<'_>) -> Ternary {
        let outcome = self.test.matches(value, context);
        if self.operator.is_negated() { outcome.not() } else { outcome }
    }

    /// The outcome for a key that the request does not have.
    fn when_missing(&self) -> bool {
        self.if_exists
            || match self.qualifier {
                Qualifier::ForAllValues => true,
                Qualifier::ForAnyValue => false,
                Qualifier::Single => self.operator.is_negated(),
            }
    }
}

/// As a policy writes it: `StringEquals aws:ResourceTag/env ["prod"]`. Quoted, since the text may go to a terminal.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.name, self.key.escape_debug(), self.values)
    }
}
