//! `Bool` and `Null`: true or false, in any case of letters.

use crate::{context::Context, template::Literal, ternary::Ternary};

pub(super) fn parse(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The values of a `Bool` operator.
#[derive(Debug, Clone)]
pub(crate) struct Booleans(Box<[Literal]>);

impl Booleans {
    pub(super) fn new(values: &[Box<str>], variables: bool) -> Result<Self, &'static str> {
        let wanted = values.iter().map(|value| match Literal::parse(value, variables)? {
            Literal::Fixed(text) if parse(&text).is_none() => Err("a Bool operator wants true or false"),
            literal => Ok(literal),
        });
        wanted.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn matches(&self, value: &str, context: &Context<'_>) -> Ternary {
        if parse(value).is_none() {
            return Ternary::Unknown;
        }
        Ternary::any(self.0.iter().map(|wanted| wanted.equals_ignoring_case(value, context)))
    }
}
