//! AWS Secrets Manager (API version 2017-10-17).
//!
//! A secret is one row with all its metadata; each version's value is a row of its own, sealed under a data key of its
//! own with ARN and version id as associated data. So a read touches two rows.

mod condition;
mod errors;
mod jobs;
mod list;
mod model;
mod name;
mod ops;
mod password;
mod service_events;
mod value;
mod versions;

use std::sync::Arc;

use keeptrail_envelope::Keyring;
use keeptrail_operation::{ErrorCode, Json, Service, ServiceMeta, codes};
use keeptrail_wire::{MessageKey, Protocol};

pub use jobs::{LastAccess, VersionDeletion};

/// What is fixed about the service.
pub static META: ServiceMeta = ServiceMeta {
    name: "secretsmanager",
    signing_name: "secretsmanager",
    event_source: "secretsmanager.amazonaws.com",
    api_version: None,
    global_region: None,
    json: Some(Json { targets: &["secretsmanager"], protocol: Protocol::AwsJson11, message_key: MessageKey::Upper }),
    query: None,
    cbor: None,
    access_denied: codes::ACCESS_DENIED,
    internal: ErrorCode::server("InternalServiceError"),
};

/// What the operations share.
pub struct Secrets {
    keyring: Arc<Keyring>,
}

impl Secrets {
    /// Secrets sealed under `keyring`.
    #[must_use]
    pub fn new(keyring: Arc<Keyring>) -> Arc<Self> {
        Arc::new(Self { keyring })
    }
}

/// The service, ready to be served.
#[must_use]
pub fn service(secrets: &Arc<Secrets>) -> Service {
    Service::new(&META, ops::operations(secrets))
}
