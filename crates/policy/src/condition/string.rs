//! `String…`: equality, equality without regard to case, and patterns.

use crate::{
    context::Context,
    template::{Literal, Pattern},
    ternary::Ternary,
    variables::{self, Syntax},
};

/// The values of a string operator.
#[derive(Debug, Clone)]
pub(crate) enum StringTest {
    Exact(Box<[Literal]>),
    IgnoringCase(Box<[Literal]>),
    Like(Box<[Pattern]>),
}

impl StringTest {
    pub(super) fn exact(values: &[Box<str>], variables: bool) -> Result<Self, &'static str> {
        literals(values, variables).map(Self::Exact)
    }

    pub(super) fn ignoring_case(values: &[Box<str>], variables: bool) -> Result<Self, &'static str> {
        literals(values, variables).map(Self::IgnoringCase)
    }

    pub(super) fn like(values: &[Box<str>], variables: bool) -> Result<Self, &'static str> {
        let syntax = Syntax { wildcards: true, variables };
        let patterns = values.iter().map(|value| Pattern::new(variables::parse(value, syntax)?));
        patterns.collect::<Result<_, _>>().map(Self::Like)
    }

    pub(super) fn matches(&self, value: &str, context: &Context<'_>) -> Ternary {
        match self {
            Self::Exact(wanted) => Ternary::any(wanted.iter().map(|wanted| wanted.equals(value, context))),
            Self::IgnoringCase(wanted) => {
                Ternary::any(wanted.iter().map(|wanted| wanted.equals_ignoring_case(value, context)))
            }
            Self::Like(patterns) => Ternary::any(patterns.iter().map(|pattern| pattern.matches(value, context))),
        }
    }

    /// Whether every value is one text, known from the policy alone.
    pub(crate) fn is_fixed(&self) -> bool {
        match self {
            Self::Exact(wanted) | Self::IgnoringCase(wanted) => {
                wanted.iter().all(|wanted| matches!(wanted, Literal::Fixed(_)))
            }
            Self::Like(patterns) => patterns.iter().all(Pattern::is_fixed_text),
        }
    }
}

fn literals(values: &[Box<str>], variables: bool) -> Result<Box<[Literal]>, &'static str> {
    values.iter().map(|value| Literal::parse(value, variables)).collect()
}
