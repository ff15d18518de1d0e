//! Why a request was allowed or denied, and AWS's words for it.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{
    condition::Condition,
    document::PolicyKind,
    request::Request,
    statement::{Clause, Effect, Statement},
};

/// Which of a request's policies one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layer {
    /// The caller's own, with those of its groups.
    Identity,
    /// The resource's.
    Resource,
    /// The trust policy of the role that is asked for.
    Trust,
    /// The caller's permissions boundary.
    Boundary,
    /// Those passed when the session was made.
    Session,
    /// The organization's.
    ServiceControl,
}

impl Layer {
    /// As AWS's messages call a policy of this layer.
    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::Trust => "role trust policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
        }
    }

    /// As AWS's messages name it with its article, after "with an explicit deny in".
    fn with_article(self) -> &'static str {
        match self {
            Self::Identity => "an identity-based policy",
            Self::Resource => "a resource-based policy",
            Self::Trust => "the role trust policy",
            Self::Boundary => "a permissions boundary",
            // The spelling of the user guide.
            Self::Session => "a sessions policy",
            Self::ServiceControl => "a service control policy",
        }
    }

    /// Whether policies of a kind belong here.
    pub(crate) fn takes(self, kind: PolicyKind) -> bool {
        match self {
            Self::Identity => matches!(kind, PolicyKind::Identity | PolicyKind::Managed),
            Self::Resource => kind == PolicyKind::Resource,
            Self::Trust => kind == PolicyKind::Trust,
            Self::Boundary => matches!(kind, PolicyKind::Boundary | PolicyKind::Managed),
            Self::Session => matches!(kind, PolicyKind::Session | PolicyKind::Managed),
            Self::ServiceControl => kind == PolicyKind::ServiceControl,
        }
    }

    pub(crate) fn of_resource_policy(kind: PolicyKind) -> Self {
        if kind == PolicyKind::Trust { Self::Trust } else { Self::Resource }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A statement that decided, or nearly did.
#[derive(Clone, Copy)]
pub struct StatementRef<'a> {
    /// Which kind of policy it stands in.
    pub layer: Layer,
    /// The policy's name.
    pub policy: &'a str,
    /// The statement's place in the policy, from 0.
    pub index: usize,
    pub(crate) statement: &'a Statement,
}

impl<'a> StatementRef<'a> {
    /// Whether it allows or denies.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.statement.effect
    }

    /// The statement's id, when it has one.
    #[must_use]
    pub fn sid(&self) -> Option<&'a str> {
        self.statement.sid.as_deref()
    }

    pub(crate) fn condition(&self, clause: Clause) -> Option<&'a Condition> {
        match clause {
            Clause::Condition(index) => self.statement.conditions.get(index),
            _ => None,
        }
    }
}

/// For people: `statement 2 "DenyProd" of identity-based policy "guard"`.
impl fmt::Display for StatementRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {}", self.index)?;
        if let Some(sid) = self.sid() {
            write!(f, " {sid:?}")?;
        }
        write!(f, " of {} {:?}", self.layer, self.policy)
    }
}

impl fmt::Debug for StatementRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// For programs: the policy's layer in words and its name, the statement's place, id and effect.
impl Serialize for StatementRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("StatementRef", 5)?;
        members.serialize_field("policyType", self.layer.name())?;
        members.serialize_field("policy", self.policy)?;
        members.serialize_field("statement", &self.index)?;
        members.serialize_field("sid", &self.sid())?;
        members.serialize_field("effect", self.effect().name())?;
        members.end()
    }
}

impl PartialEq for StatementRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.layer, self.policy, self.index) == (other.layer, other.policy, other.index)
    }
}

impl Eq for StatementRef<'_> {}

/// An `Allow` that covered action, resource and caller, and failed at a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NearMiss<'a> {
    /// The statement.
    pub statement: StatementRef<'a>,
    pub(crate) clause: Clause,
}

/// For people: which statement nearly allowed, and what it wanted.
impl fmt::Display for NearMiss<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} would allow", self.statement)?;
        match self.statement.condition(self.clause) {
            Some(condition) => write!(f, ", but its condition {condition} is not met"),
            None => f.write_str(", but cannot be evaluated for this request"),
        }
    }
}

/// Why a decision is as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason<'a> {
    /// A statement allows, and nothing limits it.
    Allowed(StatementRef<'a>),
    /// The caller is the account's root user, to whom everything is allowed that nothing denies.
    AccountRoot,
    /// A statement denies.
    ExplicitDeny {
        /// The statement.
        statement: StatementRef<'a>,
        /// It could not be told whether the statement applies, as with a variable without a value; such a one denies.
        uncertain: bool,
    },
    /// No statement allows where one must.
    NoAllow {
        /// The policies of which one would have to allow.
        layer: Layer,
        /// The statement that came closest.
        nearest: Option<NearMiss<'a>>,
    },
}

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Decision<'a> {
    /// Whether the caller may.
    pub allowed: bool,
    /// Why.
    pub reason: Reason<'a>,
}

impl Decision<'_> {
    /// AWS's message for the denial: `User: ARN is not authorized to perform: ACTION on resource: RESOURCE because no
    /// identity-based policy allows the ACTION action`. Without a full stop; without the resource for actions that have
    /// none.
    #[must_use]
    pub fn denial_message(&self, request: &Request<'_>) -> String {
        let action = request.action;
        let mut message = format!("User: {} is not authorized to perform: {action}", request.principal.arn());
        if let Some(resource) = request.resource {
            message.push_str(" on resource: ");
            message.push_str(resource);
        }
        match &self.reason {
            Reason::ExplicitDeny { statement, .. } => {
                message.push_str(" with an explicit deny in ");
                message.push_str(statement.layer.with_article());
            }
            Reason::NoAllow { layer, .. } => {
                message.push_str(&format!(" because no {layer} allows the {action} action"));
            }
            Reason::Allowed(_) | Reason::AccountRoot => {}
        }
        message
    }
}

/// For people, without the request.
impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed(statement) => write!(f, "allowed by {statement}"),
            Self::AccountRoot => f.write_str("allowed because the caller is the account's root user"),
            Self::ExplicitDeny { statement, uncertain: false } => write!(f, "denied by {statement}"),
            Self::ExplicitDeny { statement, uncertain: true } => {
                write!(f, "denied by {statement}, which cannot be evaluated for this request")
            }
            Self::NoAllow { layer, nearest } => {
                write!(f, "denied because no {layer} allows it")?;
                nearest.map_or(Ok(()), |nearest| write!(f, "; {nearest}"))
            }
        }
    }
}
