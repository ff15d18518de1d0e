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
    Cidr(Box<Block>),
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
        match value {
            Scalar::String(text) => self.accepts_string(text),
            Scalar::Number(text) => self.accepts_number(text, Decimal::comparable(text)),
            Scalar::Bool(value) => matches!(self, Self::Bool(wanted) if wanted == value) || self.accepts_other_types(),
            Scalar::Null => matches!(self, Self::Null) || self.accepts_other_types(),
        }
    }

    /// Whether a number passes, given as text and, if it is comparable, as a number.
    pub(crate) fn accepts_number(&self, text: &str, comparable: Option<f64>) -> bool {
        match self {
            Self::Number(written, wanted) => match (comparable, wanted) {
                (Some(number), Some(wanted)) => number == *wanted,
                _ => text == written,
            },
            Self::NumericEquals(wanted) => comparable == Some(*wanted),
            Self::Range(low, high) => comparable.is_some_and(|number| in_range(number, low.as_ref(), high.as_ref())),
            Self::NotNumbers(refused) => comparable.is_none_or(|number| !refused.contains(&number)),
            Self::NotStrings(_)
            | Self::NotPrefixes(_)
            | Self::NotSuffixes(_)
            | Self::NotFolded(_)
            | Self::NotWildcards(_)
            | Self::Present => true,
            _ => false,
        }
    }

    fn accepts_string(&self, text: &str) -> bool {
        match self {
            Self::Exact(wanted) => text == wanted,
            Self::Address(wanted) => ip::address(text) == Some(*wanted),
            Self::Prefix(prefix) => text.starts_with(prefix),
            Self::PrefixFolded(prefix) => fold(text).starts_with(prefix),
            Self::Suffix(suffix) => text.ends_with(suffix),
            Self::SuffixFolded(suffix) => fold(text).ends_with(suffix),
            Self::EqualsFolded(wanted) => folds_to(text, wanted),
            Self::Wildcard(wildcard) => wildcard.matches(text),
            Self::Cidr(block) => block.contains(text),
            Self::NotStrings(refused) => !refused.iter().any(|refused| refused == text),
            Self::NotPrefixes(refused) => !refused.iter().any(|prefix| text.starts_with(prefix)),
            Self::NotSuffixes(refused) => !refused.iter().any(|suffix| text.ends_with(suffix)),
            Self::NotFolded(refused) => !refused.iter().any(|refused| folds_to(text, refused)),
            Self::NotWildcards(refused) => !refused.iter().any(|wildcard| wildcard.matches(text)),
            Self::NotNumbers(_) | Self::Present => true,
            Self::Number(..) | Self::NumericEquals(_) | Self::Range(..) | Self::Bool(_) | Self::Null | Self::Absent => {
                false
            }
        }
    }

    /// Whether every value passes that is neither string nor number.
    fn accepts_other_types(&self) -> bool {
        matches!(
            self,
            Self::Present
                | Self::NotStrings(_)
                | Self::NotNumbers(_)
                | Self::NotPrefixes(_)
                | Self::NotSuffixes(_)
                | Self::NotFolded(_)
                | Self::NotWildcards(_)
        )
    }

    /// Whether the operator compares numbers.
    pub(crate) fn is_numeric(&self) -> bool {
        matches!(self, Self::Number(..) | Self::NumericEquals(_) | Self::Range(..) | Self::NotNumbers(_))
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
    let mut folded = String::new();
    fold_into(text, &mut folded);
    folded
}

/// [`fold`] in memory that is used again.
pub(crate) fn fold_into(text: &str, folded: &mut String) {
    folded.clear();
    if text.is_ascii() {
        folded.push_str(text);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase));
    }
}

/// Whether a text folds to `folded`.
fn folds_to(text: &str, folded: &str) -> bool {
    if text.is_ascii() { text.eq_ignore_ascii_case(folded) } else { fold(text) == folded }
}
