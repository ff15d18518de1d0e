//! Lets go, loudly, of what no bucket took.

use std::time::Duration;

use keeptrail_clock::{Random, Timestamp, before};
use keeptrail_jobs::JobError;
use keeptrail_journal::Ledger;
use keeptrail_record::{Category, EventType, Record, UserIdentity};
use keeptrail_store::Tx;
use serde_json::json;

use super::batch::{Batch, SEALED};

/// "CloudTrail will attempt to redeliver the log files to your S3 bucket for 30 days."
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// A trail whose bucket cannot be written keeps no more than so many bytes, as they are stored.
const MOST_BYTES: usize = 1 << 30;
const SERVICE: &str = "cloudtrail.amazonaws.com";

/// Gives up the oldest batches of a trail that are too old or too many, with a record that tells which entries of the
/// journal are in no log file.
pub(super) async fn trim(ledger: &Ledger, random: &Random, trail: &str, now: Timestamp) -> Result<(), JobError> {
    let mut waiting = SEALED.all(&ledger.begin(), &[trail]).await?;
    waiting.sort_by_key(|(_, batch)| std::cmp::Reverse(batch.last));
    let mut bytes: usize = 0;
    for (_, batch) in waiting {
        bytes = bytes.saturating_add(batch.packed);
        let reason = if batch.sealed.is_some_and(|sealed| sealed < before(now, KEPT)) {
            "it could not be delivered for 30 days"
        } else if bytes > MOST_BYTES {
            "more than 1 GiB waited to be delivered"
        } else {
            continue;
        };
        let tx = ledger.begin();
        batch.delete(&tx);
        record(&tx, random, &batch, reason)?;
        ledger.commit(tx).await?;
        tracing::error!(
            trail = batch.trail_arn,
            bucket = batch.destination.bucket,
            records = batch.records,
            from = batch.from,
            to = batch.to,
            reason,
            "records were given up that no log file holds"
        );
        metrics::counter!("keeptrail_trail_records_given_up_total").increment(batch.records as u64);
    }
    Ok(())
}

/// A service event of our own.
fn record(tx: &Tx, random: &Random, batch: &Batch, reason: &str) -> Result<(), JobError> {
    let event_id = random.uuid()?;
    let bytes = Record {
        user_identity: &UserIdentity::service_event(&batch.account, SERVICE),
        event_time: tx.now(),
        event_source: SERVICE,
        event_name: "LogFileGivenUp",
        aws_region: &batch.region,
        source_ip_address: SERVICE,
        user_agent: Some(SERVICE),
        error: None,
        request_parameters: None,
        response_elements: None,
        additional_event_data: Some(json!({
            "trailARN": batch.trail_arn,
            "s3Bucket": batch.destination.bucket,
            "s3ObjectKey": batch.file_key(),
            "firstSequenceNumber": batch.first,
            "lastSequenceNumber": batch.last,
            "oldestEventTime": batch.from,
            "newestEventTime": batch.to,
            "records": batch.records,
            "reason": reason,
        })),
        request_id: None,
        event_id: &event_id,
        read_only: false,
        resources: Vec::new(),
        event_type: EventType::AwsServiceEvent,
        api_version: None,
        recipient_account_id: &batch.account,
        shared_event_id: None,
        category: Category::Management,
        tls_details: None,
    }
    .to_json()
    .map_err(JobError::failed)?;
    tx.record(event_id, bytes);
    Ok(())
}
