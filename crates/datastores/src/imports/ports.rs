//! What imports need of other services. The binary's wiring adapts these.

use std::sync::Arc;

use async_trait::async_trait;
use keeptrail_archive::Objects;
use keeptrail_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};

/// Where log files are read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFrom {
    /// The account that imports.
    pub account: String,
    /// The bucket.
    pub bucket: String,
    /// What the objects' keys begin with; when it is empty, only keys of trails' log files are meant:
    /// `…AWSLogs/…/CloudTrail/…`.
    pub prefix: String,
    /// The bucket's region, as the caller says.
    pub region: String,
    /// The role under which the bucket is read.
    pub role_arn: String,
    /// The event data store, `aws:SourceArn` in the role's policies.
    pub store_arn: String,
}

/// Why a bucket cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceProblem {
    /// There is no such bucket in the account and region.
    #[error("there is no such bucket in this account and region")]
    NoBucket,
    /// The role does not trust CloudTrail, or may not read.
    #[error("{0}")]
    Role(String),
    /// It cannot be read now.
    #[error("the bucket cannot be read: {0}")]
    Unavailable(String),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Where imports come from.
#[async_trait]
pub trait ImportSource: Send + Sync + 'static {
    /// Whether the role lets CloudTrail list the bucket and read objects under the prefix.
    async fn check(&self, tx: &Tx, from: &ImportFrom) -> Result<(), SourceProblem>;

    /// The objects. Each is read under the role, as it stands then.
    fn objects(&self, from: &ImportFrom) -> Arc<dyn Objects>;
}
