//! AWS IAM (2010-05-08) and STS (2011-06-15): users, access keys, roles, policies, sessions.
//!
//! Users and roles are one row each with everything that a decision needs; an access key is a row that points to its
//! owner. A session's token is sealed and holds all that the session is, except the role's rights: those are read from the
//! role's row at each call, so that a changed or deleted role takes effect at once.

mod access_key;
mod errors;
mod find;
mod jobs;
mod limits;
mod managed;
mod model;
mod named;
mod ops;
mod role_check;
mod session;
mod sts;
mod validate;

use std::sync::Arc;

use keeptrail_envelope::Keyring;
use keeptrail_operation::{ErrorCode, Query, Service, ServiceMeta};

pub use find::{RootError, ensure_root};
pub use jobs::KeyUses;
pub use role_check::{RoleProblem, ServiceCall, service_may};

const ACCESS_DENIED: ErrorCode = ErrorCode::sender("AccessDenied").with_status(403);
const INTERNAL: ErrorCode = ErrorCode::server("ServiceFailure").in_query("InternalFailure");

/// What is fixed about IAM.
pub static IAM: ServiceMeta = ServiceMeta {
    name: "iam",
    signing_name: "iam",
    event_source: "iam.amazonaws.com",
    api_version: None,
    global_region: Some("us-east-1"),
    json: None,
    query: Some(Query { version: "2010-05-08", namespace: "https://iam.amazonaws.com/doc/2010-05-08/" }),
    cbor: None,
    access_denied: ACCESS_DENIED,
    internal: INTERNAL,
};

/// What is fixed about STS.
pub static STS: ServiceMeta = ServiceMeta {
    name: "sts",
    signing_name: "sts",
    event_source: "sts.amazonaws.com",
    api_version: None,
    global_region: None,
    json: None,
    query: Some(Query { version: "2011-06-15", namespace: "https://sts.amazonaws.com/doc/2011-06-15/" }),
    cbor: None,
    access_denied: ACCESS_DENIED,
    internal: INTERNAL,
};

/// What the operations share.
pub struct Iam {
    keyring: Arc<Keyring>,
}

impl Iam {
    /// Identities whose secrets are sealed under `keyring`.
    #[must_use]
    pub fn new(keyring: Arc<Keyring>) -> Arc<Self> {
        Arc::new(Self { keyring })
    }
}

/// IAM and STS, ready to be served.
#[must_use]
pub fn services(iam: &Arc<Iam>) -> Vec<Service> {
    vec![Service::new(&IAM, ops::operations(iam)), Service::new(&STS, sts::operations(iam))]
}
