//! Archives in a bucket.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, aws::AmazonS3Builder, path::Path};
use url::Url;

use crate::{ArchiveError, Fault, FaultReason, Listing, Object, Range};

/// A larger object is no log file: CloudTrail's are a few megabytes.
const MAX_OBJECT: u64 = 256 << 20;

/// A prefix in a bucket.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    store: Arc<dyn ObjectStore>,
    prefix: String,
}

impl Remote {
    /// `s3://bucket/prefix`, with endpoint, region and credentials from AWS's environment variables.
    pub(crate) fn open(url: &Url) -> Result<Self, ArchiveError> {
        let bucket = url.host_str().filter(|bucket| !bucket.is_empty());
        let bucket = bucket.ok_or_else(|| ArchiveError::Location { text: url.to_string(), wrong: "it names no bucket" })?;
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_allow_http(true);
        // `aws` and the SDKs let the endpoint of S3 alone be set beside that of all services.
        if let Ok(endpoint) = std::env::var("AWS_ENDPOINT_URL_S3") {
            builder = builder.with_endpoint(endpoint);
        }
        let store = builder.build().map_err(|error| ArchiveError::Remote(error.to_string()))?;
        Ok(Self { store: Arc::new(store), prefix: url.path().trim_start_matches('/').to_owned() })
    }

    pub(crate) async fn list(&self, range: &Range, seen: &(dyn Fn(u64) + Sync)) -> Result<Listing, ArchiveError> {
        let mut listing = Listing::default();
        let mut count = 0;
        // A prefix ends in the middle of a name as on S3; the store's own prefixes end at a slash.
        let folder = self.prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = (!folder.is_empty()).then(|| Path::from(folder));
        let mut objects = self.store.list(folder.as_ref());
        while let Some(meta) = objects.try_next().await.map_err(|error| ArchiveError::Remote(error.to_string()))? {
            let key = meta.location.to_string();
            if !key.starts_with(&self.prefix) {
                continue;
            }
            count += 1;
            seen(count);
            let version = meta.e_tag.unwrap_or_else(|| meta.last_modified.timestamp_millis().to_string());
            listing.add(Object { key, size: meta.size, version }, range);
        }
        Ok(listing)
    }

    pub(crate) async fn get(&self, object: &Object) -> Result<Bytes, Fault> {
        let fault = |reason| Fault { reason, offset: 0 };
        if object.size > MAX_OBJECT {
            return Err(fault(FaultReason::Io(format!("{} bytes are more than a log file has", object.size))));
        }
        let read = async { self.store.get(&Path::from(object.key.as_str())).await?.bytes().await };
        read.await.map_err(|error: object_store::Error| fault(FaultReason::Io(error.to_string())))
    }
}
