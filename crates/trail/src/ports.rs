//! What trails need of other services. The binary's wiring adapts these.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
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

/// Where log files go.
#[async_trait]
pub trait ObjectSink: Send + Sync + 'static {
    /// Whether the trail may deliver under `prefix` of the bucket, as its policy stands.
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
    /// Whether the role lets CloudTrail write to the group.
    async fn check(&self, tx: &Tx, group_arn: &str, role_arn: &str) -> Result<(), LogProblem>;

    /// Writes events to a stream of the group, in `tx`.
    async fn append(&self, tx: &Tx, group_arn: &str, stream: &str, events: &[TrailEvent<'_>])
    -> Result<(), LogProblem>;
}
