//! Archives in a bucket.

use bytes::Bytes;
use url::Url;

use crate::{
    ArchiveError, Fault, FaultReason, Listing, Object, Range,
    s3::{Bucket, S3Error},
};

/// A larger object is no log file: CloudTrail's are a few megabytes.
const MAX_OBJECT: u64 = 256 << 20;

/// A prefix in a bucket.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    bucket: Bucket,
    prefix: String,
}

impl Remote {
    /// `s3://bucket/prefix`, with endpoint, region and credentials from AWS's environment variables.
    pub(crate) fn open(url: &Url) -> Result<Self, ArchiveError> {
        let name = url.host_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| ArchiveError::Location { text: url.to_string(), wrong: "it names no bucket" })?;
        let bucket = Bucket::open(name, |name| std::env::var(name).ok()).map_err(remote)?;
        Ok(Self { bucket, prefix: url.path().trim_start_matches('/').to_owned() })
    }

    pub(crate) async fn list(&self, range: &Range, seen: &(dyn Fn(u64) + Sync)) -> Result<Listing, ArchiveError> {
        let mut listing = Listing::default();
        let mut count = 0;
        let mut after = None;
        loop {
            let page = self.bucket.list(&self.prefix, after.as_deref()).await.map_err(remote)?;
            // Consoles mark folders with empty objects.
            for entry in page.contents.into_iter().filter(|entry| !entry.key.ends_with('/')) {
                count += 1;
                seen(count);
                let version = entry.entity_tag.unwrap_or(entry.last_modified);
                listing.add(Object { key: entry.key, size: entry.size, version }, range);
            }
            after = page.next_continuation_token;
            if after.is_none() {
                return Ok(listing);
            }
        }
    }

    pub(crate) async fn get(&self, object: &Object) -> Result<Bytes, Fault> {
        let fault = |reason| Fault { reason: FaultReason::Io(reason), offset: 0 };
        if object.size > MAX_OBJECT {
            return Err(fault(format!("{} bytes are more than a log file has", object.size)));
        }
        self.bucket.object(&object.key).await.map_err(|error| fault(error.to_string()))
    }
}

fn remote(error: S3Error) -> ArchiveError {
    ArchiveError::Remote(error.to_string())
}
