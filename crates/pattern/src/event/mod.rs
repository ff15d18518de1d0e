//! EventBridge event patterns.
//!
//! ```
//! use keeptrail_pattern::event::EventPattern;
//!
//! let pattern = EventPattern::parse(r#"{"source": ["aws.secretsmanager"], "detail": {"eventName": [{"prefix": "Get"}]}}"#)?;
//! let event = serde_json::json!({"source": "aws.secretsmanager", "detail": {"eventName": "GetSecretValue"}});
//! assert!(pattern.matches(&event));
//! # Ok::<(), keeptrail_pattern::event::EventPatternError>(())
//! ```
//!
//! Rules and messages follow AWS's own open matcher, event-ruler, and messages recorded from the service.

mod expression;
pub(crate) mod ip;
mod matcher;
mod operators;
mod parse;
mod tokens;
mod wildcard;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::document::{Document, Node};

pub(crate) use operators::{Operator, fold_into};

use matcher::Fields;

/// Longest event pattern, in characters: the raised quota. The service's own validation stops at 2,048 before.
pub const MAX_LENGTH: usize = 4096;

/// The most alternatives that `$or` may multiply to in one pattern.
pub const MAX_BRANCHES: usize = 1000;

/// An event pattern that EventBridge refuses. The message is the service's, word for word where it is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Event pattern is not valid. Reason: {reason}")]
pub struct EventPatternError {
    /// What follows `Reason: `, with the place in the pattern where AWS gives one.
    pub reason: String,
}

/// The alternatives for one field, by its full name.
pub(crate) type Branch = BTreeMap<String, Arc<[Operator]>>;

/// A parsed event pattern.
#[derive(Clone, Debug)]
pub struct EventPattern {
    source: String,
    branches: Vec<Branch>,
    compiled: Vec<Fields>,
}

impl EventPattern {
    /// Parses an event pattern.
    ///
    /// Of two values for one field the last counts, as for EventBridge; `$or` is an operator when it holds an array of
    /// at least two objects that are no operators themselves, and an ordinary field name otherwise.
    ///
    /// # Errors
    /// The reason, in AWS's words.
    pub fn parse(source: &str) -> Result<Self, EventPatternError> {
        let branches = parse::parse(source)?;
        let compiled = branches.iter().map(Fields::new).collect();
        Ok(Self { source: source.to_owned(), branches, compiled })
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The full names of the fields that the pattern asks for, each once: `detail.eventName`.
    pub fn names(&self) -> Vec<String> {
        let names: BTreeSet<&String> = self.branches.iter().flat_map(Branch::keys).collect();
        names.into_iter().cloned().collect()
    }

    /// Whether an event matches. Numbers that `serde_json` had to round are compared rounded; where the text of the
    /// event is at hand, [`Self::matches_document`] is exact.
    pub fn matches(&self, event: &Value) -> bool {
        self.matches_node(event)
    }

    /// Whether a parsed event matches.
    pub fn matches_document(&self, event: &Document<'_>) -> bool {
        self.matches_node(&event.root)
    }

    fn matches_node<N: Node>(&self, event: &N) -> bool {
        event.is_object() && self.compiled.iter().any(|fields| fields.match_event(event))
    }

    /// The alternatives that `$or` makes, each a conjunction of fields.
    pub(crate) fn branches(&self) -> &[Branch] {
        &self.branches
    }
}

impl PartialEq for EventPattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for EventPattern {}

impl std::str::FromStr for EventPattern {
    type Err = EventPatternError;

    fn from_str(source: &str) -> Result<Self, EventPatternError> {
        Self::parse(source)
    }
}

#[cfg(test)]
mod errors_tests;
#[cfg(test)]
mod guide_tests;
#[cfg(test)]
mod tests;
