//! Values on their way in.

use keeptrail_clock::Timestamp;

use crate::{Metric, StatisticSet};

/// How finely a datapoint is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Resolution {
    /// By the minute.
    #[default]
    Minute,
    /// By the second, for three hours, and by the minute.
    Second,
}

/// Values of one metric at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDatum {
    /// The metric.
    pub metric: Metric,
    /// When the values were measured.
    pub timestamp: Timestamp,
    /// The values' unit; `None` is the API's unit "None".
    pub unit: Option<String>,
    /// The values.
    pub statistics: StatisticSet,
    /// How finely they are kept.
    pub resolution: Resolution,
}
