//! What numeric and date operators share: values in a row, compared with several others.

use std::cmp::Ordering;

use crate::ternary::Ternary;

/// The values of an operator with the orderings it accepts, such as less or equal.
#[derive(Debug, Clone)]
pub(crate) struct Ordered {
    accepted: &'static [Ordering],
    wanted: Box<[i128]>,
}

impl Ordered {
    pub(super) fn new(
        accepted: &'static [Ordering],
        values: &[Box<str>],
        parse: impl Fn(&str) -> Option<i128>,
    ) -> Result<Self, &'static str> {
        let wanted = values.iter().map(|value| parse(value)).collect::<Option<_>>().ok_or("a value is malformed")?;
        Ok(Self { accepted, wanted })
    }

    /// `None` stands for a request's value that is malformed.
    pub(super) fn matches(&self, value: Option<i128>) -> Ternary {
        let Some(value) = value else { return Ternary::Unknown };
        self.wanted.iter().any(|wanted| self.accepted.contains(&value.cmp(wanted))).into()
    }
}
