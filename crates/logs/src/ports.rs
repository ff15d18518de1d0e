//! What log groups need of other services. The binary's wiring adapts it.

use async_trait::async_trait;
use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::Timestamp;
use keeptrail_store::{StoreError, Tx};

/// What a metric filter found in one batch and one minute.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDatum {
    /// The metric's namespace.
    pub namespace: String,
    /// The metric's name.
    pub name: String,
    /// Names and values of dimensions.
    pub dimensions: Vec<(String, String)>,
    /// The unit; `None` is the API's unit "None".
    pub unit: Option<String>,
    /// The minute of the events.
    pub timestamp: Timestamp,
    /// How many values.
    pub sample_count: f64,
    /// Their sum.
    pub sum: f64,
    /// The least of them.
    pub minimum: f64,
    /// The greatest of them.
    pub maximum: f64,
}

/// Where metric filters put their values.
#[async_trait]
pub trait MetricSink: Send + Sync + 'static {
    /// Takes `data` in, in `tx`: the values count if and only if the log events do.
    async fn put(&self, tx: &Tx, account: &AccountId, region: &Region, data: &[MetricDatum]) -> Result<(), StoreError>;
}
