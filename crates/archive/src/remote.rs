//! Archives in a bucket of AWS, or of any server that speaks S3.

use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

use crate::{
    ArchiveError, Object, Objects,
    s3::{Bucket, S3Error},
};

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
        let remote = |error: S3Error| ArchiveError::Remote(error.to_string());
        let bucket = Bucket::open(name, |name| std::env::var(name).ok()).map_err(remote)?;
        Ok(Self { bucket, prefix: url.path().trim_start_matches('/').to_owned() })
    }
}

#[async_trait]
impl Objects for Remote {
    async fn page(&self, after: Option<String>) -> Result<(Vec<Object>, Option<String>), String> {
        let page = self.bucket.list(&self.prefix, after.as_deref()).await.map_err(|error| error.to_string())?;
        let objects = page.contents.into_iter().map(|entry| {
            let version = entry.entity_tag.unwrap_or(entry.last_modified);
            Object { key: entry.key, size: entry.size, version }
        });
        Ok((objects.collect(), page.next_continuation_token))
    }

    async fn get(&self, object: &Object) -> Result<Bytes, String> {
        self.bucket.object(&object.key).await.map_err(|error| error.to_string())
    }
}
