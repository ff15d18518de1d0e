//! Amazon EventBridge (API version 2015-10-07): the default event bus, its rules and their targets.
//!
//! All rules of an account and region are one row, so that finding the rules for an event is one read of a row that is
//! kept decoded, with the patterns compiled. [`RuleReader`] makes an event of every audit record; [`Events::put`] takes
//! events from elsewhere. Deliveries join the transaction of what caused them.

mod advice;
mod bus;
mod errors;
mod event;
mod input;
mod model;
mod ops;
mod paging;
mod path;
mod ports;
mod reader;
mod route;
mod tags;
mod template;

use std::sync::Arc;

use keeptrail_clock::{NoRandomness, Random};
use keeptrail_operation::{ErrorCode, Json, Service, ServiceMeta, codes};
use keeptrail_store::StoreError;
use keeptrail_wire::{MessageKey, Protocol};

pub use event::EventEntry;
pub use ports::{Delivery, Target, TargetError};
pub use reader::RuleReader;

/// What is fixed about the service.
pub static META: ServiceMeta = ServiceMeta {
    name: "events",
    signing_name: "events",
    event_source: "events.amazonaws.com",
    api_version: None,
    global_region: None,
    json: Some(Json { targets: &["AWSEvents"], protocol: Protocol::AwsJson11, message_key: MessageKey::Lower }),
    query: None,
    cbor: None,
    access_denied: codes::ACCESS_DENIED,
    internal: ErrorCode::server("InternalException"),
};

/// Why an event was not put on the bus.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The event is no JSON that patterns can be held against: it is nested too deeply.
    #[error("the event is malformed: {0}")]
    Malformed(String),
    /// The store failed: the whole transaction fails.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// There is no randomness for the event's id.
    #[error("there is no randomness for the event's id")]
    Randomness(#[from] NoRandomness),
}

/// The event bus: what the operations and the reader share.
pub struct Events {
    target: Arc<dyn Target>,
    random: Random,
}

impl Events {
    /// A bus whose rules deliver to `target`. `random` makes the events' ids.
    #[must_use]
    pub fn new(target: Arc<dyn Target>, random: Random) -> Arc<Self> {
        Arc::new(Self { target, random })
    }
}

/// The service, ready to be served.
#[must_use]
pub fn service(events: &Arc<Events>) -> Service {
    Service::new(&META, ops::operations(events))
}
