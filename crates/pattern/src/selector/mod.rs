//! CloudTrail event selectors: which records a trail or an event data store takes.
//!
//! Secrets Manager logs its calls, reads included, as management events, and AWS knows no data events for secrets. The
//! resource type `AWS::SecretsManager::Secret` is accepted here all the same, in both kinds of selector: it selects the
//! Secrets Manager records that concern a secret, whatever their category, so that instructions which turn on "data
//! events for Secrets Manager" select what they promise.

mod advanced;
mod basic;
mod record;
mod shapes;

use serde_json::Value;

use crate::document::{Document, Node};

use advanced::Advanced;
use basic::Basic;
use record::Record;

pub use shapes::{AdvancedEventSelector, AdvancedFieldSelector, DataResource, EventSelector};

/// The resource type of a secret.
pub const SECRET: &str = "AWS::SecretsManager::Secret";

/// Selectors that cannot be carried out. On the wire this is `InvalidEventSelectorsException` with this message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SelectorError {
    /// What is wrong, as a sentence.
    pub message: String,
}

impl SelectorError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

#[derive(Clone, Debug)]
enum Kind {
    Basic(Vec<Basic>),
    Advanced(Vec<Advanced>),
}

/// Compiled selectors.
#[derive(Clone, Debug)]
pub struct Selectors {
    kind: Kind,
}

/// Without selectors of its own a trail takes all management events.
impl Default for Selectors {
    fn default() -> Self {
        Self { kind: Kind::Basic(vec![Basic::management()]) }
    }
}

impl Selectors {
    /// Compiles the basic selectors of a trail.
    ///
    /// # Errors
    /// No selectors or more than five, more than 250 data resources in all, or a value that AWS does not know.
    pub fn basic(selectors: &[EventSelector]) -> Result<Self, SelectorError> {
        basic::compile(selectors).map(|selectors| Self { kind: Kind::Basic(selectors) })
    }

    /// Compiles the advanced selectors of a trail.
    ///
    /// # Errors
    /// Fields, operators and values beyond what AWS takes for a trail, or more than 500 values in all.
    pub fn advanced(selectors: &[AdvancedEventSelector]) -> Result<Self, SelectorError> {
        advanced::compile(selectors, advanced::Scope::Trail).map(|selectors| Self { kind: Kind::Advanced(selectors) })
    }

    /// Compiles the selectors of an event data store, which may test more fields and take more categories.
    ///
    /// # Errors
    /// As [`Self::advanced`].
    pub fn data_store(selectors: &[AdvancedEventSelector]) -> Result<Self, SelectorError> {
        advanced::compile(selectors, advanced::Scope::DataStore)
            .map(|selectors| Self { kind: Kind::Advanced(selectors) })
    }

    /// Whether a CloudTrail record is selected.
    pub fn selects(&self, record: &Value) -> bool {
        self.selects_node(record)
    }

    /// Whether a parsed CloudTrail record is selected.
    pub fn selects_document(&self, record: &Document<'_>) -> bool {
        self.selects_node(&record.root)
    }

    fn selects_node<N: Node>(&self, record: &N) -> bool {
        let record = Record::new(record);
        match &self.kind {
            Kind::Basic(selectors) => selectors.iter().any(|selector| selector.selects(&record)),
            Kind::Advanced(selectors) => selectors.iter().any(|selector| selector.selects(&record)),
        }
    }
}

#[cfg(test)]
mod tests;
