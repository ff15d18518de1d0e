//! What trails need of other services. The binary's wiring adapts these.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use keeptrail_operation::ApiError;
use keeptrail_pattern::document::Document;
use keeptrail_store::{StoreError, Tx};

/// Why a bucket does not take log files.
#[derive(Debug, thiserror::Error)]
pub enum BucketProblem {
    /// There is no such bucket.
    #[error("the bucket does not exist")]
    NoBucket,
    /// Its policy does not let CloudTrail in.
    #[error("the bucket's policy does not let cloudtrail.amazonaws.com deliver")]
    Policy,
    /// It cannot be written now.
    #[error("the bucket cannot be written: {0}")]
    Unavailable(String),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl BucketProblem {
    /// What GetTrailStatus shows: the error code of S3, or in words what only we know.
    pub(crate) fn code(&self) -> String {
        match self {
            Self::NoBucket => "NoSuchBucket".to_owned(),
            Self::Policy => "AccessDenied".to_owned(),
            Self::Unavailable(_) | Self::Store(_) => self.to_string(),
        }
    }
}

/// Where log files go.
#[async_trait]
pub trait ObjectSink: Send + Sync + 'static {
    /// Whether the trail may deliver under `prefix` of the bucket, as its policy stands. The prefix is empty or ends with a
    /// slash.
    async fn check(
        &self,
        tx: &Tx,
        account: &str,
        bucket: &str,
        prefix: &str,
        trail_arn: &str,
    ) -> Result<(), BucketProblem>;

    /// Writes an object for a trail; durable on return. The same key with the same body may be written again.
    async fn put(
        &self,
        account: &str,
        bucket: &str,
        key: &str,
        trail_arn: &str,
        body: Bytes,
        metadata: BTreeMap<String, String>,
    ) -> Result<(), BucketProblem>;
}

/// Why a topic is not told.
#[derive(Debug, thiserror::Error)]
pub enum TopicProblem {
    /// There is no such topic.
    #[error("the topic does not exist")]
    NoTopic,
    /// Its policy does not let CloudTrail publish.
    #[error("the topic's policy does not let cloudtrail.amazonaws.com publish")]
    Policy,
    /// It takes no message now.
    #[error("the topic cannot be told: {0}")]
    Unavailable(String),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl TopicProblem {
    /// What GetTrailStatus shows: the error code of SNS, or in words what only we know.
    pub(crate) fn code(&self) -> String {
        match self {
            Self::NoTopic => "NotFound".to_owned(),
            Self::Policy => "AuthorizationError".to_owned(),
            Self::Unavailable(_) | Self::Store(_) => self.to_string(),
        }
    }
}

/// Who is told of log files.
#[async_trait]
pub trait TopicSink: Send + Sync + 'static {
    /// Whether the topic's policy lets the trail publish.
    async fn check(&self, tx: &Tx, topic_arn: &str, account: &str, trail_arn: &str) -> Result<(), TopicProblem>;

    /// Publishes a message for a trail, in `tx`.
    async fn publish(
        &self,
        tx: &Tx,
        topic_arn: &str,
        account: &str,
        trail_arn: &str,
        message: &str,
    ) -> Result<(), TopicProblem>;
}

/// Why a log group does not take events.
#[derive(Debug, thiserror::Error)]
pub enum LogProblem {
    /// There is no such group.
    #[error("the log group does not exist")]
    NoGroup,
    /// The role does not trust CloudTrail.
    #[error("the role does not trust cloudtrail.amazonaws.com")]
    Trust,
    /// The role may not write to the group, or there is no such role.
    #[error("the role may not write to the log group")]
    Permission,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl LogProblem {
    /// What GetTrailStatus shows.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::NoGroup => "The specified log group does not exist.".to_owned(),
            Self::Trust => "Access denied. Check the trust relationships for your role.".to_owned(),
            Self::Permission => "Access denied. Verify in IAM that the role has adequate permissions.".to_owned(),
            Self::Store(_) => self.to_string(),
        }
    }
}

/// A record on its way to a log group.
#[derive(Debug, Clone, Copy)]
pub struct TrailEvent<'a> {
    /// The record's `eventTime`, in milliseconds since 1970.
    pub time: i64,
    /// The record, verbatim.
    pub message: &'a str,
    /// The record, parsed.
    pub document: &'a Document<'a>,
}

/// Where records go as log events.
#[async_trait]
pub trait LogSink: Send + Sync + 'static {
    /// Whether the role lets CloudTrail write to the stream of the group for the trail, and there is such a group.
    async fn check(
        &self,
        tx: &Tx,
        group_arn: &str,
        role_arn: &str,
        stream: &str,
        trail_arn: &str,
    ) -> Result<(), LogProblem>;

    /// Writes events to a stream of the group, in `tx`.
    async fn append(&self, tx: &Tx, group_arn: &str, stream: &str, events: &[TrailEvent<'_>])
    -> Result<(), LogProblem>;
}

/// Tags: keys and values.
pub type Tags = Vec<(String, Option<String>)>;

/// CloudTrail's other resources with tags. The operations for tagging are one for all of them.
#[async_trait]
pub trait DataStoreTags: Send + Sync + 'static {
    /// The tags of the event data store with this ARN.
    async fn tags(&self, tx: &Tx, account: &str, region: &str, arn: &str) -> Result<Tags, ApiError>;

    /// Sets them, in `tx`.
    async fn set_tags(&self, tx: &Tx, account: &str, region: &str, arn: &str, tags: Tags) -> Result<(), ApiError>;
}
