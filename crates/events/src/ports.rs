//! What rules need of other services. The binary's wiring adapts it.

use async_trait::async_trait;
use keeptrail_store::{StoreError, Tx};

/// One delivery of an event to a rule's target.
pub struct Delivery<'a> {
    /// The target: the ARN of an SNS topic.
    pub target_arn: &'a str,
    /// The rule: the `aws:SourceArn` of the calling service `events.amazonaws.com`.
    pub rule_arn: &'a str,
    /// The rule's account: the `aws:SourceAccount`.
    pub account: &'a str,
    /// The rule's region.
    pub region: &'a str,
    /// What the target gets: JSON as text, unless the rule's template makes something else of it.
    pub input: String,
}

/// Why a delivery was not made.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The target does not take the event: there is none, or its policy does not allow it. It is counted and logged;
    /// whatever caused the event stands.
    #[error("{0}")]
    Refused(String),
    /// The store failed: the whole transaction fails.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Where rules deliver to.
#[async_trait]
pub trait Target: Send + Sync + 'static {
    /// Queues the delivery in `tx`, to be made when `tx` commits.
    async fn deliver(&self, tx: &Tx, delivery: &Delivery<'_>) -> Result<(), TargetError>;
}
