//! Objects for other services, such as imports of log files. Who may read them is asked by the caller.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use keeptrail_arn::{AccountId, Region};
use keeptrail_policy::Policy;
use keeptrail_store::{StoreError, Tx};

use crate::{
    Buckets, listing,
    model::{Bucket, Object},
};

/// Why an object cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadProblem {
    /// There is no such object.
    #[error("there is no object {0}")]
    NoObject(String),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The bucket's policy or the content cannot be read.
    #[error("{0}")]
    Failed(String),
}

/// A bucket, for those who decide about access to it.
#[derive(Debug, Clone)]
pub struct BucketFacts {
    /// Whose it is.
    pub account: AccountId,
    /// Where it is.
    pub region: Region,
    /// Its policy.
    pub policy: Option<Arc<Policy>>,
}

/// An object of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its bytes.
    pub size: u64,
    /// Its entity tag.
    pub etag: String,
}

impl Buckets {
    /// The bucket of this name, if there is one.
    ///
    /// # Errors
    /// When its row or policy cannot be read.
    pub async fn facts(&self, tx: &Tx, bucket: &str) -> Result<Option<BucketFacts>, ReadProblem> {
        let Some(found) = Bucket::find(tx, bucket).await? else { return Ok(None) };
        let policy = found.compiled_policy().map_err(|error| ReadProblem::Failed(error.to_string()))?;
        Ok(Some(BucketFacts { account: found.account.clone(), region: found.region.clone(), policy }))
    }

    /// Up to `limit` objects whose keys begin with `prefix` and come after `after`, and where the next page begins.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list(
        &self,
        tx: &Tx,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Listed>, Option<String>), ReadProblem> {
        let query = listing::Query { bucket, prefix, delimiter: None, after, limit };
        let listing::Listing { objects, next, .. } = listing::list(tx, &query).await?;
        let listed =
            objects.into_iter().map(|(key, object)| Listed { key, size: object.size, etag: object.etag.clone() });
        Ok((listed.collect(), next))
    }

    /// The whole content of an object.
    ///
    /// # Errors
    /// When there is no such object, or it cannot be read.
    pub async fn content(&self, tx: &Tx, bucket: &str, key: &str) -> Result<Bytes, ReadProblem> {
        let found = Object::find(tx, bucket, key).await?;
        let object = found.ok_or_else(|| ReadProblem::NoObject(key.to_owned()))?;
        let chunks: Vec<Bytes> = self
            .blobs
            .read(&object.pieces, 0..object.size)
            .try_collect()
            .await
            .map_err(|error| ReadProblem::Failed(error.to_string()))?;
        match <[Bytes; 1]>::try_from(chunks) {
            Ok([only]) => Ok(only),
            Err(chunks) => Ok(chunks.concat().into()),
        }
    }
}
