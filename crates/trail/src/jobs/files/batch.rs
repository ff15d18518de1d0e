//! Batches: what becomes one log file.

use aws_lc_rs::digest;
use bytes::Bytes;
use keeptrail_clock::Timestamp;
use keeptrail_store::{Key, StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::model::Trail;

/// The batch that takes records, by trail id and region.
pub(super) const OPEN: Table<Batch> = Table::new("trail.open-batch");
/// Batches that wait to be written, by trail id, region and first sequence number.
pub(super) const SEALED: Table<Batch> = Table::new("trail.sealed-batch");

/// The records of batches, by trail id, region, first sequence number of the batch, number of the chunk.
const SPOOL: &str = "trail.spool";
const SUFFIX_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Where a file goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Destination {
    pub(super) bucket: String,
    /// With the slash at its end, unless it is empty.
    pub(super) prefix: String,
    /// The ARN of the topic that is told.
    pub(super) topic: Option<String>,
}

impl Destination {
    pub(super) fn of(trail: &Trail) -> Self {
        Self {
            bucket: trail.bucket.clone(),
            prefix: trail.key_prefix(),
            topic: trail.topic.as_ref().map(|topic| topic.arn.clone()),
        }
    }
}

/// Records of one trail and region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Batch {
    /// The trail's id.
    pub(super) trail: String,
    pub(super) trail_arn: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) destination: Destination,
    /// Sequence numbers in the journal of the first and the last record.
    pub(super) first: u64,
    pub(super) last: u64,
    /// `eventTime` of the first and the last record.
    pub(super) from: String,
    pub(super) to: String,
    pub(super) records: usize,
    /// Bytes of the records, and of their closed chunks as they are stored.
    pub(super) bytes: usize,
    pub(super) packed: usize,
    /// Closed chunks; one that is `loose`, with so many bytes, may follow and takes more.
    pub(super) chunks: u64,
    pub(super) loose: usize,
    pub(super) begun: Timestamp,
    /// When it was sealed: the time in the file's name.
    pub(super) sealed: Option<Timestamp>,
}

impl Batch {
    pub(super) fn new(trail: &Trail, region: &str, first: u64, begun: Timestamp) -> Self {
        Self {
            trail: trail.id.clone(),
            trail_arn: trail.arn.clone(),
            account: trail.account.clone(),
            region: region.to_owned(),
            destination: Destination::of(trail),
            first,
            last: first,
            from: String::new(),
            to: String::new(),
            records: 0,
            bytes: 0,
            packed: 0,
            chunks: 0,
            loose: 0,
            begun,
            sealed: None,
        }
    }

    /// Takes no more records: the next file will hold these.
    pub(super) fn seal(mut self, tx: &Tx) -> Result<(), StoreError> {
        if self.loose > 0 {
            (self.chunks, self.loose) = (self.chunks + 1, 0);
        }
        self.sealed = Some(tx.now());
        OPEN.delete(tx, &[&self.trail, &self.region]);
        self.save(tx)
    }

    /// Writes the row of a sealed batch.
    pub(super) fn save(&self, tx: &Tx) -> Result<(), StoreError> {
        SEALED.put(tx, &[&self.trail, &self.region, &self.number()], self)
    }

    /// Deletes a sealed batch with its records.
    pub(super) fn delete(&self, tx: &Tx) {
        SEALED.delete(tx, &[&self.trail, &self.region, &self.number()]);
        for chunk in 0..self.chunks {
            tx.delete(self.chunk_key(chunk));
        }
    }

    fn number(&self) -> String {
        format!("{:020}", self.first)
    }

    pub(super) fn chunk_key(&self, chunk: u64) -> Key {
        Key::of(&[SPOOL, &self.trail, &self.region]).number(self.first).number(chunk)
    }

    /// Writes a chunk; its length as it is stored.
    pub(super) fn put_chunk(&self, tx: &Tx, chunk: u64, records: &[u8]) -> usize {
        let packed = Bytes::from(lz4_flex::compress_prepend_size(records));
        let length = packed.len();
        tx.put(self.chunk_key(chunk), packed);
        length
    }

    /// The file's key ("CloudTrail log file name format" in the user guide). It follows from the batch.
    pub(super) fn file_key(&self) -> String {
        let Self { account, region, .. } = self;
        let at = self.sealed.unwrap_or(self.begun);
        let day = at.strftime("%Y/%m/%d");
        let stamp = at.strftime("%Y%m%dT%H%MZ");
        let suffix = suffix(&format!("{}\n{}\n{region}\n{}", self.trail_arn, self.trail, self.first));
        format!(
            "{}AWSLogs/{account}/CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{stamp}_{suffix}.json.gz",
            self.destination.prefix
        )
    }
}

/// The records of a chunk.
pub(super) fn unpack(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    lz4_flex::decompress_size_prepended(packed)
        .map_err(|error| StoreError::Corrupt { table: SPOOL, reason: error.to_string() })
}

/// A chunk that should be there is not.
pub(super) fn missing() -> StoreError {
    StoreError::Corrupt { table: SPOOL, reason: "records of a batch are gone".to_owned() }
}

/// 16 letters and digits that follow from `text`.
fn suffix(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let letters =
        hash.as_ref().iter().take(16).filter_map(|byte| SUFFIX_LETTERS.get(usize::from(*byte) % SUFFIX_LETTERS.len()));
    letters.map(|letter| char::from(*letter)).collect()
}
