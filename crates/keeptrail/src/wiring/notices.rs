//! Alarms and rules publish to topics.

use std::sync::Arc;

use async_trait::async_trait;
use keeptrail_events::{Delivery, Target, TargetError};
use keeptrail_metrics::{ActionError, AlarmActions, Notice};
use keeptrail_notify::{Notify, PublishError, Publisher};
use keeptrail_store::{StoreError, Tx};

/// The topics, as alarms see them.
pub(super) struct Topics(pub(super) Arc<Notify>);

#[async_trait]
impl AlarmActions for Topics {
    async fn notify(&self, tx: &Tx, notice: &Notice<'_>) -> Result<(), ActionError> {
        let publisher = Publisher::Service {
            principal: "cloudwatch.amazonaws.com",
            source_arn: notice.alarm_arn,
            source_account: notice.account.as_str(),
        };
        let (subject, message) = (Some(notice.subject), notice.message);
        let published =
            self.0.publish(tx, notice.topic_arn, publisher, subject, message, Some(notice.email_text)).await;
        published.map(drop).map_err(|error| match error {
            PublishError::Store(error) => ActionError::Store(error),
            PublishError::Randomness(error) => ActionError::Store(StoreError::Unavailable(error.to_string())),
            error => ActionError::Refused(error.to_string()),
        })
    }
}

#[async_trait]
impl Target for Topics {
    async fn deliver(&self, tx: &Tx, delivery: &Delivery<'_>) -> Result<(), TargetError> {
        let publisher = Publisher::Service {
            principal: "events.amazonaws.com",
            source_arn: delivery.rule_arn,
            source_account: delivery.account,
        };
        let published = self.0.publish(tx, delivery.target_arn, publisher, None, &delivery.input, None).await;
        published.map(drop).map_err(|error| match error {
            PublishError::Store(error) => TargetError::Store(error),
            PublishError::Randomness(error) => TargetError::Store(StoreError::Unavailable(error.to_string())),
            error => TargetError::Refused(error.to_string()),
        })
    }
}
