//! Alarms, rules and trails publish to topics.

use std::sync::Arc;

use async_trait::async_trait;
use keeptrail_events::{Delivery, Target, TargetError};
use keeptrail_metrics::{ActionError, AlarmActions, Notice};
use keeptrail_notify::{Notify, PublishError, Publisher};
use keeptrail_store::{StoreError, Tx};
use keeptrail_trail::{TopicProblem, TopicSink};

/// The topics, as alarms, rules and trails see them.
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

fn trail<'a>(account: &'a str, trail_arn: &'a str) -> Publisher<'a> {
    Publisher::Service { principal: "cloudtrail.amazonaws.com", source_arn: trail_arn, source_account: account }
}

fn problem(error: PublishError) -> TopicProblem {
    match error {
        PublishError::NoTopic(_) => TopicProblem::NoTopic,
        PublishError::Denied { .. } => TopicProblem::Policy,
        PublishError::Store(error) => TopicProblem::Store(error),
        error => TopicProblem::Unavailable(error.to_string()),
    }
}

#[async_trait]
impl TopicSink for Topics {
    async fn check(&self, tx: &Tx, topic_arn: &str, account: &str, trail_arn: &str) -> Result<(), TopicProblem> {
        self.0.may_publish(tx, topic_arn, trail(account, trail_arn)).await.map_err(problem)
    }

    async fn publish(
        &self,
        tx: &Tx,
        topic_arn: &str,
        account: &str,
        trail_arn: &str,
        message: &str,
    ) -> Result<(), TopicProblem> {
        let published = self.0.publish(tx, topic_arn, trail(account, trail_arn), None, message, None).await;
        published.map(drop).map_err(problem)
    }
}
