//! What one alternative of a field accepts.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use crate::decimal::Decimal;
use crate::document::Scalar;
use crate::wildcard::Wildcard;

use super::ip::{self, Block};

/// One end of a numeric range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bound {
    pub(crate) value: f64,
    pub(crate) inclusive: bool,
}

/// One alternative for the value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operator {
    Exact(String),
    /// An exact string that is an address: equal to each way of writing it.
    Address(IpAddr),
    /// A number written out: equal as a number where it is comparable, else as text.
    Number(String, Option<f64>),
    Bool(bool),
    Null,
    Prefix(String),
    PrefixFolded(String),
    Suffix(String),
    SuffixFolded(String),
    EqualsFolded(String),
    Wildcard(Wildcard),
    NumericEquals(f64),
    Range(Option<Bound>, Option<Bound>),
    Cidr(Block),
    /// Any value at all.
    Present,
    /// No value anywhere in the event; decided before values are looked at.
    Absent,
    NotStrings(Vec<String>),
    NotNumbers(Vec<f64>),
    NotPrefixes(Vec<String>),
    NotSuffixes(Vec<String>),
    NotFolded(Vec<String>),
    NotWildcards(Vec<Wildcard>),
}

impl Operator {
    /// Whether a value in the event passes.
    ///
    /// Each operator knows one type. The `anything-but` family accepts every value of another type, null included.
    pub(crate) fn accepts(&self, value: &Scalar<'_>) -> bool {
        let string = match value {
            Scalar::String(text) => Some(*text),
            _ => None,
        };
        let is = |test: &dyn Fn(&str) -> bool| string.is_some_and(test);
        let is_not = |test: &dyn Fn(&str) -> bool| string.is_none_or(|text| !test(text));
        let number = || match value {
            Scalar::Number(text) => Decimal::comparable(text),
            _ => None,
        };
        match self {
            Self::Exact(wanted) => string == Some(wanted),
            Self::Address(wanted) => is(&|text| ip::address(text) == Some(*wanted)),
            Self::Number(written, comparable) => match value {
                Scalar::Number(text) => {
                    text == written || comparable.is_some() && Decimal::comparable(text) == *comparable
                }
                _ => false,
            },
            Self::Bool(wanted) => *value == Scalar::Bool(*wanted),
            Self::Null => *value == Scalar::Null,
            Self::Prefix(prefix) => is(&|text| text.starts_with(prefix)),
            Self::PrefixFolded(prefix) => is(&|text| fold(text).starts_with(prefix)),
            Self::Suffix(suffix) => is(&|text| text.ends_with(suffix)),
            Self::SuffixFolded(suffix) => is(&|text| fold(text).ends_with(suffix)),
            Self::EqualsFolded(wanted) => is(&|text| fold(text) == *wanted),
            Self::Wildcard(wildcard) => is(&|text| wildcard.matches(text)),
            Self::NumericEquals(wanted) => number() == Some(*wanted),
            Self::Range(low, high) => number().is_some_and(|number| in_range(number, low.as_ref(), high.as_ref())),
            Self::Cidr(block) => is(&|text| block.contains(text)),
            Self::Present => true,
            Self::Absent => false,
            Self::NotStrings(refused) => is_not(&|text| refused.iter().any(|refused| refused == text)),
            Self::NotNumbers(refused) => number().is_none_or(|number| !refused.contains(&number)),
            Self::NotPrefixes(refused) => is_not(&|text| refused.iter().any(|prefix| text.starts_with(prefix))),
            Self::NotSuffixes(refused) => is_not(&|text| refused.iter().any(|suffix| text.ends_with(suffix))),
            Self::NotFolded(refused) => is_not(&|text| refused.contains(&fold(text))),
            Self::NotWildcards(refused) => is_not(&|text| refused.iter().any(|wildcard| wildcard.matches(text))),
        }
    }
}

impl Operator {
    /// Feeds a hasher so that equal operators agree; lists count by their length and first member.
    pub(crate) fn hash_roughly(&self, hasher: &mut impl Hasher) {
        std::mem::discriminant(self).hash(hasher);
        match self {
            Self::Exact(text)
            | Self::Number(text, _)
            | Self::Prefix(text)
            | Self::PrefixFolded(text)
            | Self::Suffix(text)
            | Self::SuffixFolded(text)
            | Self::EqualsFolded(text) => text.hash(hasher),
            Self::Address(address) => address.hash(hasher),
            Self::Bool(value) => value.hash(hasher),
            Self::Wildcard(wildcard) => wildcard.hash(hasher),
            Self::NumericEquals(value) => value.to_bits().hash(hasher),
            Self::Range(low, high) => [low, high].map(|bound| bound.map(|bound| bound.value.to_bits())).hash(hasher),
            Self::Cidr(block) => block.hash(hasher),
            Self::NotStrings(texts) | Self::NotPrefixes(texts) | Self::NotSuffixes(texts) | Self::NotFolded(texts) => {
                (texts.len(), texts.first()).hash(hasher);
            }
            Self::NotNumbers(numbers) => numbers.len().hash(hasher),
            Self::NotWildcards(wildcards) => (wildcards.len(), wildcards.first()).hash(hasher),
            Self::Null | Self::Present | Self::Absent => {}
        }
    }
}

/// Whether a number lies between two bounds.
pub(crate) fn in_range(number: f64, low: Option<&Bound>, high: Option<&Bound>) -> bool {
    low.is_none_or(|low| low.value < number || low.inclusive && low.value == number)
        && high.is_none_or(|high| number < high.value || high.inclusive && number == high.value)
}

/// Text without case: equal for texts that differ in case only.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}
