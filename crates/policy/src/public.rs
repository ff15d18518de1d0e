//! Whether a resource policy lets the public in, for `BlockPublicPolicy`.
//!
//! The rules are S3's, "The meaning of public": a grant to everyone is public unless a condition pins it to fixed values of
//! a key that says where the request comes from.

use ipnet::IpNet;

use crate::{
    condition::{Condition, Operator, Qualifier, Test},
    document::Policy,
    statement::{Effect, Statement},
};

/// Keys that narrow a grant to everyone down to somebody.
const NARROWING: [&str; 14] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:userid",
];

/// Whether a policy grants something to everyone. Grants to named principals, to services and to identity providers are
/// not public; neither are those narrowed to fixed accounts, ARNs, organizations, networks or sources.
#[must_use]
pub fn is_public(policy: &Policy) -> bool {
    policy.statements.iter().any(|statement| {
        statement.effect == Effect::Allow && names_everyone(statement) && !statement.conditions.iter().any(narrows)
    })
}

fn names_everyone(statement: &Statement) -> bool {
    statement.principal.as_ref().is_some_and(|clause| clause.covers_everyone())
}

/// Whether a condition holds only for requests of somebody in particular: the key must be there, and must have one of
/// values that are fixed.
fn narrows(condition: &Condition) -> bool {
    let requires_a_value = !condition.if_exists
        && !condition.values.is_empty()
        && condition.qualifier != Qualifier::ForAllValues
        && !condition.operator.is_negated();
    requires_a_value
        && NARROWING.iter().any(|key| key.eq_ignore_ascii_case(&condition.key))
        && match (&condition.test, condition.operator) {
            (Test::Text(test), _) => test.is_fixed(),
            (Test::Arn(patterns), _) => patterns.iter().all(|pattern| pattern.has_fixed_owner()),
            (Test::Ip(networks), Operator::IpAddress) => networks.0.iter().all(is_narrow),
            _ => false,
        }
}

/// S3 calls ranges wider than /8, in IPv6 wider than /32, public.
fn is_narrow(network: &IpNet) -> bool {
    match network {
        IpNet::V4(network) => network.prefix_len() >= 8,
        IpNet::V6(network) => network.prefix_len() >= 32,
    }
}
