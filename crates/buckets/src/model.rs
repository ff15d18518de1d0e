//! What is stored.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::after;
use keeptrail_operation::{ApiError, Timestamp};
use keeptrail_policy::{Policy, PolicyKind};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

/// Buckets by name: names are unique over all accounts, as on AWS.
pub(crate) const BUCKETS: Table<Bucket> = Table::new("buckets.bucket");
/// The names of an account's buckets, by account and name.
pub(crate) const OWNED: Table<()> = Table::new("buckets.owned");
/// Objects by bucket and key.
pub(crate) const OBJECTS: Table<Object> = Table::new("buckets.object");
/// Uploads in parts, by bucket, key and upload id.
pub(crate) const UPLOADS: Table<Upload> = Table::new("buckets.upload");
/// Their parts, by upload id and number (five digits).
pub(crate) const PARTS: Table<Part> = Table::new("buckets.part");
/// The blobs that rows name or named, by id: a blob without a row here is a stray.
pub(crate) const NAMED: Table<()> = Table::new("buckets.blob");
/// Blobs that no row names any more, by the time they may go (see [`due_part`]) and id.
pub(crate) const GARBAGE: Table<()> = Table::new("buckets.garbage");

/// How long a blob stays after the last row that named it went: for readers that are still at it.
const GRACE: Duration = Duration::from_hours(1);

/// A bucket.
#[derive(Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) created: Timestamp,
    pub(crate) policy: Option<String>,
    pub(crate) tags: Vec<Tag>,
    #[serde(skip)]
    compiled: OnceLock<Arc<Policy>>,
}

/// A tag.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

impl Clone for Bucket {
    /// A copy to be changed: its policy is compiled anew.
    fn clone(&self) -> Self {
        Self {
            account: self.account.clone(),
            region: self.region.clone(),
            created: self.created,
            policy: self.policy.clone(),
            tags: self.tags.clone(),
            compiled: OnceLock::new(),
        }
    }
}

impl Bucket {
    pub(crate) fn new(account: AccountId, region: Region, created: Timestamp) -> Self {
        Self { account, region, created, policy: None, tags: Vec::new(), compiled: OnceLock::new() }
    }

    pub(crate) async fn find(tx: &Tx, name: &str) -> Result<Option<Arc<Self>>, StoreError> {
        BUCKETS.get(tx, &[name]).await
    }

    /// The bucket's policy, compiled once for as long as the row is kept in memory.
    pub(crate) fn compiled_policy(&self) -> Result<Option<Arc<Policy>>, ApiError> {
        let Some(text) = &self.policy else { return Ok(None) };
        if let Some(policy) = self.compiled.get() {
            return Ok(Some(Arc::clone(policy)));
        }
        let policy = Arc::new(Policy::parse(text, PolicyKind::Resource).map_err(ApiError::internal)?);
        Ok(Some(Arc::clone(self.compiled.get_or_init(|| policy))))
    }

    pub(crate) fn save(&self, tx: &Tx, name: &str) -> Result<(), StoreError> {
        BUCKETS.put(tx, &[name], self)
    }
}

/// Some bytes of an object, in a blob of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Piece {
    pub(crate) blob: String,
    pub(crate) size: u64,
}

/// What the uploader says about an object's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Headers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    /// Milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<Timestamp>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
}

/// An object.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Object {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) size: u64,
    /// Hexadecimal, without quotes.
    pub(crate) etag: String,
    pub(crate) modified: Timestamp,
    pub(crate) headers: Headers,
    /// Checksums of the whole content by AWS's algorithm name, in base64.
    pub(crate) checksums: BTreeMap<String, String>,
}

/// An upload in parts.
#[derive(Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) initiated: Timestamp,
    pub(crate) headers: Headers,
}

/// A part of an upload.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) number: u16,
    pub(crate) piece: Piece,
    /// MD5 in hexadecimal.
    pub(crate) etag: String,
    pub(crate) modified: Timestamp,
}

impl Object {
    pub(crate) async fn find(tx: &Tx, bucket: &str, key: &str) -> Result<Option<Arc<Self>>, StoreError> {
        OBJECTS.get(tx, &[bucket, key]).await
    }

    /// Puts the object in the place of what was there, whose blobs go.
    pub(crate) async fn put(&self, tx: &Tx, bucket: &str, key: &str) -> Result<(), StoreError> {
        if let Some(former) = Self::find(tx, bucket, key).await? {
            discard(tx, &former.pieces)?;
        }
        name(tx, &self.pieces)?;
        OBJECTS.put(tx, &[bucket, key], self)
    }

    /// Removes the object; whether there was one.
    pub(crate) async fn remove(tx: &Tx, bucket: &str, key: &str) -> Result<bool, StoreError> {
        let Some(former) = Self::find(tx, bucket, key).await? else { return Ok(false) };
        discard(tx, &former.pieces)?;
        OBJECTS.delete(tx, &[bucket, key]);
        Ok(true)
    }
}

/// Says that rows name these blobs.
pub(crate) fn name(tx: &Tx, pieces: &[Piece]) -> Result<(), StoreError> {
    pieces.iter().try_for_each(|piece| NAMED.put(tx, &[&piece.blob], &()))
}

/// Says that no row names these blobs any more.
pub(crate) fn discard(tx: &Tx, pieces: &[Piece]) -> Result<(), StoreError> {
    let due = due_part(after(tx.now(), GRACE).into());
    pieces.iter().try_for_each(|piece| GARBAGE.put(tx, &[&due, &piece.blob], &()))
}

/// A part's number as a part of its key.
pub(crate) fn part_number(number: u16) -> String {
    format!("{number:05}")
}

/// A time as a part of a key that sorts by it.
pub(crate) fn due_part(time: Timestamp) -> String {
    format!("{:020}", time.as_millis().max(0))
}
