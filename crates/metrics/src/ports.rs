//! What alarms need of other services. The binary's wiring adapts these.

use async_trait::async_trait;
use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::Timestamp;
use keeptrail_store::{StoreError, Tx};
use serde_json::Value;

/// What an alarm says to a topic.
#[derive(Debug, Clone)]
pub struct Notice<'a> {
    /// The topic.
    pub topic_arn: &'a str,
    /// The alarm: the `aws:SourceArn` of the publishing service `cloudwatch.amazonaws.com`.
    pub alarm_arn: &'a str,
    /// The alarm's account.
    pub account: &'a AccountId,
    /// The alarm's region.
    pub region: &'a Region,
    /// At most 100 characters.
    pub subject: &'a str,
    /// The message for every kind of subscriber but e-mail: a JSON object as text.
    pub message: &'a str,
    /// The message for e-mail subscribers.
    pub email_text: &'a str,
}

/// Why an action was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The topic does not take the message: there is none, or its policy does not allow it. The alarm's history says so;
    /// the state change stands.
    #[error("{0}")]
    Refused(String),
    /// The store failed: the whole transaction fails.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Where alarms send their notices.
#[async_trait]
pub trait AlarmActions: Send + Sync + 'static {
    /// Queues `notice` in `tx`, to be delivered when `tx` commits.
    async fn notify(&self, tx: &Tx, notice: &Notice<'_>) -> Result<(), ActionError>;
}

/// Something that happened to an alarm, for the default event bus. Its source is `aws.cloudwatch`.
#[derive(Debug, Clone)]
pub struct AlarmEvent<'a> {
    /// The alarm's account.
    pub account: &'a AccountId,
    /// The alarm's region.
    pub region: &'a Region,
    /// When it happened.
    pub time: Timestamp,
    /// `CloudWatch Alarm State Change` or `CloudWatch Alarm Configuration Change`.
    pub detail_type: &'static str,
    /// The alarm.
    pub alarm_arn: &'a str,
    /// The event's `detail`.
    pub detail: Value,
}

/// Where alarms put events.
#[async_trait]
pub trait EventSink: Send + Sync + 'static {
    /// Puts `event` on the default bus, in `tx`.
    async fn put(&self, tx: &Tx, event: AlarmEvent<'_>) -> Result<(), StoreError>;
}
