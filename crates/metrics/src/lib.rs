//! Amazon CloudWatch: metrics and alarms.
//!
//! [`Metrics::put`] takes datapoints in and, in the same transaction, evaluates every alarm that watches their metrics;
//! so the change of state, its history, its event and its notices commit with the datapoint that caused them, once. What
//! time alone changes (data that grows old, missing data) is found by the [`Evaluation`](tasks::Evaluation) task, each
//! minute for the alarms it may concern.
//!
//! Not carried out, and refused: metric math, composite alarms, anomaly detection, percentiles.

mod alarm;
mod constraint;
mod datum;
mod evaluate;
mod event;
mod history;
mod metric;
mod notice;
mod ops;
mod ports;
mod reason;
mod region;
mod series;
mod statistics;
pub mod tasks;
mod token;
mod watch;

use std::sync::Arc;

use keeptrail_operation::{ErrorCode, Json, Query, Service, ServiceMeta};

pub use alarm::{Alarm, Comparison, Configuration, State, StateValue, TreatMissingData};
pub use datum::{MetricDatum, Resolution};
pub use evaluate::{Datapoint, Evaluation, Range, evaluate, range};
pub use metric::{Dimension, Metric};
pub use ports::{ActionError, AlarmActions, AlarmEvent, EventSink, Notice};
pub use statistics::{Statistic, StatisticSet};
pub use watch::Metrics;

/// What is fixed about the service. Its IAM prefix, its signing name and its event source are three names on AWS.
pub const META: ServiceMeta = ServiceMeta {
    name: "cloudwatch",
    signing_name: "monitoring",
    event_source: "monitoring.amazonaws.com",
    api_version: None,
    global_region: None,
    json: Some(Json {
        targets: &["GraniteServiceVersion20100801"],
        protocol: keeptrail_wire::Protocol::AwsJson10,
        message_key: keeptrail_wire::MessageKey::Lower,
    }),
    query: Some(Query { version: "2010-08-01", namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/" }),
    cbor: Some("GraniteServiceVersion20100801"),
    access_denied: ErrorCode::sender("AccessDeniedException").in_query("AccessDenied").with_status(403),
    internal: ErrorCode::server("InternalServiceFault").in_query("InternalServiceError"),
};

/// The service, ready to be served.
#[must_use]
pub fn service(state: Arc<Metrics>) -> Service {
    Service::new(&META, ops::operations(&state))
}
