//! A policy document, compiled once when it is parsed.

use std::sync::Arc;

use crate::statement::Statement;

/// What a policy is for, which decides the elements it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    /// An inline policy of a user, group or role.
    Identity,
    /// A managed policy: as inline ones, but the version must be 2012-10-17. It may serve as a permissions boundary.
    Managed,
    /// A policy attached to a resource: a secret, a bucket, a topic.
    Resource,
    /// A role's trust policy: who may assume it.
    Trust,
    /// A permissions boundary given as a document of its own.
    Boundary,
    /// A policy passed when a session is made.
    Session,
    /// A service control policy.
    ServiceControl,
}

/// The version of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// 2008-10-17, also of documents without a version: `${…}` is plain text.
    V2008,
    /// 2012-10-17.
    V2012,
}

impl Version {
    pub(crate) fn has_variables(self) -> bool {
        self == Self::V2012
    }
}

/// A parsed and compiled policy document.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) source: Box<str>,
    pub(crate) kind: PolicyKind,
    pub(crate) version: Version,
    pub(crate) id: Option<Box<str>>,
    pub(crate) statements: Box<[Statement]>,
}

impl Policy {
    /// The document as it was given.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What the document was parsed as.
    #[must_use]
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// The version of the language: `2012-10-17`, or `2008-10-17` also when the document gives none.
    #[must_use]
    pub fn version(&self) -> &'static str {
        match self.version {
            Version::V2008 => "2008-10-17",
            Version::V2012 => "2012-10-17",
        }
    }

    /// The document's `Id`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The number of statements.
    #[must_use]
    pub fn statement_count(&self) -> usize {
        self.statements.len()
    }
}

/// A policy with the name that reasons and explanations call it by. Cheap to clone.
#[derive(Debug, Clone)]
pub struct NamedPolicy {
    /// The ARN of a managed policy, the name of an inline one, the ARN of the resource of a resource policy.
    pub name: Arc<str>,
    /// The policy itself.
    pub policy: Arc<Policy>,
}

impl NamedPolicy {
    /// Gives a policy a name.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, policy: Arc<Policy>) -> Self {
        Self { name: name.into(), policy }
    }
}
