//! Amazon S3 (API version 2006-03-01): buckets and objects, for trails and for people.
//!
//! The wire format is that of the `s3s` crate, which knows nothing of callers: each of its requests runs as an
//! [operation](keeptrail_operation::Operation), so that nothing is done that was not authorised and is not recorded.
//! Content is written into a blob first, and counts once a row names it.

mod access;
mod asked;
mod blobs;
mod bucket_policy;
mod checksums;
mod conditions;
mod content;
mod delivery;
mod errors;
mod front;
mod listing;
mod model;
mod ops;
mod reading;
mod serve;
mod sweep;
#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc};

use keeptrail_clock::{Clock, Random};
use keeptrail_operation::{Ledger, Meta, ServiceMeta};
use s3s::{
    config::{S3Config, StaticConfigProvider},
    service::{S3Service, S3ServiceBuilder},
};

pub use delivery::{Delivery, DeliveryProblem};
pub use reading::{BucketFacts, Listed, ReadProblem};
pub use s3s::Body;
pub use sweep::Sweep;

use blobs::Blobs;
use front::Front;

/// What is fixed about the service.
pub static META: ServiceMeta = ServiceMeta {
    name: "s3",
    signing_name: "s3",
    event_source: "s3.amazonaws.com",
    api_version: None,
    global_region: None,
    json: None,
    query: None,
    cbor: None,
    access_denied: errors::ACCESS_DENIED,
    internal: errors::INTERNAL,
};

/// The largest XML body: completing an upload of 10,000 parts.
const LARGEST_XML: usize = 4 << 20;

/// Why the buckets cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the directory of objects cannot be opened: {0}")]
pub struct OpenError(String);

/// Buckets and objects: what the operations share.
pub struct Buckets {
    ledger: Arc<dyn Ledger>,
    clock: Clock,
    random: Random,
    blobs: Blobs,
}

impl Buckets {
    /// The buckets whose rows `ledger` keeps and whose content lies below `directory`.
    ///
    /// # Errors
    /// When the directory cannot be made or read.
    pub async fn open(
        ledger: Arc<dyn Ledger>,
        clock: Clock,
        random: Random,
        directory: &Path,
    ) -> Result<Arc<Self>, OpenError> {
        let blobs = Blobs::open(directory).await.map_err(|error| match std::error::Error::source(&error) {
            Some(source) => OpenError(format!("{}: {source}", directory.display())),
            None => OpenError(format!("{}: {error}", directory.display())),
        })?;
        Ok(Arc::new(Self { ledger, clock, random, blobs }))
    }
}

/// What is fixed about each operation, by its name in the API: s3s calls them, so there is no table to serve them from.
#[must_use]
pub fn operations() -> &'static [(&'static str, &'static Meta)] {
    front::OPERATIONS
}

/// The way in for S3 requests.
#[derive(Clone)]
pub struct Gate {
    service: S3Service,
}

impl Gate {
    /// The way to `buckets`.
    #[must_use]
    pub fn new(buckets: &Arc<Buckets>) -> Self {
        let mut builder = S3ServiceBuilder::new(Front(Arc::clone(buckets)));
        let mut config = S3Config::default();
        config.xml_max_body_size = LARGEST_XML;
        // Forms are refused before s3s sees them: it would keep a file in memory.
        config.post_object_max_file_size = 0;
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        Self { service: builder.build() }
    }
}
