//! A compiled statement, and what it says to a request.

use crate::{
    condition::Condition,
    context::Context,
    glob::Glob,
    principal::{Naming, Principal, PrincipalClause},
    template::Pattern,
    ternary::Ternary,
};

/// Whether a statement grants or refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Grants, unless something denies.
    Allow,
    /// Refuses, whatever else allows.
    Deny,
}

impl Effect {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "Allow" => Some(Self::Allow),
            "Deny" => Some(Self::Deny),
            _ => None,
        }
    }

    pub(crate) fn from_name_ignoring_case(name: &str) -> Option<Self> {
        [Self::Allow, Self::Deny].into_iter().find(|effect| effect.name().eq_ignore_ascii_case(name))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// A statement, compiled once.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// The id, when it is not empty.
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    pub(crate) actions: ActionClause,
    /// None in identity policies, which speak of whom they are attached to.
    pub(crate) principal: Option<PrincipalClause>,
    /// None in trust policies, which speak of the role they are attached to.
    pub(crate) resources: Option<ResourceClause>,
    pub(crate) conditions: Box<[Condition]>,
}

/// A request as statements read it.
pub(crate) struct Question<'a> {
    /// In lower case.
    pub(crate) service: &'a str,
    /// In lower case.
    pub(crate) action: &'a str,
    pub(crate) service_number: Option<u128>,
    pub(crate) service_bit: u64,
    pub(crate) principal: &'a Principal,
    /// The caller has a permissions boundary.
    pub(crate) bounded: bool,
    pub(crate) resource: &'a str,
    pub(crate) context: &'a Context<'a>,
}

/// A part of a statement that can fail to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clause {
    Action,
    Resource,
    Principal,
    /// The index of the condition.
    Condition(usize),
}

/// What a statement says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Applies(Naming),
    /// Whether it applies cannot be told: it does not grant, and it denies.
    Uncertain(Clause),
    Fails(Clause),
}

impl Statement {
    pub(crate) fn judge(&self, question: &Question<'_>) -> Verdict {
        if !self.actions.covers(question) {
            return Verdict::Fails(Clause::Action);
        }
        let mut uncertain = None;
        match self.resources.as_ref().map_or(Ternary::Yes, |clause| clause.covers(question)) {
            Ternary::Yes => {}
            Ternary::Unknown => uncertain = Some(Clause::Resource),
            Ternary::No => return Verdict::Fails(Clause::Resource),
        }
        let naming = match &self.principal {
            None => Naming::Direct,
            Some(clause) => match clause.covers(question.principal, question.bounded) {
                Some(naming) => naming,
                None => return Verdict::Fails(Clause::Principal),
            },
        };
        for (index, condition) in self.conditions.iter().enumerate() {
            match condition.evaluate(question.context) {
                Ternary::Yes => {}
                Ternary::Unknown => uncertain = uncertain.or(Some(Clause::Condition(index))),
                Ternary::No => return Verdict::Fails(Clause::Condition(index)),
            }
        }
        uncertain.map_or(Verdict::Applies(naming), Verdict::Uncertain)
    }
}

/// `Action` or `NotAction`.
#[derive(Debug, Clone)]
pub(crate) struct ActionClause {
    negated: bool,
    patterns: Box<[ActionPattern]>,
    /// A bit for each service that a pattern names: most statements are passed over by one comparison.
    services: u64,
}

/// One action of a statement, in lower case.
#[derive(Debug, Clone)]
pub(crate) struct ActionPattern {
    /// None is every service.
    pub(crate) service: Option<ServiceName>,
    pub(crate) name: Glob,
}

impl ActionClause {
    pub(crate) fn new(negated: bool, patterns: Box<[ActionPattern]>) -> Self {
        let bit = |pattern: &ActionPattern| pattern.service.as_ref().map_or(u64::MAX, |service| service.bit);
        let services = if negated { u64::MAX } else { patterns.iter().fold(0, |bits, pattern| bits | bit(pattern)) };
        Self { negated, patterns, services }
    }

    fn covers(&self, question: &Question<'_>) -> bool {
        if self.services & question.service_bit == 0 {
            return false;
        }
        let matched = self.patterns.iter().any(|pattern| {
            pattern.service.as_ref().is_none_or(|service| service.is_asked_by(question))
                && pattern.name.matches(question.action)
        });
        matched != self.negated
    }
}

/// A service's prefix in lower case. Short ones, which nearly all are, are compared as one number.
#[derive(Debug, Clone)]
pub(crate) struct ServiceName {
    number: Option<u128>,
    bit: u64,
    name: Box<str>,
}

impl ServiceName {
    pub(crate) fn new(name: &str) -> Self {
        Self { number: service_number(name), bit: service_bit(name), name: name.into() }
    }

    fn is_asked_by(&self, question: &Question<'_>) -> bool {
        match self.number {
            Some(number) => question.service_number == Some(number),
            None => *self.name == *question.service,
        }
    }
}

/// The bytes and the length of a name of at most 15 bytes: different names have different numbers.
pub(crate) fn service_number(name: &str) -> Option<u128> {
    let length = u8::try_from(name.len()).ok().filter(|length| *length < 16)?;
    Some(name.bytes().chain([length]).fold(0, |number, byte| number << 8 | u128::from(byte)))
}

/// One of 64 bits for a service's name, by a hash: equal names have equal bits.
pub(crate) fn service_bit(service: &str) -> u64 {
    let hash = service.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    1 << ((hash ^ (hash >> 6)) % 64)
}

/// `Resource` or `NotResource`.
#[derive(Debug, Clone)]
pub(crate) struct ResourceClause {
    pub(crate) negated: bool,
    pub(crate) patterns: Box<[Pattern]>,
}

impl ResourceClause {
    fn covers(&self, question: &Question<'_>) -> Ternary {
        let outcomes = self.patterns.iter().map(|pattern| pattern.matches(question.resource, question.context));
        let matched = Ternary::any(outcomes);
        if self.negated { matched.not() } else { matched }
    }
}

#[cfg(test)]
mod tests {
    use super::service_number;

    #[test]
    fn names_have_numbers_of_their_own() {
        let names = ["", "s", "s3", "s3\0", "\0s3", "3s", "secretsmanager", "secretsmanager1"];
        for (index, name) in names.iter().enumerate() {
            let alike = names.iter().filter(|other| service_number(other) == service_number(name)).count();
            assert!(alike == 1 && service_number(name).is_some(), "{index}");
        }
        assert_eq!(service_number("elasticloadbalancing"), None);
    }
}
