//! Alarms tell the default event bus of their changes.

use std::sync::Arc;

use async_trait::async_trait;
use keeptrail_events::{EventEntry, Events, EventsError};
use keeptrail_metrics::{AlarmEvent, EventSink};
use keeptrail_store::{StoreError, Tx};

/// The default bus, as alarms see it.
pub(super) struct Bus(pub(super) Arc<Events>);

#[async_trait]
impl EventSink for Bus {
    async fn put(&self, tx: &Tx, event: AlarmEvent<'_>) -> Result<(), StoreError> {
        let entry = EventEntry {
            source: "aws.cloudwatch".to_owned(),
            detail_type: event.detail_type.to_owned(),
            time: event.time,
            resources: vec![event.alarm_arn.to_owned()],
            detail: event.detail,
        };
        let put = self.0.put(tx, event.account, event.region, entry).await;
        put.map(drop).map_err(|error| match error {
            EventsError::Store(error) => error,
            error => StoreError::Unavailable(error.to_string()),
        })
    }
}
