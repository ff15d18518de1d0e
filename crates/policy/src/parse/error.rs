//! What is wrong with a policy document, in AWS's words and in ours.

use std::borrow::Cow;

use crate::document::PolicyKind;

/// What a document was refused for, roughly: services that have their own words for it choose by this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyFault {
    /// No JSON, or a shape that the grammar does not have: unknown or repeated elements, missing ones, wrong types.
    Syntax,
    /// The `Version` is not one the kind of policy may have.
    Version,
    /// A value that its element or operator does not take: a malformed date, a variable that is not closed.
    Value,
    /// A repeated statement id, or one with characters that are not allowed.
    Sid,
    /// A missing, prohibited or malformed principal.
    Principal,
    /// A missing or malformed action, or one that the kind of policy may not have.
    Action,
    /// A missing, prohibited or malformed resource.
    Resource,
}

/// A refused policy document. Displays as AWS's literal message, which goes to the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PolicyError {
    fault: PolicyFault,
    message: Cow<'static, str>,
    detail: String,
}

impl PolicyError {
    pub(super) fn new(fault: PolicyFault, message: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { fault, message: message.into(), detail: detail.into() }
    }

    /// What kind of fault it is.
    #[must_use]
    pub fn fault(&self) -> PolicyFault {
        self.fault
    }

    /// AWS's message: IAM's for policies of IAM and Organizations, S3's for resource policies.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What exactly is wrong and in which statement, since AWS's messages seldom say.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// The words of the two families of services.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) PolicyKind);

impl Words {
    fn of_s3(self) -> bool {
        self.0 == PolicyKind::Resource
    }

    /// The text is no JSON.
    pub(super) fn json(self, detail: impl Into<String>) -> PolicyError {
        let message = match self.0 {
            PolicyKind::Resource => "Policies must be valid JSON and the first byte must be '{'",
            PolicyKind::Trust => "This policy contains invalid Json",
            _ => "Syntax errors in policy.",
        };
        PolicyError::new(PolicyFault::Syntax, message, detail)
    }

    /// A shape that the grammar does not have.
    pub(super) fn syntax(self, detail: impl Into<String>) -> PolicyError {
        let message = if self.of_s3() { "Invalid policy syntax." } else { "Syntax errors in policy." };
        PolicyError::new(PolicyFault::Syntax, message, detail)
    }

    pub(super) fn unknown(self, element: &str, place: &str) -> PolicyError {
        let detail = format!("unknown element {element:?} in {place}");
        if self.of_s3() {
            return PolicyError::new(PolicyFault::Syntax, format!("Unknown field {element}"), detail);
        }
        self.syntax(detail)
    }

    pub(super) fn missing(self, element: &str, place: &str) -> PolicyError {
        let detail = format!("{place} has no {element}");
        if self.of_s3() {
            return PolicyError::new(PolicyFault::Syntax, format!("Missing required field {element}"), detail);
        }
        self.syntax(detail)
    }

    pub(super) fn effect(self, effect: &str, place: &str) -> PolicyError {
        let detail = format!("the effect of {place} is {effect:?}");
        if self.of_s3() {
            return PolicyError::new(PolicyFault::Syntax, format!("Invalid effect: {effect}"), detail);
        }
        // IAM's first parser ignores case and its second does not.
        if effect.eq_ignore_ascii_case("Allow") || effect.eq_ignore_ascii_case("Deny") {
            return self.value(detail);
        }
        self.syntax(detail)
    }

    pub(super) fn version(self, detail: impl Into<String>) -> PolicyError {
        let message = match self.0 {
            PolicyKind::Resource => "The policy must contain a valid version string",
            _ => "Policy document must be version 2012-10-17 or greater.",
        };
        PolicyError::new(PolicyFault::Version, message, detail)
    }

    /// A value that its element or operator does not take.
    pub(super) fn value(self, detail: impl Into<String>) -> PolicyError {
        let message = if self.of_s3() { "Invalid policy syntax." } else { "The policy failed legacy parsing" };
        PolicyError::new(PolicyFault::Value, message, detail)
    }
}
