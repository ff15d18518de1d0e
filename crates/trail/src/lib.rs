//! AWS CloudTrail (2013-11-01): trails, selectors, log files, event history.
//!
//! Three readers of the journal live here: one delivers to log groups at once, in its own transaction, so that filters and
//! alarms follow exactly once; one spools what log files will hold, which a task writes at an interval; one keeps the event
//! history.

mod errors;
pub mod history;
pub mod jobs;
mod model;
mod name;
mod ops;
mod ports;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, ErrorCode, Json, ServiceMeta, codes};
use keeptrail_wire::{MessageKey, Protocol};

pub use ports::{
    BucketProblem, DataStoreTags, LogProblem, LogSink, ObjectSink, Tags, TopicProblem, TopicSink, TrailEvent,
};

/// What is fixed about the service.
pub static META: ServiceMeta = ServiceMeta {
    name: "cloudtrail",
    signing_name: "cloudtrail",
    event_source: "cloudtrail.amazonaws.com",
    api_version: None,
    global_region: None,
    json: Some(Json {
        targets: &["com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", "CloudTrail_20131101"],
        protocol: Protocol::AwsJson11,
        message_key: MessageKey::Lower,
    }),
    query: None,
    cbor: None,
    access_denied: codes::ACCESS_DENIED,
    internal: ErrorCode::server("InternalFailure"),
};

/// What the operations share.
pub struct Trails {
    objects: Arc<dyn ObjectSink>,
    logs: Arc<dyn LogSink>,
    topics: Arc<dyn TopicSink>,
    data_stores: Arc<dyn DataStoreTags>,
}

impl Trails {
    /// Trails that deliver through these.
    #[must_use]
    pub fn new(
        objects: Arc<dyn ObjectSink>,
        logs: Arc<dyn LogSink>,
        topics: Arc<dyn TopicSink>,
        data_stores: Arc<dyn DataStoreTags>,
    ) -> Arc<Self> {
        Arc::new(Self { objects, logs, topics, data_stores })
    }
}

/// Every operation of trails and of the event history; those of event data stores join them under the same name.
#[must_use]
pub fn operations(trails: &Arc<Trails>) -> Vec<Arc<dyn AnyOperation>> {
    ops::operations(trails)
}
