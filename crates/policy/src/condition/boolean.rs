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
pub(crate) struct Booleans(Box<[Boolean]>);

#[derive(Debug, Clone)]
enum Boolean {
    Fixed(bool),
    Variable(Literal),
}

impl Booleans {
    pub(super) fn new(values: &[Box<str>], variables: bool) -> Result<Self, &'static str> {
        let wanted = values.iter().map(|value| match Literal::parse(value, variables)? {
            Literal::Fixed(text) => parse(&text).map(Boolean::Fixed).ok_or("a Bool operator wants true or false"),
            literal @ Literal::Template(_) => Ok(Boolean::Variable(literal)),
        });
        wanted.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn matches(&self, value: &str, context: &Context<'_>) -> Ternary {
        let Some(given) = parse(value) else { return Ternary::Unknown };
        Ternary::any(self.0.iter().map(|wanted| match wanted {
            Boolean::Fixed(wanted) => (*wanted == given).into(),
            Boolean::Variable(wanted) => wanted.equals_ignoring_case(value, context),
        }))
    }
}
