//! The content of a log file: `{"Records":[…]}` of the records, verbatim, as one gzip stream.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use keeptrail_jobs::JobError;
use keeptrail_store::{Scan, Tx};

use super::batch::{Batch, missing, unpack};

/// So many chunks are in memory at once, a few MiB.
const PAGE: usize = 16;

/// Makes the content of a sealed batch, which is the same whenever it is made.
pub(super) async fn body(tx: &Tx, batch: &Batch) -> Result<Bytes, JobError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(b"{\"Records\":[").map_err(JobError::failed)?;
    let (mut next, mut read) = (batch.chunk_key(0), 0);
    let end = batch.chunk_key(batch.chunks);
    while read < batch.chunks {
        let page = tx.peek_scan(&Scan { from: next.clone(), to: end.clone(), limit: PAGE, reverse: false }).await?;
        let Some((last, _)) = page.last() else { return Err(missing().into()) };
        next = last.next();
        let first = read == 0;
        read += page.len() as u64;
        // A second of compression must not hold up the calls.
        let work = move || -> Result<_, JobError> {
            for (index, (_, chunk)) in page.iter().enumerate() {
                if !(first && index == 0) {
                    encoder.write_all(b",").map_err(JobError::failed)?;
                }
                encoder.write_all(&unpack(chunk.bytes())?).map_err(JobError::failed)?;
            }
            Ok(encoder)
        };
        encoder = tokio::task::spawn_blocking(work).await.map_err(JobError::failed)??;
    }
    encoder.write_all(b"]}").map_err(JobError::failed)?;
    Ok(Bytes::from(encoder.finish().map_err(JobError::failed)?))
}
