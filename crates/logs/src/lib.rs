//! Amazon CloudWatch Logs: groups, streams, events, metric filters.
//!
//! [`Logs::append`] is the one way in, for `PutLogEvents` and for a trail alike: it writes the events as compressed
//! chunks and runs the group's metric filters over them, in the caller's transaction.

mod append;
mod chunk;
mod constraint;
mod metric_filter;
mod model;
mod ops;
mod ports;
mod position;
mod read;
pub mod tasks;
mod token;

use std::sync::Arc;

use keeptrail_operation::{ErrorCode, Json, Service, ServiceMeta, codes};

pub use append::{LogEvent, Logs, LogsError};
pub use ports::{MetricDatum, MetricSink};

/// What is fixed about the service.
pub const META: ServiceMeta = ServiceMeta {
    name: "logs",
    signing_name: "logs",
    event_source: "logs.amazonaws.com",
    api_version: Some("20140328"),
    global_region: None,
    json: Some(Json {
        targets: &["Logs_20140328"],
        protocol: keeptrail_wire::Protocol::AwsJson11,
        message_key: keeptrail_wire::MessageKey::Lower,
    }),
    query: None,
    cbor: None,
    access_denied: codes::ACCESS_DENIED,
    internal: ErrorCode::server("InternalFailure"),
};

/// The service, ready to be served.
#[must_use]
pub fn service(state: Arc<Logs>) -> Service {
    Service::new(&META, ops::operations(&state))
}
