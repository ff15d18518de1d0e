//! What queries need of other services. The binary's wiring adapts these.

use async_trait::async_trait;
use bytes::Bytes;
use keeptrail_store::{StoreError, Tx};

/// Why a bucket does not take results.
#[derive(Debug, thiserror::Error)]
pub enum ResultProblem {
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

/// One file of a query's results.
#[derive(Debug, Clone)]
pub struct ResultFile<'a> {
    /// The account that asked.
    pub account: &'a str,
    /// The bucket.
    pub bucket: &'a str,
    /// The object's key.
    pub key: &'a str,
    /// The event data store that was asked: `aws:SourceArn` in the bucket's policy.
    pub store_arn: &'a str,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The content.
    pub body: Bytes,
}

/// Where results go.
#[async_trait]
pub trait ResultSink: Send + Sync + 'static {
    /// Whether results of the store may be put below `folder`, which ends with a slash, as the bucket's policy stands.
    async fn check(
        &self,
        tx: &Tx,
        account: &str,
        bucket: &str,
        folder: &str,
        store_arn: &str,
    ) -> Result<(), ResultProblem>;

    /// Writes a file; durable on return. The same key with the same body may be written again.
    async fn put(&self, file: &ResultFile<'_>) -> Result<(), ResultProblem>;
}
