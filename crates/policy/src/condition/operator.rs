//! The operators by name, and the test each of them makes.

use super::{
    arn::ArnPattern, binary, boolean::Booleans, date, ip::Networks, numeric, ordering::Ordered, string::StringTest,
};
use crate::{context::Context, ternary::Ternary};

/// A condition operator without its qualifier and `IfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    Null,
}

impl Operator {
    /// Exact, with respect to case, as AWS reads them.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "StringEquals" => Self::StringEquals,
            "StringNotEquals" => Self::StringNotEquals,
            "StringEqualsIgnoreCase" => Self::StringEqualsIgnoreCase,
            "StringNotEqualsIgnoreCase" => Self::StringNotEqualsIgnoreCase,
            "StringLike" => Self::StringLike,
            "StringNotLike" => Self::StringNotLike,
            "NumericEquals" => Self::NumericEquals,
            "NumericNotEquals" => Self::NumericNotEquals,
            "NumericLessThan" => Self::NumericLessThan,
            "NumericLessThanEquals" => Self::NumericLessThanEquals,
            "NumericGreaterThan" => Self::NumericGreaterThan,
            "NumericGreaterThanEquals" => Self::NumericGreaterThanEquals,
            "DateEquals" => Self::DateEquals,
            "DateNotEquals" => Self::DateNotEquals,
            "DateLessThan" => Self::DateLessThan,
            "DateLessThanEquals" => Self::DateLessThanEquals,
            "DateGreaterThan" => Self::DateGreaterThan,
            "DateGreaterThanEquals" => Self::DateGreaterThanEquals,
            "Bool" => Self::Bool,
            "BinaryEquals" => Self::BinaryEquals,
            "IpAddress" => Self::IpAddress,
            "NotIpAddress" => Self::NotIpAddress,
            "ArnEquals" => Self::ArnEquals,
            "ArnLike" => Self::ArnLike,
            "ArnNotEquals" => Self::ArnNotEquals,
            "ArnNotLike" => Self::ArnNotLike,
            "Null" => Self::Null,
            _ => return None,
        })
    }

    pub(crate) fn is_negated(self) -> bool {
        matches!(
            self,
            Self::StringNotEquals
                | Self::StringNotEqualsIgnoreCase
                | Self::StringNotLike
                | Self::NumericNotEquals
                | Self::DateNotEquals
                | Self::NotIpAddress
                | Self::ArnNotEquals
                | Self::ArnNotLike
        )
    }
}

/// A compiled operator with the policy's values: true when one of them matches. Negation is applied by the condition.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Text(StringTest),
    Numeric(Ordered),
    Date(Ordered),
    Bool(Booleans),
    Binary(Box<[Box<[u8]>]>),
    Ip(Networks),
    Arn(Box<[ArnPattern]>),
    /// The wanted absences: `true` is "the key is missing".
    Null(Box<[bool]>),
}

impl Test {
    /// Compiles the values of an operator; the error says what is wrong with one of them.
    pub(crate) fn new(operator: Operator, values: &[Box<str>], variables: bool) -> Result<Self, &'static str> {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let numeric = |accepted: &'static [_]| Ordered::new(accepted, values, numeric::parse).map(Self::Numeric);
        let date = |accepted: &'static [_]| Ordered::new(accepted, values, date::parse).map(Self::Date);
        match operator {
            Operator::StringEquals | Operator::StringNotEquals => StringTest::exact(values, variables).map(Self::Text),
            Operator::StringEqualsIgnoreCase | Operator::StringNotEqualsIgnoreCase => {
                StringTest::ignoring_case(values, variables).map(Self::Text)
            }
            Operator::StringLike | Operator::StringNotLike => StringTest::like(values, variables).map(Self::Text),
            Operator::NumericEquals | Operator::NumericNotEquals => numeric(&[Equal]),
            Operator::NumericLessThan => numeric(&[Less]),
            Operator::NumericLessThanEquals => numeric(&[Less, Equal]),
            Operator::NumericGreaterThan => numeric(&[Greater]),
            Operator::NumericGreaterThanEquals => numeric(&[Greater, Equal]),
            Operator::DateEquals | Operator::DateNotEquals => date(&[Equal]),
            Operator::DateLessThan => date(&[Less]),
            Operator::DateLessThanEquals => date(&[Less, Equal]),
            Operator::DateGreaterThan => date(&[Greater]),
            Operator::DateGreaterThanEquals => date(&[Greater, Equal]),
            Operator::Bool => Booleans::new(values, variables).map(Self::Bool),
            Operator::BinaryEquals => binary::parse(values).map(Self::Binary),
            Operator::IpAddress | Operator::NotIpAddress => Networks::new(values).map(Self::Ip),
            Operator::ArnEquals | Operator::ArnLike | Operator::ArnNotEquals | Operator::ArnNotLike => {
                values.iter().map(|value| ArnPattern::parse(value, variables)).collect::<Result<_, _>>().map(Self::Arn)
            }
            Operator::Null => {
                let wanted = values.iter().map(|value| super::boolean::parse(value));
                wanted.collect::<Option<_>>().map(Self::Null).ok_or("a Null operator wants true or false")
            }
        }
    }

    /// Whether one value of the request matches one of the policy's.
    pub(super) fn matches(&self, value: &str, context: &Context<'_>) -> Ternary {
        match self {
            Self::Text(test) => test.matches(value, context),
            Self::Numeric(test) => test.matches(numeric::parse(value)),
            Self::Date(test) => test.matches(date::parse(value)),
            Self::Bool(test) => test.matches(value, context),
            Self::Binary(wanted) => binary::matches(wanted, value),
            Self::Ip(networks) => networks.matches(value),
            Self::Arn(patterns) => Ternary::any(patterns.iter().map(|pattern| pattern.matches(value, context))),
            Self::Null(_) => Ternary::Unknown,
        }
    }
}
