//! Spools what trails take.

use std::collections::BTreeMap;

use keeptrail_jobs::{JobError, Parsed, Reader};
use keeptrail_store::Tx;

use super::{
    super::taking::Sets,
    batch::{Batch, OPEN, missing, unpack},
};
use crate::model::{Trail, save_account};

/// Unless told otherwise, a file holds no more than about so many bytes of records (AWS: up to 50 MB uncompressed).
const FULL: usize = 32 << 20;
/// A chunk is closed when it has so many bytes: what is unpacked at once.
const CHUNK: usize = 256 << 10;
/// A chunk with fewer bytes takes more records later.
const SMALL: usize = 16 << 10;

/// The reader: decides which trail takes a record, by the trails as they are in the transaction of its cursor.
pub struct LogFileReader {
    full: usize,
}

impl Default for LogFileReader {
    fn default() -> Self {
        Self { full: FULL }
    }
}

impl LogFileReader {
    /// A reader whose files hold no more than about so many bytes of records.
    #[must_use]
    pub fn with_file_size(bytes: usize) -> Self {
        Self { full: bytes }
    }
}

#[async_trait::async_trait]
impl Reader for LogFileReader {
    fn name(&self) -> &'static str {
        "trail.files"
    }

    async fn apply(&self, tx: &Tx, records: &[Parsed<'_>]) -> Result<(), JobError> {
        let sets = Sets::load(tx, records).await?;
        // By trail and region: one batch each.
        let mut taken: BTreeMap<(&str, &str), (&Trail, Vec<&Parsed<'_>>)> = BTreeMap::new();
        for record in records {
            let Some(set) = sets.of(record) else { continue };
            for trail in set.taking().filter(|trail| trail.takes(record)) {
                let place = (trail.id.as_str(), record.member("awsRegion"));
                taken.entry(place).or_insert_with(|| (trail, Vec::new())).1.push(record);
            }
        }
        for ((_, region), (trail, records)) in &taken {
            spool(tx, trail, region, records, self.full).await?;
        }
        let read_up_to = records.last().and_then(|record| record.time);
        let Some(read_up_to) = read_up_to else { return Ok(()) };
        for (account, set) in sets.all().filter(|(_, set)| !set.closing.is_empty()) {
            let mut set = set.clone();
            if set.forget(read_up_to) {
                save_account(tx, account, &set)?;
            }
        }
        Ok(())
    }
}

/// Puts records into the trail's open batch.
async fn spool(tx: &Tx, trail: &Trail, region: &str, records: &[&Parsed<'_>], full: usize) -> Result<(), JobError> {
    let place = [trail.id.as_str(), region];
    let mut open = OPEN.get(tx, &place).await?.map(|batch| Batch::clone(&batch));
    let mut chunk = match &open {
        Some(batch) if batch.loose > 0 => {
            unpack(tx.get(&batch.chunk_key(batch.chunks)).await?.ok_or_else(missing)?.bytes())?
        }
        _ => Vec::new(),
    };
    for record in records {
        let batch = open.get_or_insert_with(|| Batch::new(trail, region, record.seq, tx.now()));
        if !chunk.is_empty() {
            chunk.push(b',');
        }
        chunk.extend_from_slice(record.text.as_bytes());
        note(batch, record);
        if chunk.len() >= CHUNK {
            close(tx, batch, &mut chunk);
        }
        if batch.bytes >= full
            && let Some(mut batch) = open.take()
        {
            if !chunk.is_empty() {
                close(tx, &mut batch, &mut chunk);
            }
            batch.seal(tx)?;
        }
    }
    let Some(mut batch) = open else { return Ok(()) };
    if chunk.len() >= SMALL {
        close(tx, &mut batch, &mut chunk);
    } else if !chunk.is_empty() {
        batch.loose = chunk.len();
        batch.put_chunk(tx, batch.chunks, &chunk);
    }
    OPEN.put(tx, &place, &batch)?;
    Ok(())
}

fn note(batch: &mut Batch, record: &Parsed<'_>) {
    let time = record.member("eventTime");
    if batch.records == 0 {
        time.clone_into(&mut batch.from);
    }
    time.clone_into(&mut batch.to);
    batch.last = record.seq;
    batch.records += 1;
    batch.bytes += record.text.len();
}

fn close(tx: &Tx, batch: &mut Batch, chunk: &mut Vec<u8>) {
    batch.packed += batch.put_chunk(tx, batch.chunks, chunk);
    (batch.chunks, batch.loose) = (batch.chunks + 1, 0);
    chunk.clear();
}
