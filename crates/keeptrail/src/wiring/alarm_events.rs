//! Alarms tell the default event bus of their changes.

use async_trait::async_trait;
use keeptrail_metrics::{AlarmEvent, EventSink};
use keeptrail_store::{StoreError, Tx};

/// There is no event bus yet, so no rule can wait for these events.
pub(super) struct NoBus;

#[async_trait]
impl EventSink for NoBus {
    async fn put(&self, _: &Tx, event: AlarmEvent<'_>) -> Result<(), StoreError> {
        tracing::debug!(alarm = event.alarm_arn, "an alarm changed");
        Ok(())
    }
}
