//! Metric filters put their values into metrics.

use async_trait::async_trait;
use keeptrail_arn::{AccountId, Region};
use keeptrail_logs::MetricSink;
use keeptrail_metrics::{Dimension, Metric, MetricDatum, Metrics, Resolution, StatisticSet};
use keeptrail_store::{StoreError, Tx};

/// The metrics, as metric filters see them.
pub(super) struct MetricValues(pub(super) Metrics);

#[async_trait]
impl MetricSink for MetricValues {
    async fn put(
        &self,
        tx: &Tx,
        account: &AccountId,
        region: &Region,
        data: &[keeptrail_logs::MetricDatum],
    ) -> Result<(), StoreError> {
        let data: Vec<_> = data.iter().map(datum).collect();
        self.0.put(tx, account, region, &data).await
    }
}

fn datum(found: &keeptrail_logs::MetricDatum) -> MetricDatum {
    let dimension = |(name, value): &(String, String)| Dimension { name: name.clone(), value: value.clone() };
    MetricDatum {
        metric: Metric {
            namespace: found.namespace.clone(),
            name: found.name.clone(),
            dimensions: found.dimensions.iter().map(dimension).collect(),
        },
        timestamp: found.timestamp,
        unit: found.unit.clone(),
        statistics: StatisticSet {
            sample_count: found.sample_count,
            sum: found.sum,
            minimum: found.minimum,
            maximum: found.maximum,
        },
        resolution: Resolution::Minute,
    }
}
